"""Between text, numbers and Booleans."""

from __future__ import annotations

from rulescope.engines.sql.build import call, sql
from rulescope.engines.sql.functions.registry import Arguments, function
from rulescope.engines.sql.values import (
    Type,
    Value,
    as_multi,
    as_number,
    as_text,
    multi_value,
    number_value,
    text_value,
)


@function("tonumber", least=1, most=2)
def compile_tonumber(given: Arguments) -> Value:
    """The number that the text is in a base from 2 to 36 (10), else NULL."""
    value = given.values[0]
    if len(given.values) == 1 or given.values[1].constant == 10:
        if value.type is Type.NUMBER:
            return value
        return number_value(sql("spl_number(trim(:x))", x=as_text(value)))
    return number_value(call("spl_tonumber", as_text(value), as_number(given.values[1])))


@function("tostring", least=1, most=2)
def compile_tostring(given: Arguments) -> Value:
    """The value as text: `hex`, `commas`, `duration`, `binary`, or as it prints. A Boolean is `True` or `False`."""
    value = given.values[0]
    if len(given.values) == 1:
        return value if value.type is Type.MULTI else text_value(as_text(value))
    form = given.constant_text(1)
    if form is None or form.lower() not in {"hex", "commas", "duration", "binary"}:
        raise given.refuse('its form must be "hex", "commas", "duration" or "binary"')
    return text_value(call(f"spl_{form.lower()}", as_number(value)))


@function("todouble", least=1, most=2)
def compile_todouble(given: Arguments) -> Value:
    """As `tonumber`."""
    return compile_tonumber(given)


@function("toint", least=1, most=2)
def compile_toint(given: Arguments) -> Value:
    """As `tonumber`, cut to a whole number."""
    return number_value(sql("trunc(:x)", x=compile_tonumber(given).node))


@function("tobool", least=1)
def compile_tobool(given: Arguments) -> Value:
    """The Boolean that a text or number is."""
    value = given.values[0]
    if value.type is Type.BOOL:
        return value
    text = as_text(value)
    return Value(
        sql(
            "CASE WHEN lower(:x) IN ('true', 't', '1') THEN TRUE WHEN lower(:x) IN ('false', 'f', '0') THEN FALSE END",
            x=text,
        ),
        Type.BOOL,
    )


@function("tomv", least=1)
def compile_tomv(given: Arguments) -> Value:
    """The value as a multivalue."""
    return multi_value(as_multi(given.values[0]))
