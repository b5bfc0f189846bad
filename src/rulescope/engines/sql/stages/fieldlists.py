"""Field lists of stages: wildcards put in, macros refused."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rulescope import ir
from rulescope.engines.sql.compiling import undefined_macro
from rulescope.engines.sql.frame import Frame
from rulescope.engines.sql.schema import public


def item_names(items: Sequence[ir.FieldReference | ir.MacroCall]) -> list[str]:
    """The names as written; a macro that has no definition is refused."""
    names = []
    for item in items:
        if isinstance(item, ir.MacroCall):
            raise undefined_macro(item.name, item.span)
        names.append(item.name)
    return names


def expand(patterns: Iterable[str], frame: Frame, *, keep_missing: bool = False) -> list[str]:
    """The fields that the names and wildcards stand for, each once; with `keep_missing` also unknown names."""
    found: dict[str, None] = {}
    for pattern in patterns:
        matched = frame.schema.matching(pattern)
        if not matched and keep_missing and "*" not in pattern:
            matched = [pattern]
        found.update(dict.fromkeys(matched))
    return list(found)


def fields_or_all(items: Sequence[ir.FieldReference | ir.MacroCall], frame: Frame) -> list[str]:
    """The fields listed that rows have, or every field that is not internal where none is listed."""
    if not items:
        return public(frame.schema.names())
    return expand(item_names(items), frame)
