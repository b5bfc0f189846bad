"""Which bounds of time no event meets, told from the tree and the times of the events alone."""

from __future__ import annotations

import pytest

from rulescope import ir
from rulescope.engines.sql.context import Options
from rulescope.hunt.table_binding import bind_tables
from rulescope.hunt.time_ranges import has_range, unmet_ranges
from rulescope.knowledge.log_tables import log_tables
from rulescope.languages.registry import parser_of
from rulescope.languages.spl import parse_search
from rulescope.text import Diagnostic, Source

NOW = Options(now=1000.0, time_zone="UTC")
TIMES = (100.0, 200.0)
"""Of the oldest and the newest event."""
LATE = "it begins at 1970-01-01T00:03:21, and the newest event is of 1970-01-01T00:03:20"


def unmet(text: str, options: Options = NOW, times: tuple[float, float] | None = TIMES) -> list[Diagnostic]:
    return unmet_ranges(parse_search(text).expanded, options, times)


@pytest.mark.parametrize(
    ("bounds", "message"),
    [
        ("earliest=200", None),
        ("earliest=201", f"'earliest=201': {LATE}"),
        ("starttime=201", f"'starttime=201': {LATE}"),
        ("latest=101", None),
        ("latest=100", "'latest=100': it ends at 1970-01-01T00:01:40, and the oldest event is of 1970-01-01T00:01:40"),
        ("endtime=99", "'endtime=99': it ends at 1970-01-01T00:01:39, and the oldest event is of 1970-01-01T00:01:40"),
        ("earliest=0", None),
        ("_index_earliest=201", None),
        ("earliest=-20m latest=now", None),
    ],
)
def test_the_earliest_time_belongs_to_a_range_and_the_latest_does_not(bounds: str, message: str | None) -> None:
    wanted = [] if message is None else [("RUN110", "warning", f"no event meets {message}", None)]
    assert [(one.code, one.severity, one.message, one.hint) for one in unmet(f"a=* {bounds}")] == wanted


@pytest.mark.parametrize(
    ("bounds", "clock"),
    [
        ("earliest=-10s", "1970-01-01T00:03:21"),
        ("earliest=-10s latest=now", "1970-01-01T00:03:21"),
        # The newest event is the last but one second of the fourth minute: it ends at 00:04:00.
        ("earliest=-1m@m latest=@m", "1970-01-01T00:04:03"),
        ("earliest=-1s latest=+0s", "1970-01-01T00:03:21"),
        # Of the bound a day later: the clock goes a day on.
        ("earliest=-2d latest=-1d", "1970-01-02T00:03:21"),
    ],
)
def test_the_hint_names_a_clock_by_which_the_newest_event_is_in_the_range(bounds: str, clock: str) -> None:
    (found,) = [one for one in unmet(f"a=* {bounds}", Options(now=1e9)) if one.hint]
    assert found.hint == (
        f"relative times count from the clock, unless --now gives another time: --now {clock} for these logs"
    )


def test_no_clock_is_named_where_none_would_do() -> None:
    (found,) = unmet("a=* earliest=+1h")
    assert found.hint == "relative times count from the clock, unless --now gives another time"
    (absolute,) = unmet("a=* earliest=500")
    assert absolute.hint is None


def test_bounds_of_other_stages_give_no_clock_to_one() -> None:
    found = unmet("a=* earliest=-10s | append [search b=* latest=-1d]", Options(now=1000.0))
    assert [one.hint and one.hint.split("--now ")[-1] for one in found] == [
        "1970-01-01T00:03:21 for these logs",
        None,
    ]


def test_bounds_of_the_whole_search() -> None:
    assert unmet("a=*", Options(now=1000.0, earliest=200.0, latest=101.0)) == []
    found = unmet("a=*", Options(now=1000.0, earliest=201.0))
    assert [(one.message, one.hint) for one in found] == [
        (
            "no event meets '--earliest': it begins at 1970-01-01T00:03:21, and the newest event is of"
            " 1970-01-01T00:03:20",
            "relative times count from the clock, unless --now gives another time",
        )
    ]
    (last,) = unmet("a=*", Options(now=1000.0, latest=100.0))
    assert last.message.startswith("no event meets '--latest': it ends at 1970-01-01T00:01:40")
    assert last.hint is None


def test_events_without_a_time_meet_no_bound() -> None:
    found = unmet("a=* earliest=-1h latest=100", times=None)
    assert [(one.message, one.hint) for one in found] == [
        ("no event meets 'earliest=-1h': none has a time", None),
        ("no event meets 'latest=100': none has a time", None),
    ]


def test_what_has_a_range() -> None:
    assert has_range(parse_search("a=* earliest=-1h").expanded, NOW)
    assert not has_range(parse_search("a=*").expanded, NOW)
    assert has_range(parse_search("a=*").expanded, Options(now=0.0, latest=5.0))
    assert has_range(parse_search("a=*").expanded, Options(now=0.0, earliest=5.0))


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ("Timestamp > ago(10s)", "no event meets 'Timestamp > ago(…)': it begins at 1970-01-01T00:16:30"),
        ("Timestamp >= ago(800s)", None),
        ("Timestamp > ago(1h)", None),
        ("Timestamp < ago(900s)", "no event meets 'Timestamp < ago(…)': it ends at 1970-01-01T00:01:40"),
        ("Timestamp <= datetime(1970-01-01T00:01:00Z)", "no event meets 'Timestamp <= datetime(…)': it ends at"),
        ("Timestamp == ago(10s)", None),
        ("FileName > ago(10s)", None),
    ],
)
def test_bounds_on_a_column_of_time(condition: str, message: str | None) -> None:
    parsed = parser_of("kusto")(Source(f"DeviceProcessEvents | where {condition}"), None)
    pipeline: ir.Pipeline = bind_tables(parsed.expanded, "kusto", log_tables().find)
    found = unmet_ranges(pipeline, NOW, TIMES)
    assert len(found) == (message is not None)
    assert not found or found[0].message.startswith(message or "")
