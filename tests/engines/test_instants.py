"""Points in time that a query writes, as instants. Facts: Splunk's Search Reference, "Time modifiers"; Kusto's
reference, "The datetime data type" and "The timespan data type"."""

from __future__ import annotations

import time

import pytest

from rulescope.engines.options import Options
from rulescope.engines.sql.relational.moments import parse_moment, parse_span
from rulescope.engines.sql.times import instant_of
from rulescope.errors import Refusal
from rulescope.languages.spl.times import written_time

# 2024-05-01T12:34:56Z, a Wednesday
NOW = 1_714_566_896.0
NOON = 1_714_564_800.0
MIDNIGHT = 1_714_521_600.0


def instant(text: str, time_zone: str = "UTC") -> float | None:
    return instant_of(written_time(text), Options(now=NOW, time_zone=time_zone))


@pytest.mark.parametrize(
    ("text", "time_zone", "expected"),
    [
        ("1714564800", "UTC", NOON),
        ("now", "UTC", NOW),
        ("-60s", "UTC", NOW - 60),
        ("@h", "UTC", NOON),
        ("-1h@h", "UTC", NOON - 3600),
        ("@d", "UTC", MIDNIGHT),
        # In Berlin, two hours ahead in May, the day began two hours earlier.
        ("@d", "Europe/Berlin", MIDNIGHT - 7200),
        ("@d+6h", "UTC", MIDNIGHT + 6 * 3600),
        # Sunday the 28th, Monday the 29th of April.
        ("@w0", "UTC", MIDNIGHT - 3 * 86400),
        ("@w1", "UTC", MIDNIGHT - 2 * 86400),
        ("@mon", "UTC", MIDNIGHT),
        ("05/01/2024:12:00:00", "UTC", NOON),
        ("05/01/2024:12:00:00", "Europe/Berlin", NOON - 7200),
    ],
)
def test_a_time_is_an_instant(text: str, time_zone: str, expected: float) -> None:
    assert instant(text, time_zone) == expected


@pytest.mark.parametrize("text", ["", "0"])
def test_a_bound_that_is_open_is_no_instant(text: str) -> None:
    assert instant(text) is None


@pytest.mark.parametrize("text", ["-5 bananas", "-9999999y"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(Refusal) as refusal:
        instant(text)
    assert refusal.value.code == "RUN036"
    assert f"'{text}'" in refusal.value.message


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-05-01T12:00:00Z", NOON),
        ("2024-05-01T14:00:00+02:00", NOON),
        ("2024-05-01 12:00:00", NOON),
        ("2024-05-01T12:00:00.1234567Z", NOON + 0.123456),
        ("2024-05-01", MIDNIGHT),
        ("Wed, 1 May 24 12:00:00 GMT", NOON),
        ("1 May 24 12:00", NOON),
        ("no time", None),
    ],
)
def test_a_written_moment_is_in_utc_unless_it_says_otherwise(text: str, expected: float | None) -> None:
    assert parse_moment(text) == pytest.approx(expected, abs=1e-6)


def test_a_written_moment_is_not_in_the_zone_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Asia/Tokyo")
        time.tzset()
        found = parse_moment("2024-05-01 12:00:00")
    time.tzset()
    assert found == NOON


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2d", 172800),
        ("1.5h", 5400),
        (" 30M ", 1800),
        ("10s", 10),
        ("100ms", 0.1),
        ("10 ticks", 1e-6),
        ("1tick", 1e-7),
        ("00:05:07", 307),
        ("1.02:03:04", 93784),
        ("-00:01:00.5", -60.5),
        # A bare number is days.
        ("2", 172800),
        ("-1", -86400),
        ("5 parsecs", None),
        ("3parsecs", None),
    ],
)
def test_a_written_span_is_seconds(text: str, expected: float | None) -> None:
    assert parse_span(text) == (None if expected is None else pytest.approx(expected))
