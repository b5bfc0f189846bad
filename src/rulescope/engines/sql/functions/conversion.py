"""Between text, numbers and Booleans."""

from __future__ import annotations

from rulescope.engines.sql.build import call, sql
from rulescope.engines.sql.functions.registry import Arguments, function
from rulescope.engines.sql.values import (
    Type,
    Value,
    as_number,
    as_text,
    bool_value,
    multi_value,
    number_value,
    text_value,
)


@function("tonumber", least=1, most=2)
def compile_tonumber(given: Arguments) -> Value:
    """The number that the text is in a base from 2 to 36 (10), else NULL, as with blanks around it."""
    value = given.values[0]
    if len(given.values) == 1 or given.values[1].constant == 10:
        if value.type is Type.NUMBER:
            return value
        return number_value(sql("spl_number(:x)", x=as_text(value)))
    base = given.values[1].constant
    if isinstance(base, int | float) and not 2 <= base <= 36:
        given.tell_useless(f"a base is from 2 to 36, and not {base:g}")
    return number_value(call("spl_tonumber", as_text(value), as_number(given.values[1])))


@function("tostring", least=1, most=2)
def compile_tostring(given: Arguments) -> Value:
    """The value as text: `hex`, `commas`, `duration`, `binary`, or as it prints. A Boolean is `True` or `False`.

    A form is for numbers only: other values, and text in quotes, stay what they are.
    """
    value = given.values[0]
    if len(given.values) == 1:
        return value if value.type is Type.MULTI else text_value(as_text(value))
    form = given.constant_text(1)
    if form is None or form.lower() not in {"hex", "commas", "duration", "binary"}:
        raise given.refuse('its form must be "hex", "commas", "duration" or "binary"')
    if value.type in {Type.BOOL, Type.MULTI} or isinstance(value.constant, str):
        return value if value.type is Type.MULTI else text_value(as_text(value))
    shown = call(f"spl_{form.lower()}", as_number(value))
    return text_value(sql("COALESCE(:f, :x)", f=shown, x=as_text(value)))


@function("todouble", least=1, most=2)
def compile_todouble(given: Arguments) -> Value:
    """As `tonumber`."""
    return compile_tonumber(given)


@function("toint", least=1, most=2)
def compile_toint(given: Arguments) -> Value:
    """As `tonumber`, and the whole number at or below that."""
    return number_value(sql("floor(:x)", x=compile_tonumber(given).node))


@function("tobool", least=1)
def compile_tobool(given: Arguments) -> Value:
    """The Boolean that a text says (`true`, `True`, `false`, `False`), or whether a number is not 0."""
    value = given.values[0]
    if value.type is Type.BOOL:
        return value
    if value.type is Type.NUMBER:
        return bool_value(sql("(:x <> 0)", x=value.node))
    return bool_value(
        sql(
            "CASE WHEN :x IN ('true', 'True') THEN TRUE WHEN :x IN ('false', 'False') THEN FALSE "
            "ELSE spl_number(:x) <> 0 END",
            x=as_text(value),
        )
    )


@function("tomv", least=1)
def compile_tomv(given: Arguments) -> Value:
    """A multivalue as it is, a JSON array as a multivalue of its elements, else NULL."""
    value = given.values[0]
    if value.type is Type.MULTI:
        return value
    return multi_value(sql("spl_json_array_to_mv(:x, FALSE)", x=as_text(value)))
