"""Points in time: out of texts, and the borders of hours, days, weeks and months in UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from rulescope.engines.reference.values import Moment, number

_WRITTEN = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?)?(Z|[+-]\d{2}:?\d{2})?")
_WIDTHS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 604800}


def moment_of_text(written: str) -> Moment | None:
    """The time that an ISO 8601 text says, UTC where it says no zone; a number is seconds since 1970."""
    seconds = number(written)
    if seconds is not None:
        return Moment(seconds)
    if not _WRITTEN.fullmatch(written.strip()):
        return None
    try:
        read = datetime.fromisoformat(written.strip())
    except ValueError:
        return None
    return Moment((read if read.tzinfo is not None else read.replace(tzinfo=UTC)).timestamp())


def calendar(moment: Moment) -> datetime:
    """The moment as a date and time in UTC."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=moment.seconds)


def floor_to(moment: Moment, part: str, *, week_begins: int = 0) -> Moment:
    """The begin of the second, minute, hour, day, week (0: Monday, 6: Sunday), month, quarter or year."""
    at = calendar(moment)
    if part in ("second", "minute", "hour", "day"):
        return Moment(moment.seconds // _WIDTHS[part] * _WIDTHS[part])
    day = at.replace(hour=0, minute=0, second=0, microsecond=0)
    if part == "week":
        return Moment((day - timedelta(days=(at.weekday() - week_begins) % 7)).timestamp())
    month = {"month": at.month, "quarter": (at.month - 1) // 3 * 3 + 1, "year": 1}[part]
    return Moment(day.replace(month=month, day=1).timestamp())


def borders_between(part: str, first: Moment, second: Moment, *, week_begins: int = 0) -> int:
    """How many borders of the part lie between two moments, the second being the later."""
    start, end = floor_to(first, part, week_begins=week_begins), floor_to(second, part, week_begins=week_begins)
    if part in _WIDTHS:
        return round((end.seconds - start.seconds) / _WIDTHS[part])
    one, other = calendar(start), calendar(end)
    months = (other.year - one.year) * 12 + other.month - one.month
    return {"month": months, "quarter": months // 3, "year": other.year - one.year}[part]


def moved(moment: Moment, part: str, count: int) -> Moment:
    """The moment so many parts later; a day that the month lacks is its last one."""
    if part in _WIDTHS:
        return Moment(moment.seconds + _WIDTHS[part] * count)
    at = calendar(moment)
    months = at.year * 12 + at.month - 1 + count * {"month": 1, "quarter": 3, "year": 12}[part]
    year, month = divmod(months, 12)
    following = datetime(year + (month == 11), (month + 1) % 12 + 1, 1, tzinfo=UTC)
    last = (following - timedelta(days=1)).day
    return Moment(at.replace(year=year, month=month + 1, day=min(at.day, last)).timestamp())
