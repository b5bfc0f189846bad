"""Kusto's dates, times and spans of time: epoch seconds and seconds here. Source: "Datetime / timespan arithmetic", and
the pages of its reference that bear the functions' names."""

from __future__ import annotations

import re

from sqlglot import exp

from rulescope.engines.sql.build import array, call, integer, literal, sql
from rulescope.engines.sql.dialect import KUSTO
from rulescope.engines.sql.functions.registry import Arguments
from rulescope.engines.sql.relational.moments import AROUND, FORMATS, parse_moment, parse_span
from rulescope.engines.sql.relational.scope import Scope
from rulescope.engines.sql.relational.table_rows import time_of_text
from rulescope.engines.sql.values import (
    NUMBERS,
    Type,
    Value,
    as_number,
    as_text,
    constant_value,
    number_value,
    text_value,
)
from rulescope.engines.sql.whole_numbers import narrowed

YEAR_ONE = 62_135_596_800
"""Seconds from the beginning of year 1, from which Kusto counts, to that of 1970; times have bins from there."""

_UNITS = frozenset(
    {"year", "quarter", "month", "week", "day", "hour", "minute", "second", "millisecond", "microsecond"}
)
_SECONDS = {"week": 604800.0, "day": 86400.0, "hour": 3600.0, "minute": 60.0, "second": 1.0, "millisecond": 1e-3,
            "microsecond": 1e-6}  # fmt: skip


def moment(node: exp.Expression) -> exp.Expression:
    """Epoch seconds as the database's own timestamp (UTC)."""
    return sql("make_timestamp(CAST(round(:x * 1000000) AS BIGINT))", x=node)


def epoch(node: exp.Expression) -> exp.Expression:
    """The database's timestamp or date as epoch seconds."""
    return sql("epoch(CAST(:x AS TIMESTAMP))", x=node)


def borders(unit: str, earlier: exp.Expression, later: exp.Expression, *, monday: bool) -> exp.Expression:
    """How many borders of a unit lie between two timestamps. Weeks are counted from their first days: the database
    counts whole ones."""
    if unit != "week":
        return sql(f"CAST(date_diff('{unit}', :a, :b) AS DOUBLE)", a=earlier, b=later)
    moved = "" if monday else " + INTERVAL 1 DAY"
    first, last = (sql(f"date_trunc('week', :m{moved})", m=one) for one in (earlier, later))
    return sql("CAST(date_diff('day', :a, :b) AS DOUBLE) / 7", a=first, b=last)


@KUSTO.function("timespan", "time", "totimespan", kind="timespan")
def compile_timespan(given: Arguments) -> Value:
    """A span of time in seconds."""
    text = given.constant_text(0)
    if text is None:
        value = given.values[0]
        if value.type is Type.NUMBER:
            return value
        raise given.refuse("a span of time that is no constant is not supported")
    found = parse_span(text)
    if found is None:
        raise given.refuse(f"'{text}' is no span of time")
    return constant_value(found)


@KUSTO.operation("timespan_seconds", kind="timespan")
def compile_timespan_seconds(given: Arguments) -> Value:
    """A span of time whose seconds are known."""
    return given.values[0]


@KUSTO.operation("as_moment", kind="datetime")
@KUSTO.function("datetime", "todatetime", "unixtime_seconds_todatetime", kind="datetime")
def compile_datetime(given: Arguments) -> Value:
    """A point in time; null where the value is none."""
    text = given.constant_text(0)
    if text is None and len(given.values) > 1:
        raise given.refuse("a time of several parts is written with constants; make_datetime() takes others")
    if text is None:
        return number_value(time_in_any_form(given.values[0]))
    found = parse_moment(text)
    if found is None and given.name == "todatetime":
        return number_value(exp.cast(exp.Null(), "DOUBLE"))
    if found is None:
        raise given.refuse(f"'{text}' is no date and time")
    return constant_value(found)


def time_in_any_form(value: Value) -> exp.Expression:
    """Epoch seconds out of a number, or of a text in one of the forms that Kusto reads."""
    if value.type in NUMBERS:
        return as_number(value)
    written = sql("regexp_replace(:x, :a, '', 'g')", x=as_text(value), a=AROUND)
    forms = array(literal(one) for one in FORMATS)
    other = sql("epoch(try_strptime(:w, :f))", w=written, f=forms)
    return sql("COALESCE(:t, :o)", t=time_of_text(value), o=other)


@KUSTO.function("unixtime_milliseconds_todatetime", kind="datetime")
def compile_milliseconds(given: Arguments) -> Value:
    """A point in time out of milliseconds since 1970."""
    return number_value(sql("(:x / 1000)", x=as_number(given.values[0])))


@KUSTO.function("now", least=0, most=1, kind="datetime")
def compile_now(given: Arguments) -> Value:
    """The time of the search, moved by a span."""
    now = constant_value(given.context.options.now)
    return number_value(sql("(:n + :x)", n=now.node, x=as_number(given.values[0]))) if given.values else now


@KUSTO.function("ago", kind="datetime")
def compile_ago(given: Arguments) -> Value:
    """A span before the time of the search."""
    span = given.values[0]
    if isinstance(span.constant, int | float):
        return constant_value(given.context.options.now - float(span.constant))
    return number_value(sql("(:n - :x)", n=given.context.options.now, x=as_number(span)))


@KUSTO.function("bin", "floor", least=1, most=2, kind="first")
def compile_bin(given: Arguments) -> Value:
    """Down to a multiple of a width; times from the beginning of year 1."""
    if all(value.type is Type.WHOLE for value in given.values):
        return _whole_bin(given)
    value = as_number(given.values[0])
    if len(given.values) == 1:
        return number_value(sql("floor(:x)", x=value))
    width = as_number(given.values[1])
    scope = Scope(given.frame, given.context)
    kind, of_time = scope.kind(given.expressions[0]), scope.kind(given.expressions[1]) == "timespan"
    if of_time and kind != "timespan":
        return number_value(sql("floor((:x + :o) / :w) * :w - :o", x=value, o=float(YEAR_ONE), w=width))
    return number_value(sql("floor(:x / NULLIF(:w, 0)) * :w", x=value, w=width))


def _whole_bin(given: Arguments) -> Value:
    value, *widths = given.values
    if not widths:
        return value
    left, width = (sql("CAST(:x AS HUGEINT)", x=one.node) for one in given.values)
    below = sql(":x - ((:x % NULLIF(:w, 0)) + :w) % NULLIF(:w, 0)", x=left, w=width)
    return narrowed(below, given.context.dialect.wholes)


def _period(given: Arguments, prefix: str) -> tuple[str, exp.Expression]:
    name = given.name.removeprefix(prefix)
    value = as_number(given.values[0])
    if name == "week":
        # Weeks begin on Sunday; the database's begin on Monday.
        start = sql("date_trunc('week', :m + INTERVAL 1 DAY) - INTERVAL 1 DAY", m=moment(value))
    else:
        start = sql(f"date_trunc('{name}', :m)", m=moment(value))
    if len(given.values) > 1:
        count = sql("CAST(:n AS BIGINT)", n=as_number(given.values[1]))
        start = sql(f":s + :n * INTERVAL 1 {name.upper()}", s=exp.Paren(this=start), n=count)
    return name, start


@KUSTO.function("startofday", "startofweek", "startofmonth", "startofyear", least=1, most=2, kind="datetime")
def compile_start(given: Arguments) -> Value:
    """When the day, week, month or year began, moved by so many of them."""
    return number_value(epoch(_period(given, "startof")[1]))


@KUSTO.function("endofday", "endofweek", "endofmonth", "endofyear", least=1, most=2, kind="datetime")
def compile_end(given: Arguments) -> Value:
    """The last moment of the day, week, month or year."""
    name, start = _period(given, "endof")
    return number_value(epoch(sql(f":s + INTERVAL 1 {name.upper()} - INTERVAL 1 MICROSECOND", s=exp.Paren(this=start))))


@KUSTO.function("datetime_diff", least=3, kind="long")
def compile_diff(given: Arguments) -> Value:
    """How many borders of a period lie between the second time and the first."""
    unit = (given.constant_text(0) or "").lower()
    if unit not in _UNITS:
        raise given.refuse(f"there is no period '{unit}'")
    later, earlier = (moment(as_number(value)) for value in given.values[1:])
    return number_value(borders(unit, earlier, later, monday=False))


@KUSTO.function("datetime_add", least=3, kind="datetime")
def compile_add(given: Arguments) -> Value:
    """A time so many periods later."""
    unit = (given.constant_text(0) or "").lower()
    if unit not in _UNITS:
        raise given.refuse(f"there is no period '{unit}'")
    count, start = as_number(given.values[1]), as_number(given.values[2])
    if unit in _SECONDS:
        return number_value(sql("(:x + :n * :s)", x=start, n=count, s=_SECONDS[unit]))
    step = sql(f"CAST(:n AS BIGINT) * INTERVAL 1 {unit.upper()}", n=count)
    return number_value(epoch(sql(":m + :s", m=moment(start), s=step)))


@KUSTO.function("datetime_part", least=2, kind="long")
def compile_part(given: Arguments) -> Value:
    """A part of a time: its year, month, day, hour and so on."""
    part = (given.constant_text(0) or "").lower()
    names = {"dayofyear": "doy", "weekofyear": "week", "week_of_year": "week"}
    if part not in _UNITS and part not in names:
        raise given.refuse(f"there is no part '{part}'")
    name = names.get(part, part)
    return number_value(sql(f"CAST(date_part('{name}', :m) AS DOUBLE)", m=moment(as_number(given.values[1]))))


@KUSTO.function(
    "hourofday",
    "getyear",
    "getmonth",
    "monthofyear",
    "dayofmonth",
    "dayofyear",
    "week_of_year",
    "weekofyear",
    kind="long",
)
def compile_named_part(given: Arguments) -> Value:
    """A part of a time, as a number."""
    names = {"hourofday": "hour", "getyear": "year", "getmonth": "month", "monthofyear": "month", "dayofmonth": "day",
             "dayofyear": "doy", "week_of_year": "week", "weekofyear": "week"}  # fmt: skip
    part = names[given.name]
    return number_value(sql(f"CAST(date_part('{part}', :m) AS DOUBLE)", m=moment(as_number(given.values[0]))))


@KUSTO.function("dayofweek", kind="timespan")
def compile_day_of_week(given: Arguments) -> Value:
    """The time since the Sunday before, in whole days."""
    found = sql("date_part('dow', :m) * 86400", m=moment(as_number(given.values[0])))
    return number_value(exp.cast(found, "DOUBLE"))


@KUSTO.operation("datetime_text", kind="string")
def compile_text(given: Arguments) -> Value:
    """A time as text, with seven digits of its second's fraction; null is the empty text."""
    return text_value(sql("COALESCE(:x, '')", x=datetime_text(as_number(given.values[0]))))


def datetime_text(seconds: exp.Expression) -> exp.Expression:
    """A time as Kusto prints it."""
    return sql("strftime(:m, '%Y-%m-%dT%H:%M:%S.%f') || '0Z'", m=moment(seconds))


@KUSTO.operation("timespan_text", kind="string")
def compile_span_text(given: Arguments) -> Value:
    """A span of time as text: days, a point, and hours, minutes and seconds."""
    return text_value(call("spl_timespan_text", as_number(given.values[0])))


_FORMATS = {
    "yyyy": "%Y", "yy": "%y", "MM": "%m", "M": "%-m", "dd": "%d", "d": "%-d", "HH": "%H", "H": "%-H", "hh": "%I",
    "h": "%-I", "mm": "%M", "m": "%-M", "ss": "%S", "s": "%-S", "tt": "%p", "ffffff": "%f", "fff": "%g",
}  # fmt: skip


@KUSTO.function("format_datetime", least=2, kind="string")
def compile_format(given: Arguments) -> Value:
    """A time printed by a format."""
    written = given.constant_text(1)
    if written is None:
        raise given.refuse("a format that is no constant is not supported")
    pieces: list[str] = []
    for found in re.finditer(r"([A-Za-z])\1*|.", written, re.DOTALL):
        piece = found[0]
        if piece.isalpha() and piece not in _FORMATS:
            raise given.refuse(f"the format's '{piece}' is not supported")
        pieces.append(_FORMATS.get(piece, piece.replace("%", "%%")))
    node = sql("strftime(:m, :f)", m=moment(as_number(given.values[0])), f="".join(pieces))
    return text_value(sql("COALESCE(:x, '')", x=node))


_SPAN_PARTS = {"d": (86400, None), "h": (3600, 24), "H": (3600, 24), "m": (60, 60), "s": (1, 60)}
"""Parts of a span by their letter: how many seconds one has, and how many make the next."""


@KUSTO.function("format_timespan", least=2, kind="string")
def compile_format_span(given: Arguments) -> Value:
    """A span of time printed by a format."""
    written = given.constant_text(1)
    if written is None:
        raise given.refuse("a format that is no constant is not supported")
    whole = sql("abs(:x)", x=as_number(given.values[0]))
    node: exp.Expression = literal("")
    for found in re.finditer(r"([A-Za-z])\1*|[^A-Za-z]+", written):
        letter, width = found[0][0], len(found[0])
        if letter in _SPAN_PARTS:
            size, most = _SPAN_PARTS[letter]
            part = sql("CAST(floor(:x / :s) AS BIGINT)", x=whole, s=size)
            part = part if most is None else sql("(:p % :m)", p=part, m=integer(most))
            piece = sql("CAST(:p AS VARCHAR)", p=part)
            piece = sql("lpad(:p, CAST(greatest(:w, length(:p)) AS INTEGER), '0')", p=piece, w=integer(width))
        elif letter in "fF" and width <= 7:
            ticks = sql("CAST(round((:x - floor(:x)) * 1e7) AS BIGINT)", x=whole)
            piece = sql("left(lpad(CAST(:t AS VARCHAR), CAST(7 AS INTEGER), '0'), :w)", t=ticks, w=integer(width))
            piece = sql("rtrim(:p, '0')", p=piece) if letter == "F" else piece
        elif letter.isalpha():
            raise given.refuse(f"the format's '{found[0]}' is not supported")
        else:
            piece = literal(found[0])
        node = sql(":a || :b", a=node, b=piece)
    return text_value(sql("COALESCE(:x, '')", x=node))


@KUSTO.function("make_datetime", least=3, most=6, kind="datetime")
def compile_make(given: Arguments) -> Value:
    """A time out of its parts."""
    parts = [sql("CAST(:x AS BIGINT)", x=as_number(value)) for value in given.values]
    while len(parts) < 5:
        parts.append(sql("CAST(:x AS BIGINT)", x=0))
    second = as_number(given.values[5]) if len(given.values) == 6 else literal(0)
    year, month, day, hour, minute = parts[:5]
    there = sql(
        ":y BETWEEN 1 AND 9999 AND :o BETWEEN 1 AND 12 AND :d BETWEEN 1 AND date_part('day', last_day(make_date(:y, :o,"
        " 1))) AND :h BETWEEN 0 AND 23 AND :m BETWEEN 0 AND 59 AND :s >= 0 AND :s < 60",
        y=year, o=month, d=day, h=hour, m=minute, s=second,
    )  # fmt: skip
    made = epoch(call("make_timestamp", *parts[:5], second))
    return number_value(sql("CASE WHEN :c THEN :t END", c=there, t=made))
