"""Orders inside values: ORDER BY of windows and of WITHIN GROUP."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from rulescope import ir
from rulescope.engines.sql.values import Value

_SAID = frozenset({"descending", "ascending", "nulls_first", "nulls_last"})


def ordered_key(item: ir.Expression, compiled: Callable[[ir.Expression], Value]) -> exp.Ordered:
    """A key of an order. NULL is above every other value, unless the order says otherwise."""
    said: set[str] = set()
    while isinstance(item, ir.Operation) and item.name in _SAID:
        said.add(item.name)
        item = item.arguments[0]
    descending = "descending" in said
    first = "nulls_first" in said or (descending and "nulls_last" not in said)
    return exp.Ordered(this=compiled(item).node, desc=descending, nulls_first=first)
