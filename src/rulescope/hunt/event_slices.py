"""Parts of a load that searches run on: the events of some kinds, with only the fields that they have.

A small part is copied into memory once and used by all rules that read these kinds; a large one is read where it is.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import TYPE_CHECKING

from sqlglot import exp

from rulescope.engines.sql.context import EventsTable
from rulescope.engines.sql.schema import Column
from rulescope.engines.sql.values import Type, Value
from rulescope.engines.sql.vocabulary import KnowledgeFields
from rulescope.hunt.frequent_words import Words, find_words
from rulescope.hunt.kinds import Kind, Kinds
from rulescope.hunt.knowledge import Logs
from rulescope.logs import EventStore
from rulescope.logs.model import HIDDEN_COLUMNS

if TYPE_CHECKING:
    from rulescope.engines.duckdb.connection import Connection

COPIED_BYTES = 24 << 20
"""Characters of raw text up to which a slice is copied into memory."""

COPIED_COLUMNS = 400
"""Fields up to which a slice is copied: in memory, each takes a block of 256 KB however few rows it has."""

HELD_BYTES = 256 << 20
"""Characters of raw text of all copied slices together; the one longest unused goes first."""

WORDS_FROM = 2 << 20
"""Characters of raw text from which it pays to know the words in them."""

WORDS_AFTER = 8
"""After how many rules with terms on a slice: finding its words takes as long as some searches."""

_HIDDEN_TYPES = {"_record": Type.NUMBER}
_numbers = count(1)


@dataclass(frozen=True, slots=True)
class EventSlice:
    """The events of some kinds as searches take them, and the fields that knowledge derives for their logs.

    `printed` is the SQL of those that were derived before, by vocabulary. `words` are those that occur in a large slice
    that many rules read, else None.
    """

    logs: Logs
    fields: KnowledgeFields
    size: int
    table: str | None = None
    words: Words | None = None
    printed: dict[str, dict[str, Value | None]] = field(default_factory=dict, repr=False)


class Slices:
    """Makes slices of a load, and keeps those that are in use."""

    def __init__(self, store: EventStore, kinds: Kinds, *, copied: int = COPIED_BYTES, held: int = HELD_BYTES) -> None:
        self._store = store
        self._kinds = kinds
        self._copied = copied
        self._held = held
        self._slices: OrderedDict[int, EventSlice] = OrderedDict()
        self._uses: dict[int, int] = {}
        self._words: dict[tuple[str | None, str | None], str] = {}

    @property
    def connection(self) -> Connection:
        """Where the slices are."""
        return self._store.connection

    def of(self, kinds: int, *, terms: bool = True) -> EventSlice:
        """The slice of those kinds; it stays usable until the next call. `terms` says whether the search has any:
        its words are of no use to others."""
        uses = self._uses[kinds] = self._uses.get(kinds, 0) + terms
        found = self._slices.get(kinds)
        if found is not None:
            self._slices.move_to_end(kinds)
            if terms and found.words is None and found.size > WORDS_FROM and uses >= WORDS_AFTER:
                words = self._words_of(self._kinds.members(kinds))
                found = self._slices[kinds] = replace(found, words=words)
            return found
        made = self._slices[kinds] = self._make(kinds)
        total = sum(one.size for one in self._slices.values() if one.table)
        for key, one in list(self._slices.items()):
            if total <= self._held or key == kinds:
                break
            if one.table is not None:
                self._store.connection.execute(f'DROP TABLE IF EXISTS "{one.table}"')
                total -= one.size
                del self._slices[key]
        return made

    def _make(self, kinds: int) -> EventSlice:
        connection = self._store.connection
        members = self._kinds.members(kinds)
        size = sum(kind.size for kind in members)
        names = self._kinds.names_of(kinds) | {"_time", "_raw"}
        columns = [entry for entry in self._store.columns if entry.name in names]
        relation = self._relation(members, names)
        name = f"_rs_slice_{next(_numbers)}"
        copied = size <= self._copied and len(columns) <= COPIED_COLUMNS
        if copied:
            connection.execute(f'CREATE TEMP TABLE "{name}" AS {relation}')
        else:
            connection.execute(f'CREATE TEMP VIEW "{name}" AS {relation}')
        fields = {
            entry.name: Column(
                entry.physical,
                Type.NUMBER if entry.name == "_time" else Type.MULTI if entry.multivalue else Type.AUTO,
            )
            for entry in columns
        }
        hidden = {
            hidden: Column(hidden, _HIDDEN_TYPES.get(hidden, Type.TEXT))
            for hidden in HIDDEN_COLUMNS
            if hidden not in ("_row", "_rebuilt")
        }
        logs = Logs(connection, EventsTable(name, fields, hidden), self._store)
        told = frozenset((kind.provider, kind.channel, kind.sourcetype) for kind in members)
        return EventSlice(logs, KnowledgeFields(hidden, told), size, name if copied else None)

    def _relation(self, members: Sequence[Kind], names: Iterable[str]) -> str:
        """The events of these kinds, and maybe of others, with those fields."""
        channels = None if any(kind.channel is None for kind in members) else {str(kind.channel) for kind in members}
        ids = None if any(kind.event_id is None for kind in members) else {str(kind.event_id) for kind in members}
        relation = self._store.relation(names, channels=channels, event_ids=ids)
        conditions = _conditions(members, channels, ids)
        return f"SELECT * FROM ({relation}) WHERE {conditions}" if conditions else relation

    def _words_of(self, members: Sequence[Kind]) -> Words:
        """The words of these kinds. Those of a channel and event id are looked for once, for all slices they are in."""
        found: dict[tuple[str | None, str | None], str] = {}
        for kind in members:
            key = (kind.channel, kind.event_id)
            if key not in self._words:
                self._words[key] = find_words(self._store.connection, self._relation([kind], ("_raw",)))
            found[key] = self._words[key]
        return Words(found.values())


def _conditions(members: Sequence[Kind], channels: set[str] | None, ids: set[str] | None) -> str:
    """What narrows a relation down where channels or ids that are missing kept it from being narrowed."""
    parts = []
    for column, found, known in (
        ("_channel", {member.channel for member in members}, channels),
        ("_event_id", {member.event_id for member in members}, ids),
    ):
        if known is not None:
            continue
        values = sorted(value for value in found if value is not None)
        texts = ", ".join(exp.Literal.string(value).sql(dialect="duckdb") for value in values)
        parts.append(f"({column} IS NULL OR {column} IN ({texts}))" if texts else f"{column} IS NULL")
    return " AND ".join(parts) if members else "FALSE"
