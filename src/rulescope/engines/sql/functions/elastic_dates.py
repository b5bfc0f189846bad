"""Dates of ES|QL: instants as text in ISO 8601 to the millisecond, in UTC.

Facts: Elastic, "ES|QL date-time functions", "ES|QL time spans". A number is milliseconds since 1970.
"""

from __future__ import annotations

import re

from sqlglot import exp

from rulescope import ir
from rulescope.engines.sql.build import bound, call, integer, literal, sql
from rulescope.engines.sql.compiling import compile_expression
from rulescope.engines.sql.functions.elastic_text import converted
from rulescope.engines.sql.functions.registry import Arguments, elastic_function, elastic_operation
from rulescope.engines.sql.values import NULL_VALUE, Type, Value, as_number, as_text, number_value, text_value

_STEPS = {
    "millisecond": "to_milliseconds", "second": "to_seconds", "minute": "to_minutes", "hour": "to_hours",
    "day": "to_days", "week": "to_weeks", "month": "to_months", "quarter": "to_quarters", "year": "to_years",
}  # fmt: skip

_DIFFERENCES = {
    "year": ("year", "years", "yy", "yyyy"),
    "quarter": ("quarter", "quarters", "qq", "q"),
    "month": ("month", "months", "mm", "m"),
    "day": ("day", "days", "dd", "d", "dayofyear", "dy", "y", "weekday", "weekdays", "dw"),
    "week": ("week", "weeks", "wk", "ww"),
    "hour": ("hour", "hours", "hh"),
    "minute": ("minute", "minutes", "mi", "n"),
    "second": ("second", "seconds", "ss", "s"),
    "millisecond": ("millisecond", "milliseconds", "ms"),
    "microsecond": ("microsecond", "microseconds", "mcs"),
    "nanosecond": ("nanosecond", "nanoseconds", "ns"),
}
"""The units of DATE_DIFF. Source: "ES|QL date-time functions", DATE_DIFF."""
_DIFFERENCE_UNITS = {name: unit for unit, names in _DIFFERENCES.items() for name in names}

_PARTS = {
    "year": "year(:t)", "month_of_year": "month(:t)", "day_of_month": "day(:t)", "day_of_week": "isodow(:t)",
    "day_of_year": "dayofyear(:t)", "hour_of_day": "hour(:t)", "minute_of_hour": "minute(:t)",
    "second_of_minute": "second(:t)", "aligned_week_of_year": "(dayofyear(:t) - 1) // 7 + 1",
    "milli_of_second": "millisecond(:t) % 1000", "epoch_day": "epoch_ms(:t) // 86400000",
    "minute_of_day": "hour(:t) * 60 + minute(:t)", "second_of_day": "hour(:t) * 3600 + minute(:t) * 60 + second(:t)",
}  # fmt: skip
"""Fields of Java's ChronoField, which DATE_EXTRACT takes, over an instant."""

_FORMATS = {
    "yyyy": "%Y", "uuuu": "%Y", "yy": "%y", "MM": "%m", "MMM": "%b", "MMMM": "%B", "dd": "%d", "d": "%-d", "HH": "%H",
    "H": "%-H", "hh": "%I", "mm": "%M", "ss": "%S", "SSS": "%g", "a": "%p", "EEE": "%a", "EEEE": "%A", "E": "%a",
    "DDD": "%j", "YYYY": "%G",
}  # fmt: skip
"""Letters of Java's DateTimeFormatter, and the same for strftime. The year of weeks is that of ISO 8601."""
_FORMAT_PIECE = re.compile(r"'((?:[^']|'')*)'|([A-Za-z])\2*|[^A-Za-z']", re.DOTALL)

_ISO = "%Y-%m-%dT%H:%M:%S.%gZ"


def instant(value: Value) -> exp.Expression:
    """The value as an instant of the database; NULL for what is none."""
    if value.type is Type.NUMBER:
        return sql("make_timestamp(CAST(:x * 1000 AS BIGINT))", x=value.node)
    return sql("spl_es_instant(:x)", x=as_text(value))


def _date(node: exp.Expression) -> Value:
    return text_value(sql("strftime(:t, :f)", t=node, f=_ISO))


@elastic_function("to_datetime", "to_date_nanos", least=1)
def compile_to_datetime(given: Arguments) -> Value:
    """The value as a date."""
    return converted(given.values[0], lambda one: _date(instant(one)))


@elastic_function("now", least=0)
def compile_now(given: Arguments) -> Value:
    """The instant that the search takes for now."""
    milliseconds = round(given.context.options.now * 1000)
    return _date(sql("make_timestamp(:n)", n=integer(milliseconds * 1000)))


_MATH_UNITS = {"y": "year", "M": "month", "w": "week", "d": "day", "h": "hour", "H": "hour", "m": "minute",
               "s": "second"}  # fmt: skip
_MATH_STEP = re.compile(r"([+-])(\d+)([yMwdhHms])|/([yMwdhHms])")


@elastic_operation("date_math", least=2)
def compile_date_math(given: Arguments) -> Value:
    """An instant before or after now or an anchor date, rounded to the start (or the last millisecond) of a unit."""
    written = given.constant_text(0) or ""
    anchor, _, steps = written.rpartition("||")
    if anchor:
        written = steps
        node = sql("spl_es_instant(:x)", x=anchor)
    else:
        node = sql("make_timestamp(:n)", n=integer(round(given.context.options.now * 1000) * 1000))
    for found in _MATH_STEP.finditer(written):
        if found[4] is None:
            amount = integer(int(found[2]) if found[1] == "+" else -int(found[2]))
            node = sql("(:t + :i)", t=node, i=call(_STEPS[_MATH_UNITS[found[3]]], amount))
            continue
        unit = _MATH_UNITS[found[4]]
        node = sql("CAST(date_trunc(:u, :t) AS TIMESTAMP)", u=unit, t=node)
        if given.values[1].constant is True:
            last = call("to_milliseconds", integer(1))
            node = sql("(:t + :i - :l)", t=node, i=call(_STEPS[unit], integer(1)), l=last)
    return _date(node)


@elastic_operation("date_add", least=3)
def compile_date_add(given: Arguments) -> Value:
    """A date moved by so many units."""
    unit = given.constant_text(2)
    if unit not in _STEPS:
        raise given.refuse(f"there is no unit of time '{unit}'")
    amount = sql("CAST(:n AS INTEGER)", n=as_number(given.values[1]))
    return _date(sql("(:t + :i)", t=instant(given.values[0]), i=call(_STEPS[unit], amount)))


@elastic_function("date_trunc", "bucket", least=2, most=4, lazy=True)
def compile_date_trunc(given: Arguments) -> Value:
    """A date at the start of its interval; weeks start on Monday, other intervals count from 1970."""
    spans = [part for part in given.expressions if isinstance(part, ir.Operation) and part.name == "time_span"]
    dates = [part for part in given.expressions if part not in spans]
    if len(spans) != 1 or len(dates) != 1:
        raise given.refuse("it takes a date and a time span such as 1 hour")
    amount, unit = (part.value if isinstance(part, ir.Constant) else None for part in spans[0].arguments)
    if not isinstance(amount, int) or not isinstance(unit, str) or unit not in _STEPS or amount < 1:
        raise given.refuse("it takes a time span such as 1 hour")
    value = compile_expression(dates[0], given.frame, given.context)
    if value.type is Type.NULL:
        return NULL_VALUE
    at = instant(value)
    if unit == "week":
        return _date(sql("time_bucket(:w, :t, TIMESTAMP '1970-01-05')", w=call("to_weeks", integer(amount)), t=at))
    width = call(_STEPS[unit], integer(amount))
    return _date(sql("CAST(time_bucket(:w, :t, TIMESTAMP '1970-01-01') AS TIMESTAMP)", w=width, t=at))


@elastic_function("date_diff", least=3, kind="long")
def compile_date_diff(given: Arguments) -> Value:
    """How many whole units lie between two dates; negative where the first is the later one. It is an integer: NULL
    where that has not bits enough."""
    unit = _DIFFERENCE_UNITS.get((given.constant_text(0) or "").lower())
    if unit is None:
        raise given.refuse(f"there is no unit of time '{given.constant_text(0)}'")
    start, end = instant(given.values[1]), instant(given.values[2])
    if unit == "nanosecond":
        count = sql("CAST(datesub('microsecond', :a, :b) AS DOUBLE) * 1000", a=start, b=end)
    else:
        count = sql("CAST(datesub(:u, :a, :b) AS DOUBLE)", u=unit, a=start, b=end)
    bounds = {"least": float(-(2**31)), "most": float(2**31 - 1)}
    return number_value(bound(count, lambda n: sql("CASE WHEN :n BETWEEN :least AND :most THEN :n END", n=n, **bounds)))


@elastic_function("date_extract", least=2, kind="long")
def compile_date_extract(given: Arguments) -> Value:
    """A part of a date as a number."""
    part = (given.constant_text(0) or "").lower()
    if part not in _PARTS:
        raise given.refuse(f"there is no part '{given.constant_text(0)}' of a date here")
    return number_value(sql(f"CAST({_PARTS[part]} AS DOUBLE)", t=instant(given.values[1])))


@elastic_function("day_name", "month_name", least=1)
def compile_names(given: Arguments) -> Value:
    """The day of the week, or the month, in English."""
    name = "dayname" if given.name == "day_name" else "monthname"
    return text_value(call(name, instant(given.values[0])))


@elastic_function("date_format", least=1, most=2)
def compile_date_format(given: Arguments) -> Value:
    """A date by a format; in ISO 8601 where none is given."""
    at = instant(given.values[-1])
    if len(given.values) == 1:
        return _date(at)
    return text_value(sql("strftime(:t, :f)", t=at, f=literal(_format(given))))


@elastic_function("date_parse", least=1, most=2)
def compile_date_parse(given: Arguments) -> Value:
    """The date that a text spells by a format; NULL where it does not."""
    if len(given.values) == 1:
        return _date(instant(given.values[0]))
    written = _format(given)
    if "%G" in written:
        raise given.refuse("the year of weeks (YYYY) says no date without its week")
    return _date(sql("try_strptime(:x, :f)", x=as_text(given.values[1]), f=literal(written)))


def _format(given: Arguments) -> str:
    """A format of Java as one of strftime."""
    written = given.constant_text(0)
    if written is None:
        raise given.refuse("its format must be a text in quotes")
    pieces: list[str] = []
    for found in _FORMAT_PIECE.finditer(written):
        piece = found.group()
        if found.group(1) is not None:
            pieces.append((found.group(1).replace("''", "'") or "'").replace("%", "%%"))
        elif found.group(2) is None:
            pieces.append("%%" if piece == "%" else piece)
        elif piece in _FORMATS:
            pieces.append(_FORMATS[piece])
        else:
            raise given.refuse(f"'{piece}' in a format of dates is not supported")
    return "".join(pieces)
