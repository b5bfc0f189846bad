"""What points in time mean (`ir.times`): relative ones with snapping, dates in a time zone.

Splunk, Search Reference, "Time modifiers": units, snap-to units, the order of offset and snap.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from rulescope.engines.sql.context import Options
from rulescope.errors import Refusal, UsageError
from rulescope.ir.times import Instant, LocalTime, OpenTime, RelativeTime, Shift, Snap, WrittenTime, relative_steps
from rulescope.text import NO_SPAN, Span, nearest_name

_SECONDS = {"us": 1e-6, "ms": 1e-3, "cs": 1e-2, "ds": 1e-1, "s": 1.0, "m": 60.0, "h": 3600.0}


@lru_cache(maxsize=64)
def zone(name: str) -> tzinfo:
    """The time zone of an IANA name; a `UsageError`, with the nearest name, where there is none."""
    if name.upper() == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        near = nearest_name(name, available_timezones())
        hint = f"did you mean '{near}'?" if near else "zones have IANA names, such as UTC or Europe/Berlin"
        raise UsageError(f"there is no time zone '{name}'", hint=hint) from error


def instant_of(time: WrittenTime, options: Options, span: Span = NO_SPAN) -> float | None:
    """The instant that a time means; None where it is open. A refusal where it is no time, or beyond all calendars."""
    at: float | None = None
    match time.value:
        case OpenTime():
            return None
        case Instant(epoch=epoch):
            return epoch
        case LocalTime(written=written):
            at = datetime.fromisoformat(written).replace(tzinfo=zone(options.time_zone)).timestamp()
        case RelativeTime(steps=steps):
            at = moved(options.now, steps, options.time_zone)
    if at is None:
        raise Refusal(f"'{time.text}' is not a time", span=span, code="RUN036")
    return at


def relative_time(epoch: float, modifier: str, time_zone: str = "UTC") -> float | None:
    """`epoch` moved as the modifier says; None where it is no modifier."""
    steps = relative_steps(modifier)
    return None if steps is None else moved(epoch, steps, time_zone)


def moved(epoch: float, steps: Sequence[Shift | Snap], time_zone: str = "UTC") -> float | None:
    """`epoch` moved step by step from the left, by the calendar of the zone; None where that leaves the calendar."""
    try:
        moment = datetime.fromtimestamp(epoch, zone(time_zone))
        for step in steps:
            if isinstance(step, Shift):
                moment = shift(moment, step.unit, step.amount)
            else:
                moment = snap_to(moment, step.unit, step.weekday)
        return moment.timestamp()
    except (OverflowError, ValueError, OSError):
        return None


def shift(moment: datetime, unit: str, count: int) -> datetime:
    """The moment `count` units later; days and longer by the calendar, the rest by the clock."""
    if unit in _SECONDS:
        return datetime.fromtimestamp(moment.timestamp() + count * _SECONDS[unit], moment.tzinfo)
    if unit in {"d", "w"}:
        return moment + timedelta(days=count * (7 if unit == "w" else 1))
    months = count * {"mon": 1, "q": 3, "y": 12}[unit]
    index = moment.year * 12 + moment.month - 1 + months
    year, month = divmod(index, 12)
    day = min(moment.day, _days_in(year, month + 1))
    return moment.replace(year=year, month=month + 1, day=day)


def _days_in(year: int, month: int) -> int:
    following = datetime(year + month // 12, month % 12 + 1, 1)
    return (following - timedelta(days=1)).day


def snap_to(moment: datetime, unit: str, weekday: int = 0) -> datetime:
    """The start of the unit that the moment lies in; weeks start on Sunday (0) unless another day is given."""
    moment = moment.replace(microsecond=0) if unit not in {"us", "ms", "cs", "ds"} else moment
    if unit in {"us", "ms", "cs", "ds"}:
        step = {"us": 1, "ms": 1_000, "cs": 10_000, "ds": 100_000}[unit]
        return moment.replace(microsecond=moment.microsecond // step * step)
    if unit == "s":
        return moment
    moment = moment.replace(second=0)
    if unit == "m":
        return moment
    moment = moment.replace(minute=0)
    if unit == "h":
        return moment
    moment = moment.replace(hour=0)
    if unit == "d":
        return moment
    if unit == "w":
        return moment - timedelta(days=(moment.isoweekday() - weekday) % 7)
    moment = moment.replace(day=1)
    if unit == "mon":
        return moment
    if unit == "q":
        return moment.replace(month=(moment.month - 1) // 3 * 3 + 1)
    return moment.replace(month=1)
