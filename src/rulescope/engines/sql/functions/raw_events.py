"""Operations on texts: the value of one field within that of another, and what a raw event names."""

from __future__ import annotations

from sqlglot import exp

from rulescope import ir
from rulescope.engines.sql.build import any_of, sql
from rulescope.engines.sql.functions.registry import Arguments, operation
from rulescope.engines.sql.values import Value, any_value, as_text, bool_value

_NO_KEY = frozenset('"*\\')
_PLACES = {
    "has_start": "starts_with(:x, :y)",
    "has_end": "suffix(:x, :y)",
    "has_part": "contains(:x, :y)",
}


@operation(*_PLACES, least=2)
def compile_place(given: Arguments) -> Value:
    """Whether a value of the first begins with, ends with, or holds a value of the second; with case."""
    template = _PLACES[given.name]
    whole, part = given.values

    def holds(left: Value, right: Value) -> exp.Expression:
        return sql(template, x=as_text(left), y=as_text(right))

    return bool_value(any_value(whole, lambda left: any_value(part, lambda right: holds(left, right))))


@operation("has_key", least=2)
def compile_has_key(given: Arguments) -> Value:
    """Whether an event names a field, whatever its value: a key of JSON (of objects within by their keys, joined by
    points), event data of a Windows event."""
    name = given.expressions[1]
    assert isinstance(name, ir.Constant)
    written = str(name.value)
    paths: set[str] = set()
    # A path of DuckDB's has no way to write these in a key.
    if _NO_KEY.isdisjoint(written):
        paths = {"$" + "".join(f'."{part}"' for part in keys) for keys in (written.split("."), [written])}
    text = as_text(given.values[0])
    found = any_of([sql("json_exists(:x, :p)", x=text, p=path) for path in sorted(paths)])
    data = sql("COALESCE(starts_with(:x, '<') AND contains(:x, :d), FALSE)", x=text, d=f"<Data Name='{name.value}'>")
    return bool_value(
        sql("CASE WHEN spl_json_valid(:x) = 1 THEN COALESCE(:c, FALSE) ELSE :d END", x=text, c=found, d=data)
    )


@operation("has_empty_data", least=2)
def compile_has_empty_data(given: Arguments) -> Value:
    """Whether a Windows event has event data of that name with nothing in it."""
    name = given.expressions[1]
    assert isinstance(name, ir.Constant)
    written = [f"<Data Name='{name.value}'{end}" for end in ("></Data>", "/>")]
    held = any_of([sql("contains(:x, :d)", x=as_text(given.values[0]), d=text) for text in written])
    return bool_value(sql("COALESCE(starts_with(:x, '<') AND :h, FALSE)", x=as_text(given.values[0]), h=held))
