"""Date math of Elasticsearch. Expected values are by its reference, "Common options", Date math."""

from __future__ import annotations

import pytest

from rulescope.corpus.date_math import read_date_math
from rulescope.ir.times import Instant, RelativeTime, Shift, Snap, TimeValue


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("now", RelativeTime()),
        ("now-9m", RelativeTime((Shift(-9, "m"),))),
        ("now-1M/M", RelativeTime((Shift(-1, "mon"), Snap("mon")))),
        ("now/w", RelativeTime((Snap("w", 1),))),
        ("now+1y-2H", RelativeTime((Shift(1, "y"), Shift(-2, "h")))),
        ("2024-05-01T00:00:00Z", Instant(1_714_521_600.0)),
        ("2024-05-01", Instant(1_714_521_600.0)),
        ("2024-05-01||-1d", None),
    ],
)
def test_times(text: str, value: TimeValue | None) -> None:
    found = read_date_math(text)
    assert found is not None
    assert (found.text, found.value) == (text, value)


@pytest.mark.parametrize("text", ["", "9m", "now-9", "now-9x", "now -9m", "yesterday", "2024-13-01", "now-1d/"])
def test_what_is_no_time(text: str) -> None:
    assert read_date_math(text) is None
