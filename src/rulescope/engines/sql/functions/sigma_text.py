"""Text functions of Sigma's `fieldref`: the value of one field within that of another.

Their names end in `~`, so that no search of another language can call them.
"""

from __future__ import annotations

from sqlglot import exp

from rulescope.engines.sql.build import sql
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
