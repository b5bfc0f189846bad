"""`convert`, `rangemap`: values to other forms.

Facts: Splunk, Search Reference, "convert", "rangemap". `auto` converts a field only where all of its values can be;
`num` removes what can't be; the other functions leave such values as they are, or give a new field none.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from rulescope.engines.sql.build import array, call, literal, sql
from rulescope.engines.sql.context import Context
from rulescope.engines.sql.dialect import compiles
from rulescope.engines.sql.frame import Frame
from rulescope.engines.sql.schema import name_pattern
from rulescope.engines.sql.values import Type, Value, as_number, as_text, auto_value, multi_value, number_value
from rulescope.errors import Refusal
from rulescope.ir import stages

_DURATION = r"^(?:(\d+)\+)?(\d+):(\d{1,2}):(\d{1,2}(?:\.\d+)?)$"
_MINUTES = r"^(?:(\d+):)?(\d+(?:\.\d+)?)$"
_MEMORY = r"^([0-9]+(?:\.[0-9]+)?)\s*([kmgKMG]?)[bB]?$"


def _duration(text: exp.Expression) -> exp.Expression:
    """`[D+]HH:MM:SS` in seconds."""
    return sql(
        "CASE WHEN regexp_matches(:x, :p) THEN"
        " COALESCE(TRY_CAST(regexp_extract(:x, :p, 1) AS DOUBLE), 0) * 86400"
        " + CAST(regexp_extract(:x, :p, 2) AS DOUBLE) * 3600"
        " + CAST(regexp_extract(:x, :p, 3) AS DOUBLE) * 60"
        " + CAST(regexp_extract(:x, :p, 4) AS DOUBLE) END",
        x=text,
        p=_DURATION,
    )


def _minutes(text: exp.Expression) -> exp.Expression:
    """`[MM:]SS.SSS` in seconds."""
    return sql(
        "CASE WHEN regexp_matches(:x, :p) THEN COALESCE(TRY_CAST(regexp_extract(:x, :p, 1) AS DOUBLE), 0) * 60"
        " + CAST(regexp_extract(:x, :p, 2) AS DOUBLE) END",
        x=text,
        p=_MINUTES,
    )


def _memory(text: exp.Expression) -> exp.Expression:
    """A size with `k`, `m` or `g` in kilobytes; without a letter it is in kilobytes already."""
    return sql(
        "CASE WHEN regexp_matches(:x, :p) THEN CAST(regexp_extract(:x, :p, 1) AS DOUBLE) *"
        " CASE lower(regexp_extract(:x, :p, 2)) WHEN 'm' THEN 1024 WHEN 'g' THEN 1048576 ELSE 1 END END",
        x=text,
        p=_MEMORY,
    )


def _without_commas(text: exp.Expression) -> exp.Expression:
    return sql("spl_number(replace(:x, ',', ''))", x=text)


def _without_unit(text: exp.Expression) -> exp.Expression:
    return sql("spl_number(NULLIF(regexp_extract(:x, '^-?[0-9]+(?:[.][0-9]+)?'), ''))", x=text)


def _best(text: exp.Expression) -> exp.Expression:
    """The number that a value is in any of the forms known."""
    return sql("COALESCE(spl_number(:x), :d, :c)", x=text, d=_duration(text), c=_without_commas(text))


_TO_NUMBER: dict[str, Callable[[exp.Expression], exp.Expression]] = {
    "dur2sec": _duration,
    "mstime": _minutes,
    "memk": _memory,
    "rmcomma": _without_commas,
    "rmunit": _without_unit,
    "num": _best,
    "auto": _best,
}


@compiles(stages.Convert)
def compile_convert(stage: stages.Convert, frame: Frame, context: Context) -> Frame:
    """The fields in other forms; with AS the original stays."""
    untouched = {
        name for part in stage.conversions if part.function == "none" for name in frame.schema.matching(part.field)
    }
    for conversion in stage.conversions:
        if conversion.function == "none":
            continue
        names = [name for name in frame.schema.matching(conversion.field) if name not in untouched]
        assigned = {}
        for name in names:
            value = frame.value(name)
            if value is not None and value.type is not Type.MULTI:
                target = _target(conversion, name)
                assigned[target] = _converted(stage, conversion, value, context, in_place=target == name)
        frame = frame.assign(assigned) if assigned else frame
    return frame.then(frame.passed())


def _target(conversion: stages.Conversion, name: str) -> str:
    """The field that the result goes into; a star after AS stands for what the field's star stood for."""
    target = conversion.alias or name
    found = name_pattern(conversion.field).fullmatch(name)
    for part in found.groups() if found else ():
        target = target.replace("*", part, 1)
    return target


def _converted(
    stage: stages.Convert, conversion: stages.Conversion, value: Value, context: Context, *, in_place: bool
) -> Value:
    text = as_text(value)
    zone = literal(context.options.time_zone)
    pattern = literal(stage.time_format)
    match conversion.function:
        case "ctime":
            shown = call("spl_strftime", as_number(value), pattern, zone)
            return auto_value(sql("COALESCE(:n, :x)", n=shown, x=text) if in_place else shown)
        case "mktime":
            number = call("spl_strptime", text, pattern, zone, literal(float(context.options.now)))
        case name if name in _TO_NUMBER:
            number = _TO_NUMBER[name](text)
        case name:
            raise Refusal(f"convert has no function '{name}'", span=stage.span, code="RUN011")
    if conversion.function == "auto":
        every = sql("bool_and(:x IS NULL OR :n IS NOT NULL) OVER ()", x=text, n=number)
        return Value(
            sql("CASE WHEN :e THEN spl_text(:n) ELSE :x END", e=every, n=number, x=text), Type.AUTO, mixed=True
        )
    if conversion.function == "num" or not in_place:
        return number_value(number)
    return Value(sql("COALESCE(spl_text(:n), :x)", n=number, x=text), Type.AUTO, mixed=True)


@compiles(stages.RangeMap)
def compile_rangemap(stage: stages.RangeMap, frame: Frame, context: Context) -> Frame:
    """The names of the ranges that a number lies in, both ends included, in `range`; else the default."""
    value = frame.value(stage.field)
    if value is None:
        return frame.assign({"range": auto_value(literal(stage.default))})
    number = as_number(value)
    names = array(
        sql("CASE WHEN :x BETWEEN :a AND :b THEN :n END", x=number, a=float(low), b=float(high), n=name)
        for name, low, high in stage.ranges
    )
    found = sql("spl_filled(list_filter(:l, lambda v: v IS NOT NULL))", l=names)
    return frame.assign({"range": multi_value(sql("COALESCE(:f, [:d])", f=found, d=stage.default))})
