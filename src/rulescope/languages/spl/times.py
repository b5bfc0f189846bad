"""Points in time as searches write them: relative ones with snapping, epoch seconds, dates.

Splunk, Search Reference, "Time modifiers": units, snap-to units, the order of offset and snap.
"""

from __future__ import annotations

import re
from datetime import datetime

from rulescope.ir.times import (
    Instant,
    LocalTime,
    OpenTime,
    RangeEdge,
    RelativeTime,
    Shift,
    Snap,
    TimeValue,
    WrittenTime,
    relative_steps,
)
from rulescope.languages.spl.arguments import ArgumentReader

_EPOCH = re.compile(r"\d+(?:\.\d+)?")
_DAYS = re.compile(r"[-+]?\d{1,5}")
_FORMATS = (
    "%m/%d/%Y:%H:%M:%S",
    "%m/%d/%Y:%H:%M:%S.%f",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y:%H:%M",
    "%m/%d/%Y",
    "%m/%d/%y:%H:%M:%S",
    "%m/%d/%y",
    "%Y-%m-%dT%H:%M:%S.%f%z",
    "%Y-%m-%dT%H:%M:%S%z",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d",
)


def read_time(text: str) -> TimeValue | None:
    """The value of a time, such as `-24h@h`, `now`, `0` (open), epoch seconds or a date; None where it is none."""
    written = text.strip().strip('"')
    if written in {"", "0", "all"}:
        return OpenTime()
    if written.lower() == "now()":
        return RelativeTime()
    if _EPOCH.fullmatch(written):
        return Instant(float(written))
    steps = relative_steps(written)
    return RelativeTime(steps) if steps is not None else _date(written)


def _date(written: str) -> TimeValue | None:
    for pattern in _FORMATS:
        try:
            found = datetime.strptime(written, pattern)
        except ValueError:
            continue
        return Instant(found.timestamp()) if found.tzinfo else LocalTime(found.isoformat())
    return None


def written_time(text: str) -> WrittenTime:
    """A time with what was written."""
    return WrittenTime(text, read_time(text))


def aligned_time(text: str) -> WrittenTime:
    """A time that intervals are aligned with: `earliest` and `latest` are the ends of the search's range."""
    edge = {"earliest": RangeEdge(), "latest": RangeEdge(last=True)}.get(text.lower())
    return WrittenTime(text, edge if edge is not None else read_time(text))


def aligned_time_option(arguments: ArgumentReader) -> WrittenTime:
    """An option's value as a time that intervals are aligned with."""
    return aligned_time(arguments.text_value())


def day_or_time(text: str) -> WrittenTime:
    """A time that may be a number of days from this midnight on (`-7`)."""
    if _DAYS.fullmatch(text):
        return WrittenTime(text, RelativeTime((Snap("d"), Shift(int(text), "d"))))
    return written_time(text)
