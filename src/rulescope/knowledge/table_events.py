"""Which events are the rows of a table that rules name, and which of its columns names the event."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from rulescope.knowledge.log_directory import Log, logs
from rulescope.knowledge.tables import load_rows, split_cell


@dataclass(frozen=True, slots=True)
class TableEvents:
    """The rows of a table: events of a log, or of a product that has no log here (`provider`).

    `event_ids` empty: any. `name_column` is the column that says which event a row is; empty where none does.
    """

    log: Log | None
    provider: str
    event_ids: tuple[str, ...]
    name_column: str


class TableDirectory:
    """What rows of tables are, by language and table."""

    __slots__ = ("_tables",)

    def __init__(self, rows: Iterable[list[str]]) -> None:
        self._tables: dict[tuple[str, str], TableEvents] = {}
        for language, table, key, provider, ids, column, _ in rows:
            log = logs().by_key(key) if key else None
            name = log.name if log is not None else provider
            self._tables[language, table] = TableEvents(log, name, split_cell(ids), column)

    def find(self, language: str, table: str) -> TableEvents | None:
        """The rows of a table, by its name in small letters; None where it is not known."""
        return self._tables.get((language, table.lower()))


@cache
def table_directory() -> TableDirectory:
    """The tables as shipped."""
    return TableDirectory(load_rows("table_events.csv"))
