"""The logs that searches run over, and what is known beside them: one builder for every verb and process."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlglot import exp

from rulescope.engines.sql.build import column
from rulescope.engines.sql.context import EventsTable, FieldResolver, LookupSource, ModelSource, PlaceSource
from rulescope.engines.sql.schema import Column
from rulescope.engines.sql.values import Type, Value
from rulescope.knowledge.field_rule import FieldRule

if TYPE_CHECKING:
    from rulescope.corpus import LookupDefinition
    from rulescope.engines.duckdb.connection import Connection
    from rulescope.hunt.settings import Settings
    from rulescope.logs import EventStore


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What a search may know beside its logs. `user_fields` are the user's own rules of fields, which go before those
    of every vocabulary; `printed` keeps the SQL of derived fields from one search to the next."""

    fields: FieldResolver | None = None
    lookups: LookupSource | None = None
    models: ModelSource | None = None
    places: PlaceSource | None = None
    user_fields: tuple[FieldRule, ...] = ()
    printed: dict[str, Value | None] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Logs:
    """Loaded events: a DuckDB connection, the table in it, and the store that the table is from, where there is one."""

    connection: Connection
    events: EventsTable
    store: EventStore | None = field(default=None, repr=False)


def logs_of(store: EventStore) -> Logs:
    """The events of a store, as searches take them."""
    fields: dict[str, Column] = {}
    for entry in store.columns:
        kind = Type.NUMBER if entry.name == "_time" else Type.MULTI if entry.multivalue else Type.AUTO
        fields[entry.name] = Column(entry.physical, kind)
    hidden = {
        "_file": Column("_file", Type.TEXT),
        "_record": Column("_record", Type.NUMBER),
        "_provider": Column("_provider", Type.TEXT),
        "_channel": Column("_channel", Type.TEXT),
        "_event_id": Column("_event_id", Type.TEXT),
    }
    return Logs(store.connection, EventsTable(store.table, fields, hidden), store)


def knowledge_for(settings: Settings, logs: Logs | None = None, lookups: Iterable[LookupDefinition] = ()) -> Knowledge:
    """Shipped knowledge and the user's; `lookups` are the definitions that lie beside rules.

    Without `logs` nothing derives fields: those of a plan that is made without data, or of parts of a load, which have
    fields of their own. Raises `InputError` for files of the user's that can't be read.
    """
    from rulescope.hunt.data_models import KnowledgeModels
    from rulescope.hunt.lookups import LookupTables
    from rulescope.hunt.settings import place_file, user_fields

    tables = LookupTables(lookups, settings.lookups)
    fields = derived_fields(logs) if logs is not None else None
    return Knowledge(fields, tables, KnowledgeModels(), place_file(settings), user_fields(settings))


def any_table(knowledge: Knowledge) -> bool:
    """Whether the events may be rows of a table that no log is known to hold: none of them tells its log."""
    from rulescope.engines.sql.vocabulary import KnowledgeFields

    return isinstance(knowledge.fields, KnowledgeFields) and not knowledge.fields.labelled


def derived_fields(logs: Logs) -> FieldResolver | None:
    """What derives fields from these logs; None where their events don't tell of which kind they are."""
    from rulescope.engines.sql.vocabulary import KnowledgeFields

    hidden = logs.events.hidden
    if not {"_provider", "_channel", "_event_id"} <= hidden.keys():
        return None
    sourcetype = logs.events.fields.get("sourcetype")
    names: list[exp.Expression] = [column(hidden["_provider"].physical), column(hidden["_channel"].physical)]
    names.append(column(sourcetype.physical) if sourcetype is not None else exp.Null())
    query = exp.Select(expressions=names).from_(exp.to_table(logs.events.relation)).distinct()
    found = logs.connection.execute(query.sql(dialect="duckdb")).fetchall()
    return KnowledgeFields(hidden, frozenset((row[0], row[1], row[2]) for row in found))


__all__ = ["Knowledge", "Logs", "any_table", "derived_fields", "knowledge_for", "logs_of"]
