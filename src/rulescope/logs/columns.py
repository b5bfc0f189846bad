"""Field names to DuckDB column names."""

from __future__ import annotations

from collections.abc import Iterable

from rulescope.logs.model import HIDDEN_COLUMNS, STANDARD_FIELDS, EventColumn


def name_columns(names: Iterable[str], multivalue: set[str]) -> list[EventColumn]:
    """Columns for all names: the standard ones first, the others sorted. The same names always give the same columns.

    A name that DuckDB would not tell from an earlier one (they differ in case, or it is a hidden column's) gets `#2`,
    `#3` … at its end, and one that is empty or holds control characters is called by number.
    """
    found = set(names)
    ordered = list(STANDARD_FIELDS) + sorted(found.difference(STANDARD_FIELDS))
    taken = {name.lower() for name in HIDDEN_COLUMNS}
    columns: list[EventColumn] = []
    for number, name in enumerate(ordered):
        physical = name
        if not name or not name.isprintable() or len(name) > 200:
            physical = f"#{number}"
        attempt = 2
        stem = physical
        while physical.lower() in taken:
            physical = f"{stem}#{attempt}"
            attempt += 1
        taken.add(physical.lower())
        columns.append(EventColumn(name, physical, name in multivalue and name not in ("_time", "_raw")))
    return columns


def quoted(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def text_literal(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"
