"""Functions of Sigma: for `fieldref` the value of one field within that of another, for `exists` what an event names.

Their names end in `~`, so that no search of another language can call them.
"""

from __future__ import annotations

from sqlglot import exp

from rulescope import ir
from rulescope.engines.sql.build import any_of, sql
from rulescope.engines.sql.functions.registry import Arguments, function
from rulescope.engines.sql.values import Value, any_value, as_text, bool_value

_PLACES = {
    "starts_with~": "starts_with(:x, :y)",
    "ends_with~": "suffix(:x, :y)",
    "contains~": "contains(:x, :y)",
}


@function(*_PLACES, least=2, family="sigma")
def compile_place(given: Arguments) -> Value:
    """Whether a value of the first begins with, ends with, or holds a value of the second; with case."""
    template = _PLACES[given.call.function]
    whole, part = given.values

    def holds(left: Value, right: Value) -> exp.Expression:
        return sql(template, x=as_text(left), y=as_text(right))

    return bool_value(any_value(whole, lambda left: any_value(part, lambda right: holds(left, right))))


@function("has_key~", least=2, family="sigma")
def compile_has_key(given: Arguments) -> Value:
    """Whether an event names a field, whatever its value: a key of JSON (of objects within by their keys, joined by
    points), event data of a Windows event."""
    name = given.call.arguments[1]
    assert isinstance(name, ir.Constant)
    parts = str(name.value).split(".")
    paths = {"$" + "".join(f'."{part}"' for part in keys) for keys in (parts, [str(name.value)])}
    paths = {path for path in paths if path.count('"') == 2 * (path.count('."'))}
    text = as_text(given.values[0])
    found = any_of([sql("json_exists(:x, :p)", x=text, p=path) for path in sorted(paths)])
    data = sql("COALESCE(starts_with(:x, '<') AND contains(:x, :d), FALSE)", x=text, d=f"<Data Name='{name.value}'>")
    return bool_value(
        sql("CASE WHEN spl_json_valid(:x) = 1 THEN COALESCE(:c, FALSE) ELSE :d END", x=text, c=found, d=data)
    )
