"""Points in time as searches write them: relative modifiers with snapping, epoch seconds, dates.

Splunk, Search Reference, "Time modifiers": units, snap-to units, the order of offset and snap.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from rulescope.engines.sql.context import Options
from rulescope.errors import Refusal, UsageError
from rulescope.text import NO_SPAN, Span, nearest_name

_UNITS = {
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), "s"),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), "m"),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), "h"),
    **dict.fromkeys(("d", "day", "days"), "d"),
    **dict.fromkeys(("w", "week", "weeks"), "w"),
    **dict.fromkeys(("mon", "month", "months"), "mon"),
    **dict.fromkeys(("q", "qtr", "qtrs", "quarter", "quarters"), "q"),
    **dict.fromkeys(("y", "yr", "yrs", "year", "years"), "y"),
    "us": "us",
    "ms": "ms",
    "cs": "cs",
    "ds": "ds",
}
_SECONDS = {"us": 1e-6, "ms": 1e-3, "cs": 1e-2, "ds": 1e-1, "s": 1.0, "m": 60.0, "h": 3600.0}
_PART = re.compile(r"\s*(?:([+-]?)(\d*)([a-z]+)|@([a-z]+)([0-7]?))", re.IGNORECASE)
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


def unit_of(name: str) -> str | None:
    """The short name of a unit of time (`hours` is `h`, `month` is `mon`), None where it is none."""
    return _UNITS.get(name.lower())


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


def parse_time(text: str, options: Options, span: Span = NO_SPAN) -> float | None:
    """The instant that a time bound means; None where it is open (`0`, `all`). A refusal where it is no time."""
    written = text.strip().strip('"')
    if written in {"", "0", "all"}:
        return None
    if written.lower() in {"now", "now()"}:
        return options.now
    if re.fullmatch(r"\d+(?:\.\d+)?", written):
        return float(written)
    relative = relative_time(options.now, written, options.time_zone)
    if relative is not None:
        return relative
    for pattern in _FORMATS:
        try:
            found = datetime.strptime(written, pattern)
        except ValueError:
            continue
        return (found if found.tzinfo else found.replace(tzinfo=zone(options.time_zone))).timestamp()
    raise Refusal(f"'{text}' is not a time", span=span, code="RUN036")


def relative_time(epoch: float, modifier: str, time_zone: str = "UTC") -> float | None:
    """`epoch` moved as the modifier says, part by part from the left; None where it is no modifier."""
    position = 0
    written = modifier.strip()
    if written.lower().startswith("now"):
        position = 3
    try:
        moment = datetime.fromtimestamp(epoch, zone(time_zone))
        while position < len(written):
            part = _PART.match(written, position)
            if not part:
                return None
            sign, amount, unit, snap, day = part.groups()
            if snap is not None:
                name = _UNITS.get(snap.lower())
                if name is None or (day and name != "w"):
                    return None
                moment = snap_to(moment, name, int(day or 0))
            else:
                name = _UNITS.get(unit.lower())
                if name is None or (not sign and not amount):
                    return None
                count = int(amount or 1) * (-1 if sign == "-" else 1)
                moment = shift(moment, name, count)
            position = part.end()
    except (OverflowError, ValueError, OSError):
        return None
    return moment.timestamp()


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
