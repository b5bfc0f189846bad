"""The indexes, sourcetypes, sources and hosts that the events of a load have."""

from __future__ import annotations

from rulescope import ir
from rulescope.engines.duckdb import Database
from rulescope.engines.sql.build import column
from rulescope.engines.sql.compiling import compile_predicate
from rulescope.engines.sql.context import Context, EventsTable, Options
from rulescope.engines.sql.dialect import dialect_of
from rulescope.engines.sql.frame import Program
from rulescope.engines.sql.schema import ROW, Column
from rulescope.engines.sql.values import Type
from rulescope.hunt.kinds import Kinds
from rulescope.logs.columns import quoted
from rulescope.logs.store import TABLE

LABELS = ("index", "sourcetype", "source", "host")

MOST_VALUES = 10_000
"""Beyond so many values of a label, none is said to be missing."""


class Labels:
    """The values of each label. Those that tell no kinds apart are read once, when they are first asked for."""

    def __init__(self, kinds: Kinds) -> None:
        self._kinds = kinds
        self._read: dict[str, list[str] | None] = {}
        self._met: dict[ir.Compare, bool] = {}

    def values(self, label: str, kinds: int | None = None) -> list[str]:
        """The values that events have, the most frequent first; of events of some `kinds`, where these tell them."""
        found = self._kinds.values(label, self._kinds.everything if kinds is None else kinds)
        return (self._values(label) or []) if found is None else found

    def meet(self, leaf: ir.Compare) -> bool:
        """Whether some event's label meets the comparison; true where that can't be told."""
        if self._kinds.values(leaf.field, 0) is not None:
            return bool(self._kinds.possible(leaf))
        if leaf not in self._met:
            values = self._values(leaf.field)
            self._met[leaf] = values is None or self._meets(leaf, values)
        return self._met[leaf]

    def _values(self, label: str) -> list[str] | None:
        if label not in self._read:
            entry = self._kinds.store.column(label)
            if entry is None or entry.multivalue:
                self._read[label] = None if entry is not None else []
            else:
                name = quoted(entry.physical)
                rows = self._kinds.store.connection.execute(
                    f"SELECT {name} FROM {TABLE} WHERE {name} IS NOT NULL GROUP BY 1 "
                    f"ORDER BY count(*) DESC, 1 LIMIT {MOST_VALUES + 1}"
                ).fetchall()
                self._read[label] = [row[0] for row in rows] if len(rows) <= MOST_VALUES else None
        return self._read[label]

    def _meets(self, leaf: ir.Compare, values: list[str]) -> bool:
        """The comparison as the engine reads it, on the values alone."""
        database = Database(self._kinds.store.connection)
        try:
            table = database.load({ROW: "BIGINT", "v": "VARCHAR"}, list(enumerate(values)))
            events = EventsTable(table, {leaf.field: Column("v", Type.AUTO)})
            # A leaf says all of its meaning itself: any dialect does.
            context = Context(Options(now=0.0), dialect_of("spl"), events, executor=database)
            frame = context.events_frame(Program())
            query = frame.source().select(column(ROW)).where(compile_predicate(leaf, frame, context)).limit(1)
            return bool(database.fetch(frame.program.assemble(query)))
        finally:
            database.close()
