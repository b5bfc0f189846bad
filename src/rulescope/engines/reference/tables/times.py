"""Times. Facts: Kusto, "ago()", "bin()", "startofday()", "datetime_diff()" and their like, "The timespan data type";
Snowflake, "Date & time functions"."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from rulescope.engines.reference.common.moments import borders_between, calendar, floor_to, moment_of_text, moved
from rulescope.engines.reference.interpreter import RowCall
from rulescope.engines.reference.meaning import KUSTO, SNOWFLAKE
from rulescope.engines.reference.values import Duration, Moment, number, text
from rulescope.errors import Refusal
from rulescope.ir.stages import Interval

_UNITS = {"d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "": 1.0}
_TIMESPAN = re.compile(r"(\d+(?:\.\d+)?)(d|h|m|s|ms)")
_YEAR_1 = 62135596800.0
"""Seconds from the begin of the year 1 to that of 1970: times are counted from there."""
_SUNDAY = 6


def moment(call: RowCall, index: int) -> Moment | None:
    """An argument as a time. Raises `Refusal` where it is something else."""
    value = call.value(index)
    if value is None or isinstance(value, Moment):
        return value
    if isinstance(value, str) and call.reading.meaning.texts_convert and (found := moment_of_text(value)) is not None:
        return found
    raise call.refuse("the reference has no reading of other values than times")


@KUSTO.function("timespan")
def timespan(call: RowCall) -> Duration:
    """A span of time as it is written."""
    found = _TIMESPAN.fullmatch(text(call.value(0)) or "")
    if found is None:
        raise call.refuse("the reference has no reading of this form")
    return Duration(float(found.group(1)) * _UNITS[found.group(2)])


@KUSTO.function("datetime", "todatetime")
def datetime_of(call: RowCall) -> Moment | None:
    """A time as it is written: ISO 8601, with months and days of one digit, too, or as RFC 822 and 850 have it."""
    value = call.value(0)
    if value is None or isinstance(value, Moment):
        return value
    written = text(value) or ""
    if (parts := re.fullmatch(r"(\d+)\s*,\s*(\d+)\s*,\s*(\d+)", written)) is not None:
        written = "-".join(parts.groups())
    found = moment_of_text(re.sub(r"(?<=-)(\d)(?!\d)", r"0\1", written))
    if found is not None or not re.search("[A-Z][a-z][a-z]", written):
        return found
    try:
        read = parsedate_to_datetime(written)
    except ValueError:
        return None
    return Moment((read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp())


@KUSTO.function("now")
@SNOWFLAKE.function("sysdate", "current_timestamp")
def now(call: RowCall) -> Moment:
    """The time of the query."""
    if len(call):
        raise call.refuse("the reference has no reading of arguments")
    return Moment(call.reading.options.now)


@KUSTO.function("ago")
def ago(call: RowCall) -> Moment:
    """So long before the time of the query."""
    return Moment(call.reading.options.now - call.value(0).seconds)


def width_of(interval: Interval) -> int | float | Duration:
    """The width of a bin as it is written."""
    if interval.unit:
        return Duration(interval.amount * _UNITS[interval.unit])
    return int(interval.amount) if interval.amount.is_integer() else interval.amount


def binned_value(value: Any, width: Any) -> Any:
    """Down to a multiple of the width; multiples of time are counted from the year 1."""
    if value is None:
        return None
    if isinstance(value, Moment) and isinstance(width, Duration):
        since = value.seconds + _YEAR_1
        return Moment(since // width.seconds * width.seconds - _YEAR_1)
    if isinstance(value, Duration) and isinstance(width, Duration):
        return Duration(value.seconds // width.seconds * width.seconds)
    if isinstance(value, int | float) and isinstance(width, int | float):
        return value // width * width
    raise Refusal("the reference has no reading of a bin of such values")


@KUSTO.function("bin", "floor")
def binned(call: RowCall) -> Any:
    """Down to a multiple."""
    return binned_value(call.value(0), call.value(1))


def _borders(part: str) -> None:
    @KUSTO.function(f"startof{part}")
    def start(call: RowCall) -> Any:
        at = moment(call, 0)
        if len(call) > 1:
            raise call.refuse("the reference has no reading of an offset")
        return None if at is None else floor_to(at, part, week_begins=_SUNDAY)

    @KUSTO.function(f"endof{part}")
    def end(call: RowCall) -> Any:
        at = moment(call, 0)
        if len(call) > 1:
            raise call.refuse("the reference has no reading of an offset")
        if at is None:
            return None
        return Moment(moved(floor_to(at, part, week_begins=_SUNDAY), part, 1).seconds - 1e-6)


for _name in ("day", "week", "month", "year"):
    _borders(_name)


@KUSTO.function("dayofweek")
def day_of_week(call: RowCall) -> Any:
    """Days since Sunday, as a span of time."""
    at = moment(call, 0)
    return None if at is None else Duration((calendar(at).weekday() + 1) % 7 * 86400.0)


@KUSTO.function("datetime_diff")
def difference(call: RowCall) -> Any:
    """The borders of a part between two times, the later first."""
    first, second = moment(call, 1), moment(call, 2)
    if first is None or second is None:
        return None
    return borders_between((text(call.value(0)) or "").lower(), second, first, week_begins=_SUNDAY)


_PARTS = {"yyyy": "%Y", "MM": "%m", "dd": "%d", "HH": "%H", "mm": "%M", "ss": "%S"}


@KUSTO.function("format_datetime")
def formatted(call: RowCall) -> Any:
    """A time in a form of parts."""
    at, form = moment(call, 0), text(call.value(1)) or ""
    pieces = re.findall(r"([A-Za-z]+)|([^A-Za-z]+)", form)
    if any(word and word not in _PARTS for word, _ in pieces):
        raise call.refuse("the reference has no reading of this form")
    return "" if at is None else calendar(at).strftime("".join(_PARTS.get(word, other) for word, other in pieces))


def _of_calendar(name: str, part: Callable[[datetime], int]) -> None:
    @KUSTO.function(name)
    def read(call: RowCall) -> Any:
        at = moment(call, 0)
        return None if at is None else part(calendar(at))


_CALENDAR: dict[str, Callable[[datetime], int]] = {
    "year": lambda at: at.year,
    "quarter": lambda at: (at.month - 1) // 3 + 1,
    "month": lambda at: at.month,
    "week_of_year": lambda at: at.isocalendar().week,
    "day": lambda at: at.day,
    "dayofyear": lambda at: at.timetuple().tm_yday,
    "hour": lambda at: at.hour,
    "minute": lambda at: at.minute,
    "second": lambda at: at.second,
}
for _name, _of in (
    ("getyear", "year"), ("getmonth", "month"), ("monthofyear", "month"), ("dayofmonth", "day"),
    ("dayofyear", "dayofyear"), ("hourofday", "hour"), ("week_of_year", "week_of_year"),
):  # fmt: skip
    _of_calendar(_name, _CALENDAR[_of])


@KUSTO.function("datetime_part")
def part_of_calendar(call: RowCall) -> Any:
    """A part of a time as a number."""
    part, at = (text(call.value(0)) or "").lower(), moment(call, 1)
    if part not in _CALENDAR:
        raise call.refuse(f"the reference has no reading of the part '{part}'")
    return None if at is None else _CALENDAR[part](calendar(at))


@KUSTO.function("datetime_add")
def moved_on(call: RowCall) -> Any:
    """A time moved by so many parts."""
    part, count, at = (text(call.value(0)) or "").lower(), call.value(1), moment(call, 2)
    if part not in ("second", "minute", "hour", "day", "week", "month", "quarter", "year"):
        raise call.refuse(f"the reference has no reading of the part '{part}'")
    return None if count is None or at is None else moved(at, part, count)


@KUSTO.function("make_datetime")
def made_of_parts(call: RowCall) -> Any:
    """A time of its parts."""
    parts = call.values()
    if None in parts or len(parts) < 3 or not all(isinstance(one, int) for one in parts):
        raise call.refuse("the reference has no reading of such parts")
    try:
        return Moment(datetime(*parts).replace(tzinfo=UTC).timestamp())
    except ValueError:
        return None


@KUSTO.function("unixtime_seconds_todatetime", "unixtime_milliseconds_todatetime")
def of_seconds(call: RowCall) -> Any:
    """A time out of the seconds, or thousandths of one, since 1970."""
    size = number(call.value(0))
    parts = 1 if getattr(call.node, "function", "") == "unixtime_seconds_todatetime" else 1000
    return None if size is None else Moment(size / parts)


@KUSTO.function("bin_at")
def binned_at(call: RowCall) -> Any:
    """Down to a multiple of a width, counted from a value."""
    value, width, fixed = call.values()
    if value is None or fixed is None:
        return None
    if isinstance(value, Moment) and isinstance(width, Duration) and isinstance(fixed, Moment):
        steps = (value.seconds - fixed.seconds) // width.seconds
        return Moment(fixed.seconds + steps * width.seconds)
    if isinstance(value, int | float) and isinstance(width, int | float) and isinstance(fixed, int | float):
        return fixed + (value - fixed) // width * width
    raise call.refuse("the reference has no reading of a bin of such values")


def moment_text(value: Moment) -> str:
    """A time as Kusto prints it, with seven digits of a second."""
    at = calendar(value)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond:06d}0Z"


def duration_text(value: Duration) -> str:
    """A span of time as Kusto prints it: days and a point where there are any, and the clock."""
    if value.seconds < 0 or value.seconds % 1:
        raise Refusal("the reference has no reading of negative spans or parts of a second as text")
    days, rest = divmod(int(value.seconds), 86400)
    clock = f"{rest // 3600:02d}:{rest % 3600 // 60:02d}:{rest % 60:02d}"
    return f"{days}.{clock}" if days else clock


# Snowflake


def _part(call: RowCall, index: int) -> str:
    part = (text(call.value(index)) or "").lower()
    names = {"hours": "hour", "days": "day", "minutes": "minute", "seconds": "second", "weeks": "week"}
    part = names.get(part, part)
    if part not in ("second", "minute", "hour", "day", "week", "month", "quarter", "year", "epoch_second"):
        raise call.refuse(f"the reference has no reading of the part '{part}'")
    return part


@SNOWFLAKE.function("dateadd")
def added(call: RowCall) -> Any:
    """A time moved by so many parts."""
    count, at = number(call.value(1)), moment(call, 2)
    return None if count is None or at is None else moved(at, _part(call, 0), int(count))


@SNOWFLAKE.function("datediff")
def borders(call: RowCall) -> Any:
    """The borders of a part from the first time to the second."""
    first, second = moment(call, 1), moment(call, 2)
    return None if first is None or second is None else borders_between(_part(call, 0), first, second)


@SNOWFLAKE.function("date_trunc")
def truncated(call: RowCall) -> Any:
    """The begin of the part; weeks begin on Monday."""
    at = moment(call, 1)
    return None if at is None else floor_to(at, _part(call, 0))


@SNOWFLAKE.function("to_timestamp", "to_timestamp_ntz")
def timestamp(call: RowCall) -> Any:
    """A time out of a text, or of seconds since 1970."""
    value = call.value(0)
    if len(call) > 1 or (isinstance(value, str) and value.strip().lstrip("-").isdigit()):
        raise call.refuse("the reference has no reading of formats, scales, and numbers in texts")
    if isinstance(value, int | float) and not isinstance(value, bool):
        return Moment(float(value))
    return moment(call, 0)


@SNOWFLAKE.function("extract", "date_part")
def part_of(call: RowCall) -> Any:
    """A part of a time as a number."""
    part, at = _part(call, 0), moment(call, 1)
    if at is None:
        return None
    if part == "epoch_second":
        return int(at.seconds)
    if part in ("week", "quarter"):
        raise call.refuse(f"the reference has no reading of the part '{part}'")
    return getattr(calendar(at), part)


@SNOWFLAKE.function("year", "month", "day", "hour", "minute", "second")
def named_part(call: RowCall) -> Any:
    """A part of a time as a number."""
    at = moment(call, 0)
    name = getattr(call.node, "function", "")
    return None if at is None else getattr(calendar(at), name.lower())
