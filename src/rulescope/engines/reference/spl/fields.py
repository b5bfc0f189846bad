"""Lists of fields, with `*` for any run of characters."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from rulescope import ir
from rulescope.engines.reference.common.macros import undefined_macro
from rulescope.engines.reference.table import RowTable


def item_names(items: Sequence[ir.FieldReference | ir.MacroCall]) -> list[str]:
    """The names as written. Raises `Refusal` for a macro without a body."""
    for item in items:
        if isinstance(item, ir.MacroCall):
            raise undefined_macro(item.name, item.span)
    return [item.name for item in items]


def fits(name: str, pattern: str) -> bool:
    """Whether a name is the one given; a `*` in that stands for any characters, though at the name's beginning not for
    an underscore: such fields are internal."""
    if "*" not in pattern:
        return name == pattern
    if name.startswith("_") and not pattern.startswith("_"):
        return False
    return re.fullmatch(re.escape(pattern).replace(r"\*", ".*"), name, re.DOTALL) is not None


def expanded(patterns: Iterable[str], table: RowTable, *, missing: bool = False) -> list[str]:
    """The fields that the names stand for, in the order of the list; with `missing` also names that no row has."""
    found: dict[str, None] = {}
    known = table.names()
    for pattern in patterns:
        names = [name for name in known if fits(name, pattern)]
        if not names and missing and "*" not in pattern:
            names = [pattern]
        found.update(dict.fromkeys(names))
    return list(found)


def listed_or_all(items: Sequence[ir.FieldReference | ir.MacroCall], table: RowTable) -> list[str]:
    """The fields listed, or all that are not internal."""
    if items:
        return expanded(item_names(items), table)
    return [name for name in table.names() if not name.startswith("_")]
