"""The values of a vocabulary's labels that the events of a load have: indexes, sourcetypes, sources and hosts, or
Elastic's categories, data sets and modules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial

from rulescope import ir
from rulescope.engines.duckdb import Database
from rulescope.engines.sql.build import column
from rulescope.engines.sql.compiling import compile_predicate
from rulescope.engines.sql.context import Context, EventsTable, Options
from rulescope.engines.sql.dialect import dialect_of
from rulescope.engines.sql.frame import Program
from rulescope.engines.sql.schema import ROW, Column
from rulescope.engines.sql.values import Type
from rulescope.hunt.kinds import Kind, Kinds
from rulescope.hunt.vocabularies import Vocabulary
from rulescope.knowledge.derivation import raw_fields
from rulescope.knowledge.derivation_value import Value, evaluate
from rulescope.knowledge.field_rule import FieldRule
from rulescope.logs.columns import quoted
from rulescope.logs.store import TABLE

MOST_VALUES = 10_000
"""Beyond so many values of a label, none is said to be missing."""


class Labels:
    """The values of each label of the `vocabulary`. Those that tell no kinds apart are read once, when they are first
    asked for."""

    def __init__(self, kinds: Kinds, vocabulary: Vocabulary, own: Sequence[FieldRule] = ()) -> None:
        """`kinds` are those of the vocabulary; `own` are the user's rules of fields."""
        self.vocabulary = vocabulary
        self._kinds = kinds
        self._derives = vocabulary.fields is not None
        self._rules_of = partial(vocabulary.rules_of, own=own)
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
            if self._derives:
                self._read[label] = self._derived(label)
            elif entry is None or entry.multivalue:
                self._read[label] = None if entry is not None else []
            else:
                name = quoted(entry.physical)
                rows = self._kinds.store.connection.execute(
                    f"SELECT {name} FROM {TABLE} WHERE {name} IS NOT NULL GROUP BY 1 "
                    f"ORDER BY count(*) DESC, 1 LIMIT {MOST_VALUES + 1}"
                ).fetchall()
                self._read[label] = [row[0] for row in rows] if len(rows) <= MOST_VALUES else None
        return self._read[label]

    def _derived(self, label: str) -> list[str] | None:
        """The values that events have, or that rules give them; None where these read a list, or there are too many."""
        store = self._kinds.store
        rules = [rule for rule in self._rules_of(label) if any(_is_of(rule, kind) for kind in self._kinds.kinds)]
        own = (label, f"{label}{{}}")
        names = sorted(set(own).union(*(raw_fields(rule.form) for rule in rules)))
        entries = [entry for name in names if (entry := store.column(name)) is not None]
        if any(entry.multivalue and entry.name not in own for entry in entries):
            return None
        sourcetype = store.column("sourcetype")
        keys = ["_channel", "_event_id", "_provider", quoted(sourcetype.physical) if sourcetype else "NULL"]
        columns = ", ".join([*keys, *(quoted(entry.physical) for entry in entries)])
        rows = store.connection.execute(
            f"SELECT {columns}, count(*) AS n FROM {TABLE} GROUP BY ALL LIMIT {MOST_VALUES + 1}"
        ).fetchall()
        if len(rows) > MOST_VALUES:
            return None
        counts: Counter[str] = Counter()
        for channel, event_id, provider, told, *cells, count in rows:
            event = {entry.name: cell for entry, cell in zip(entries, cells, strict=True) if cell is not None}
            value = (
                event.get(own[0])
                or event.get(own[1])
                or _given(rules, Kind(channel, event_id, provider, told, 0, 0), event)
            )
            for one in (value,) if isinstance(value, str) else value or ():
                counts[one] += count
        return [value for value, _ in counts.most_common()]

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


def _is_of(rule: FieldRule, kind: Kind) -> bool:
    return rule.applies_to(kind.event_id) and rule.log.holds(kind.provider, kind.channel, kind.sourcetype)


def _given(rules: Sequence[FieldRule], kind: Kind, event: Mapping[str, str]) -> Value:
    """What the first rule that has a value for the event gives it."""
    values = (evaluate(rule.form, event) for rule in rules if _is_of(rule, kind))
    return next((value for value in values if value is not None), None)
