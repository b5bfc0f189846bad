"""Snowflake's dates and times: epoch seconds here. Source: the pages of its SQL reference that bear the functions'
names."""

from __future__ import annotations

import re

from sqlglot import exp

from rulescope.engines.sql.build import sql
from rulescope.engines.sql.dialect import SNOWFLAKE
from rulescope.engines.sql.functions.registry import Arguments
from rulescope.engines.sql.relational.kusto_times import borders, epoch, moment
from rulescope.engines.sql.relational.moments import parse_moment
from rulescope.engines.sql.relational.table_rows import time_of_text
from rulescope.engines.sql.values import Value, as_number, constant_value, number_value

_DAY = 86400.0
_UNITS = {
    **dict.fromkeys(("year", "y", "yy", "yyy", "yyyy", "yr", "years"), "year"),
    **dict.fromkeys(("quarter", "q", "qtr", "quarters"), "quarter"),
    **dict.fromkeys(("month", "mm", "mon", "months"), "month"),
    **dict.fromkeys(("week", "w", "wk", "weeks"), "week"),
    **dict.fromkeys(("day", "d", "dd", "days"), "day"),
    **dict.fromkeys(("hour", "h", "hh", "hr", "hours"), "hour"),
    **dict.fromkeys(("minute", "m", "mi", "min", "minutes"), "minute"),
    **dict.fromkeys(("second", "s", "sec", "seconds"), "second"),
    **dict.fromkeys(("millisecond", "ms", "msec", "milliseconds"), "millisecond"),
}
_SECONDS = {"week": 7 * _DAY, "day": _DAY, "hour": 3600.0, "minute": 60.0, "second": 1.0, "millisecond": 1e-3}


def _unit(given: Arguments, place: int) -> str:
    written = (given.constant_text(place) or "").lower()
    unit = _UNITS.get(written)
    if unit is None:
        raise given.refuse(f"there is no part of a time '{written}'")
    return unit


@SNOWFLAKE.operation("as_moment", kind="datetime")
@SNOWFLAKE.function("to_timestamp", "to_timestamp_ntz", "to_timestamp_ltz", "to_timestamp_tz", "try_to_timestamp",
                    "to_date", "try_to_date", "date", kind="datetime")  # fmt: skip
def compile_to_timestamp(given: Arguments) -> Value:
    """A point in time out of a text or of epoch seconds."""
    constant = given.constant_text(0)
    found = constant_value(parse_moment(constant)) if constant is not None else None
    value = found if found is not None and found.constant is not None else number_value(time_of_text(given.values[0]))
    if not given.name.endswith("date"):
        return value
    return number_value(start_of_day(as_number(value)))


def start_of_day(seconds: exp.Expression) -> exp.Expression:
    """When the day of a time begins, as a DATE has it."""
    return epoch(sql("date_trunc('day', :m)", m=moment(seconds)))


@SNOWFLAKE.function("sysdate", "current_timestamp", "getdate", "systimestamp", "localtimestamp", least=0, most=1,
                    kind="datetime")  # fmt: skip
def compile_now(given: Arguments) -> Value:
    """The time of the search."""
    return constant_value(given.context.options.now)


@SNOWFLAKE.function("current_date", least=0, kind="datetime")
def compile_today(given: Arguments) -> Value:
    """The day of the search (UTC)."""
    return constant_value(given.context.options.now // _DAY * _DAY)


@SNOWFLAKE.operation("parameter", kind="datetime")
def compile_placeholder(given: Arguments) -> Value:
    """`$latest$` and `$earliest$`, in whose places a scheduler puts the ends of the time that it runs a rule over."""
    name = (given.constant_text(0) or "").strip("$").lower()
    options = given.context.options
    if name == "latest":
        return constant_value(options.now if options.latest is None else options.latest)
    if name == "earliest" and options.earliest is not None:
        return constant_value(options.earliest)
    raise given.refuse(f"nothing says what ${name} stands for")


@SNOWFLAKE.function("dateadd", "timestampadd", "timeadd", least=3, kind="datetime")
def compile_dateadd(given: Arguments) -> Value:
    """A time so many units later."""
    unit = _unit(given, 0)
    count, start = as_number(given.values[1]), time_of_text(given.values[2])
    constants = given.values[1].constant, given.values[2].constant
    if unit in _SECONDS and all(isinstance(one, int | float) for one in constants):
        return constant_value(float(constants[1]) + float(constants[0]) * _SECONDS[unit])  # type: ignore[arg-type]
    if unit in _SECONDS:
        return number_value(sql("(:x + trunc(:n) * :s)", x=start, n=count, s=_SECONDS[unit]))
    step = sql(f"CAST(:n AS BIGINT) * INTERVAL 1 {unit.upper()}", n=count)
    return number_value(epoch(sql(":m + :s", m=moment(start), s=step)))


@SNOWFLAKE.function("datediff", "timestampdiff", "timediff", least=3, kind="long")
def compile_datediff(given: Arguments) -> Value:
    """How many borders of a unit lie between two times; weeks begin on Monday."""
    unit = _unit(given, 0)
    earlier, later = (moment(time_of_text(value)) for value in given.values[1:])
    return number_value(borders(unit, earlier, later, monday=True))


@SNOWFLAKE.function("date_trunc", "trunc", least=2, kind="datetime")
def compile_date_trunc(given: Arguments) -> Value:
    """When the unit of time began that a time lies in; weeks begin on Monday."""
    unit = _unit(given, 0)
    return number_value(epoch(sql(f"date_trunc('{unit}', :m)", m=moment(time_of_text(given.values[1])))))


@SNOWFLAKE.function("date_part", "extract", least=2, kind="long")
def compile_date_part(given: Arguments) -> Value:
    """A part of a time, or the seconds since 1970."""
    written = (given.constant_text(0) or "").lower()
    value = time_of_text(given.values[1])
    if written in ("epoch_second", "epoch", "epoch_seconds"):
        return number_value(sql("floor(:x)", x=value))
    if written in ("epoch_millisecond", "epoch_milliseconds"):
        return number_value(sql("floor(:x * 1000)", x=value))
    names = {"dayofweek": "dow", "weekday": "dow", "dow": "dow", "dayofyear": "doy", "doy": "doy"}
    part = names.get(written) or _unit(given, 0)
    return number_value(sql(f"CAST(date_part('{part}', :m) AS DOUBLE)", m=moment(value)))


@SNOWFLAKE.function("year", "quarter", "month", "day", "dayofmonth", "dayofweek", "dayofyear", "hour", "minute",
                    "second", kind="long")  # fmt: skip
def compile_part(given: Arguments) -> Value:
    """A part of a time, as a number."""
    name = {"dayofmonth": "day", "dayofweek": "dow", "dayofyear": "doy"}.get(given.name, given.name)
    return number_value(sql(f"CAST(date_part('{name}', :m) AS DOUBLE)", m=moment(time_of_text(given.values[0]))))


@SNOWFLAKE.function("interval", kind="timespan")
def compile_interval(given: Arguments) -> Value:
    """`INTERVAL '1 day'` in seconds."""
    text = (given.constant_text(0) or "").lower()
    parts = re.findall(r"(\d+)\s*'?\s*([a-z]+)", text.removeprefix("interval"))
    units = [(int(count), _UNITS.get(unit)) for count, unit in parts]
    if not units or any(unit not in _SECONDS for _, unit in units):
        raise given.refuse(f"'{text}' is not supported")
    return constant_value(sum(count * _SECONDS[str(unit)] for count, unit in units))
