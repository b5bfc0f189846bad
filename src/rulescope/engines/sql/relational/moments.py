"""Dates, times and spans of time as queries write them. Sources: "The datetime data type" and "The timespan data type"
of Kusto's reference, "Date & time data types" of Snowflake's."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from rulescope import ir
from rulescope.engines.sql.context import Options

_FRACTION = re.compile(r"(\.\d{6})\d+")
_SPAN = re.compile(r"(-?\d+(?:\.\d+)?)\s*([a-z]+)")
_CLOCK = re.compile(r"(-?)(?:(\d+)\.)?(\d{1,2}):(\d{2})(?::(\d{2}(?:\.\d+)?))?")
_UNITS = {
    **dict.fromkeys(("d", "day", "days"), 86400.0),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), 3600.0),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), 60.0),
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), 1.0),
    **dict.fromkeys(("ms", "milli", "millis", "millisec", "millisecond", "milliseconds"), 1e-3),
    **dict.fromkeys(("micro", "micros", "microsec", "microsecond", "microseconds"), 1e-6),
    **dict.fromkeys(("tick", "ticks"), 1e-7),
}
FORMATS = (
    "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d", "%Y, %m, %d", "%d %b %y %H:%M:%S", "%d %b %y %H:%M",
    "%d %b %Y %H:%M:%S", "%d %b %Y %H:%M", "%d-%b-%y %H:%M:%S", "%d-%b-%y %H:%M", "%m/%d/%Y, %I:%M:%S.%f %p",
    "%m/%d/%Y, %I:%M:%S %p", "%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M", "%m/%d/%Y", "%Y-%m", "%Y",
)  # fmt: skip
"""Forms of dates and times beside ISO 8601, a weekday in front and a zone behind left out: those that Kusto's reference
lists (RFC 822, RFC 850, sortable), and what its portal exports."""
AROUND = r"^[A-Za-z]+, | (GMT|UTC|Z)$"
"""What may stand around a date and time and says nothing more of it."""


def parse_moment(text: str) -> float | None:
    """Epoch seconds of a date and time; UTC where it names no zone. None where it is none."""
    written = re.sub(AROUND, "", _FRACTION.sub(r"\1", text.strip()))
    try:
        found = datetime.fromisoformat(written)
    except ValueError:
        for pattern in FORMATS:
            try:
                found = datetime.strptime(written, pattern)
                break
            except ValueError:
                continue
        else:
            return None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def parse_span(text: str) -> float | None:
    """The seconds of a span of time such as `1d`, `2.5h`, `00:05:00` or `1.12:00:00`; None where it is none."""
    written = text.strip().lower()
    found = _SPAN.fullmatch(written)
    if found is not None:
        unit = _UNITS.get(found[2])
        return float(found[1]) * unit if unit is not None else None
    clock = _CLOCK.fullmatch(written)
    if clock is not None:
        sign, days, hours, minutes, seconds = clock.groups()
        total = int(days or 0) * 86400 + int(hours) * 3600 + int(minutes) * 60 + float(seconds or 0)
        return -total if sign else total
    return float(written) * 86400 if re.fullmatch(r"-?\d+", written) else None


_NOW = frozenset({"now", "sysdate", "current_timestamp", "getdate", "systimestamp", "localtimestamp"})


def constant_moment(expression: ir.Expression, options: Options) -> float | None:
    """When a point in time is that is told from the time of the search alone, such as `ago(7d)` or
    `dateadd(hour, -2, sysdate())`; None for anything else."""
    match expression:
        case ir.Call("ago", (span,)):
            seconds = _seconds(span)
            return None if seconds is None else options.now - seconds
        case ir.Call("dateadd", (ir.Constant(str() as unit), amount, start)):
            begin, count = constant_moment(start, options), _whole(amount)
            seconds = parse_span(f"1{unit.lower()}")
            return None if begin is None or count is None or seconds is None else begin + count * seconds
        case ir.Call(name, ()) if name in _NOW:
            return options.now
        case ir.Call("datetime", (ir.Constant(str() as text),)):
            return parse_moment(text)
    return None


def _seconds(expression: ir.Expression) -> float | None:
    match expression:
        case ir.Call("timespan", (ir.Constant(str() as text),)):
            return parse_span(text)
    return None


def _whole(expression: ir.Expression) -> float | None:
    match expression:
        case ir.Constant(int() | float() as value):
            return float(value)
        case ir.Unary("-", ir.Constant(int() | float() as value)):
            return -float(value)
    return None
