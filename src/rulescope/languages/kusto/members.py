"""The parts of dynamic values: `value.name`, `value["name"]`."""

from __future__ import annotations

from rulescope.ir import Call, Constant, Expression, FieldReference, Operation
from rulescope.text import Span

_JSON_READERS = frozenset({"parse_json", "todynamic"})


def member_of(base: Expression, name: str, span: Span) -> Expression:
    """The part under a name: a path of a column, or a part of a value."""
    inner = unwrapped(base)
    if isinstance(inner, FieldReference):
        plain = name.replace("_", "a").isalnum()
        return FieldReference(f"{inner.name}.{name}" if plain else f"{inner.name}['{name}']", span)
    return Operation("member", (base, Constant(name, span)), span)


def unwrapped(base: Expression) -> Expression:
    """A column that is read as JSON is its path's beginning: `parse_json(x).a` is `x.a`."""
    while isinstance(base, Call) and base.function in (*_JSON_READERS, "tostring") and len(base.arguments) == 1:
        base = base.arguments[0]
    return base
