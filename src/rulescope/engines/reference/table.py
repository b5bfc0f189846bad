"""The rows between two stages."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from rulescope.engines.reference.values import Row


@dataclass(slots=True)
class RowTable:
    """Rows in their order. `columns` are the names and kinds of the columns where a language types them, in order;
    `aliases` are the columns of joined tables by their names with the table's (`table.column`)."""

    rows: list[Row]
    columns: dict[str, str] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)

    def keep(self, wanted: Callable[[Row], bool]) -> RowTable:
        """The rows for which `wanted` is true."""
        return self.with_rows([row for row in self.rows if wanted(row)])

    def with_rows(self, rows: Iterable[Row]) -> RowTable:
        """Other rows of the same columns."""
        return RowTable(list(rows), dict(self.columns), dict(self.aliases))

    def names(self) -> list[str]:
        """The fields that some row has, or the columns, in order."""
        found: dict[str, Any] = dict.fromkeys(self.columns)
        for row in self.rows:
            found.update(dict.fromkeys(row))
        return list(found)
