"""Snowflake's dates and times: epoch seconds here. Source: the pages of its SQL reference that bear the functions'
names."""

from __future__ import annotations

import re
from typing import Final

from sqlglot import exp

from rulescope.engines.sql.build import cases, sql
from rulescope.engines.sql.dialect import SNOWFLAKE
from rulescope.engines.sql.functions.registry import Arguments
from rulescope.engines.sql.relational.common_functions import as_held
from rulescope.engines.sql.relational.kusto_times import borders, epoch, moment
from rulescope.engines.sql.relational.moments import parse_moment
from rulescope.engines.sql.relational.scope import Scope
from rulescope.engines.sql.relational.snowflake_numbers import compile_truncate
from rulescope.engines.sql.relational.table_rows import time_of_text
from rulescope.engines.sql.values import NUMBERS, Value, as_number, as_text, constant_value, number_value, text_value

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
_PARTS: Final[dict[str, str]] = {
    "dayofmonth": "day", "dayofweek": "dow", "weekday": "dow", "dow": "dow", "dayofyear": "doy", "yearday": "doy",
    "doy": "doy", "dayofweekiso": "isodow", "weekday_iso": "isodow", "weekiso": "week", "week_iso": "week",
    "weekofyear": "week", "yearofweek": "isoyear", "yearofweekiso": "isoyear",
}  # fmt: skip
_SECONDS = {"week": 7 * _DAY, "day": _DAY, "hour": 3600.0, "minute": 60.0, "second": 1.0, "millisecond": 1e-3}


def _unit(given: Arguments, place: int) -> str:
    written = (given.constant_text(place) or "").lower()
    unit = _UNITS.get(written)
    if unit is None:
        raise given.refuse(f"there is no part of a time '{written}'")
    return unit


@SNOWFLAKE.operation("as_moment", kind="datetime")
@SNOWFLAKE.function(
    "to_timestamp", "to_timestamp_ntz", "to_timestamp_ltz", "to_timestamp_tz", "try_to_timestamp",
    "try_to_timestamp_ntz", "try_to_timestamp_ltz", "try_to_timestamp_tz", "to_date", "try_to_date", "date", least=1,
    most=2, kind="datetime",
)  # fmt: skip
def compile_to_timestamp(given: Arguments) -> Value:
    """A point in time out of a text, which may be written by a format, or of epoch seconds, or fractions of them."""
    constant = given.constant_text(0)
    found = constant_value(parse_moment(constant)) if constant is not None and len(given.values) == 1 else None
    if found is not None and found.constant is not None:
        value = found
    elif len(given.values) == 1 or (given.constant_text(1) or "").lower() == "auto":
        value = number_value(seconds_of(given.values[0]))
    elif isinstance(scale := given.values[1].constant, int):
        value = number_value(sql("(:x / pow(10, :n))", x=as_number(given.values[0]), n=scale))
    else:
        form = time_format(given, 1, reading=True)
        value = number_value(epoch(sql("try_strptime(:x, :f)", x=as_text(given.values[0]), f=form)))
    if not given.name.endswith("date"):
        return value
    return number_value(start_of_day(as_number(value)))


_MILLISECONDS, _MICROSECONDS, _NANOSECONDS = 31_536_000_000, 31_536_000_000_000, 31_536_000_000_000_000


_WRITTEN = "['%d-%b-%Y', '%d-%b-%Y %H:%M:%S', '%m/%d/%Y', '%m/%d/%Y %H:%M:%S', '%a, %d %b %Y %H:%M:%S']"
"""The forms of times that are read without a format, besides ISO's ("Date and time input and output formats", AUTO)."""


def seconds_of(value: Value) -> exp.Expression:
    """Epoch seconds. A whole number in a text is one of seconds, or, where it is too large, of fractions of them."""
    seconds = time_of_text(value)
    if value.type in NUMBERS:
        return seconds
    seconds = sql(f"COALESCE(:x, epoch(try_strptime(:t, {_WRITTEN})))", x=seconds, t=as_text(value))
    sizes = (_MILLISECONDS, 1e0), (_MICROSECONDS, 1e3), (_NANOSECONDS, 1e6)
    branches = [(sql("(abs(:x) < :m)", x=seconds, m=most), sql(":x / :s", x=seconds, s=size)) for most, size in sizes]
    return cases(branches, sql(":x / 1e9", x=seconds))


_FORMATS: Final[dict[str, str]] = {
    "YYYY": "%Y", "YY": "%y", "MMMM": "%B", "MON": "%b", "MM": "%m", "DD": "%d", "DY": "%a", "HH24": "%H",
    "HH12": "%I", "AM": "%p", "PM": "%p", "MI": "%M", "SS": "%S", "FF3": "%g", "FF6": "%f", "FF9": "%n", "FF": "%n",
}  # fmt: skip
_ELEMENT = re.compile(
    r'"([^"]*)"|YYYY|YY|MMMM|MON|MM|DD|DY|HH24|HH12|AM|PM|MI|SS|FF[0-9]?|([A-Za-z]+)|(.)', re.DOTALL | re.IGNORECASE
)


def time_format(given: Arguments, place: int, reading: bool = False) -> str:
    """A format of times as the database writes it; raises `Refusal` for parts that are not supported."""
    written = given.constant_text(place)
    if written is None:
        raise given.refuse("a format that is no constant is not supported")
    pieces: list[str] = []
    for found in _ELEMENT.finditer(written):
        quoted, letters, other = found.groups()
        plain = (
            quoted if quoted is not None else other if other is not None else letters if letters in ("T", "Z") else None
        )
        if plain is not None:
            pieces.append(plain.replace("%", "%%"))
            continue
        piece = _FORMATS.get(found[0].upper())
        if piece is None or (reading and found[0].upper().startswith("FF")):
            raise given.refuse(f"the format's '{found[0]}' is not supported")
        pieces.append(piece)
    return "".join(pieces)


def told_apart(given: Arguments) -> None:
    """Raises `Refusal` where a time would become a text: how it is written depends on whether it is a DATE, which is
    not known here."""
    if Scope(given.frame, given.context).kind(given.expressions[0]) == "datetime":
        raise given.refuse("a time becomes a text by a format only, such as 'YYYY-MM-DD'")


@SNOWFLAKE.function("to_varchar", "to_char", least=1, most=2, kind="string")
def compile_to_varchar(given: Arguments) -> Value:
    """The value as text; of a time, by a format."""
    if len(given.values) == 1:
        told_apart(given)
        return text_value(as_text(as_held(given.values[0])))
    if Scope(given.frame, given.context).kind(given.expressions[0]) != "datetime":
        raise given.refuse("a format of numbers is not supported")
    form = time_format(given, 1)
    return text_value(sql("strftime(:m, :f)", m=moment(as_number(given.values[0])), f=form))


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


@SNOWFLAKE.function("date_trunc", least=2, kind="datetime")
def compile_date_trunc(given: Arguments) -> Value:
    """When the unit of time began that a time lies in; weeks begin on Monday."""
    unit = _unit(given, 0)
    return number_value(epoch(sql(f"date_trunc('{unit}', :m)", m=moment(time_of_text(given.values[1])))))


@SNOWFLAKE.function("trunc", least=1, most=2, kind="first")
def compile_trunc(given: Arguments) -> Value:
    """A number cut off to so many digits, or when the unit began that a time lies in."""
    if len(given.values) == 1 or given.constant_text(1) is None:
        return compile_truncate(given)
    unit = _unit(given, 1)
    return number_value(epoch(sql(f"date_trunc('{unit}', :m)", m=moment(time_of_text(given.values[0])))))


@SNOWFLAKE.function("last_day", least=1, most=2, kind="datetime")
def compile_last_day(given: Arguments) -> Value:
    """The last day of the month, or another unit, that a time lies in."""
    unit = _unit(given, 1) if len(given.values) == 2 else "month"
    step = "3 MONTH" if unit == "quarter" else f"1 {unit.upper()}"
    start = sql(f"date_trunc('{unit}', :m)", m=moment(time_of_text(given.values[0])))
    return number_value(epoch(sql(f":s + INTERVAL {step} - INTERVAL 1 DAY", s=start)))


_DAYS = ("su", "mo", "tu", "we", "th", "fr", "sa")


@SNOWFLAKE.function("next_day", "previous_day", least=2, kind="datetime")
def compile_next_day(given: Arguments) -> Value:
    """The next, or the last, such day of the week after, or before, a date."""
    named = (given.constant_text(1) or "").lower()[:2]
    if named not in _DAYS:
        raise given.refuse("there is no such day of the week")
    start = sql("date_trunc('day', :m)", m=moment(time_of_text(given.values[0])))
    ahead = sql("((:d - date_part('dow', :s) + 6) % 7 + 1)", d=_DAYS.index(named), s=start)
    back = sql("((date_part('dow', :s) - :d + 6) % 7 + 1)", d=_DAYS.index(named), s=start)
    steps = ahead if given.name == "next_day" else sql("- (:b)", b=back)
    return number_value(sql("(:s + :n * 86400)", s=epoch(start), n=steps))


@SNOWFLAKE.function("dayname", "monthname", kind="string")
def compile_day_name(given: Arguments) -> Value:
    """The first three letters of the day's, or the month's, name."""
    form = "%a" if given.name == "dayname" else "%b"
    return text_value(sql("strftime(:m, :f)", m=moment(time_of_text(given.values[0])), f=form))


@SNOWFLAKE.function("time_slice", least=3, most=4, kind="datetime")
def compile_time_slice(given: Arguments) -> Value:
    """When the slice of time began, or ends, that a time lies in; slices are counted from 1970."""
    unit, count = _unit(given, 2), given.values[1].constant
    side = (given.constant_text(3) or "start").lower() if len(given.values) == 4 else "start"
    if (
        unit not in _SECONDS
        or unit == "week"
        or not isinstance(count, int)
        or count < 1
        or side not in ("start", "end")
    ):
        raise given.refuse("slices of so many days or less are supported only")
    size = count * _SECONDS[unit]
    start = sql("(floor(:x / :s) * :s)", x=time_of_text(given.values[0]), s=size)
    return number_value(start if side == "start" else sql("(:x + :s)", x=start, s=size))


@SNOWFLAKE.function("add_months", least=2, kind="datetime")
def compile_add_months(given: Arguments) -> Value:
    """A time so many months later; of a month's last day it is one again."""
    start = moment(time_of_text(given.values[0]))
    moved = sql(":m + CAST(:n AS BIGINT) * INTERVAL 1 MONTH", m=start, n=as_number(given.values[1]))
    last = sql("(CAST(last_day(:m) AS DATE) = CAST(:m AS DATE))", m=start)
    of_last = sql("CAST(last_day(:t) AS TIMESTAMP) + (:m - date_trunc('day', :m))", t=moved, m=start)
    return number_value(epoch(cases([(last, of_last)], moved)))


@SNOWFLAKE.function("date_from_parts", "datefromparts", least=3, kind="datetime")
def compile_date_from_parts(given: Arguments) -> Value:
    """A day out of a year, a month and a day; what is beyond their ends leads on."""
    year, month, day = (sql("CAST(:n AS BIGINT)", n=as_number(value)) for value in given.values)
    first = sql("make_timestamp(:y, 1, 1, 0, 0, 0) + (:m - 1) * INTERVAL 1 MONTH", y=year, m=month)
    return number_value(epoch(sql(":f + (:d - 1) * INTERVAL 1 DAY", f=first, d=day)))


@SNOWFLAKE.function("date_part", "extract", least=2, kind="long")
def compile_date_part(given: Arguments) -> Value:
    """A part of a time, or the seconds since 1970."""
    written = (given.constant_text(0) or "").lower()
    value = time_of_text(given.values[1])
    if written in ("epoch_second", "epoch", "epoch_seconds"):
        return number_value(sql("floor(:x)", x=value))
    if written in ("epoch_millisecond", "epoch_milliseconds"):
        return number_value(sql("floor(:x * 1000)", x=value))
    part = _PARTS.get(written) or _unit(given, 0)
    return number_value(sql(f"CAST(date_part('{part}', :m) AS DOUBLE)", m=moment(value)))


@SNOWFLAKE.function("year", "quarter", "month", "day", "dayofmonth", "dayofweek", "dayofyear", "hour", "minute",
                    "second", "week", "weekofyear", "weekiso", "dayofweekiso", "yearofweek", "yearofweekiso",
                    kind="long")  # fmt: skip
def compile_part(given: Arguments) -> Value:
    """A part of a time, as a number."""
    name = _PARTS.get(given.name, given.name)
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
