"""A pipeline as SQL for a person to read and run elsewhere: one CTE a stage, without data at hand."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import replace

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect

from rulescope import ir
from rulescope.engines.sql.build import column
from rulescope.engines.sql.context import EventsTable, Options
from rulescope.engines.sql.pipeline import compile_pipeline
from rulescope.engines.sql.relational import TableRows
from rulescope.engines.sql.schema import ROW, Column, free_name
from rulescope.engines.sql.server_fields import is_server_field
from rulescope.engines.sql.values import Type
from rulescope.errors import InputError
from rulescope.hunt.bound_rule import BoundRule
from rulescope.hunt.search import Knowledge, Logs
from rulescope.hunt.vocabularies import SPLUNK, Vocabulary
from rulescope.ir import stages as st
from rulescope.ir.walk import transform, walk
from rulescope.text import Diagnostic

TABLE = "events"
OUR_FUNCTIONS = "spl_"
"""How the functions begin that this project's own engine brings and another database would have to have."""


def plan_sql(
    rule: BoundRule,
    dialect: str,
    *,
    logs: Logs | None = None,
    knowledge: Knowledge = Knowledge(),  # noqa: B008
    options: Options | None = None,
) -> tuple[str, tuple[Diagnostic, ...]]:
    """The plan printed for a database, and what has to be said of it.

    With `logs` the plan reads their table, by what the rule's names and sources mean in them. Without `logs` the table
    `events` is taken to have a text column for every field that the search names, `_time` in epoch seconds and `_row`,
    the order of the events, and to hold only events of the log source, indexes or table that the rule names. Where it
    names several, they are told apart: tables by a column `Type`, others by `_channel`, `_provider`, `_event_id` and
    `sourcetype`. Raises `Refusal` for a stage that can't be planned without data, `InputError` for a dialect that is
    not known.
    """
    if Dialect.get(dialect) is None:
        known = ", ".join(sorted(name for name in Dialect.classes if name))
        raise InputError(f"there is no SQL dialect '{dialect}'", code="RSC101", hint=f"one of: {known}")
    pipeline = rule.pipeline if logs is not None else _exported(rule.pipeline, rule.written)
    events = logs.events if logs is not None else assumed_events(pipeline, rule.vocabulary)
    context = rule.vocabulary.context(pipeline, events, knowledge, options or Options(now=time.time()))
    frame = compile_pipeline(pipeline, context)
    selected = [exp.alias_(column(entry.physical), name, quoted=True) for name, entry in frame.schema.fields.items()]
    query = frame.source().select(*(selected or [column(ROW)])).order_by(exp.Ordered(this=column(ROW)))
    statement = frame.program.assemble(query)
    notes = list(context.diagnostics)
    ours = sorted(set(_our_functions(statement)))
    if ours:
        notes.append(
            Diagnostic(
                "RUN111",
                f"the plan calls functions that only Rulescope's own engine has: {', '.join(ours)}",
                severity="info",
            )
        )
    return statement.sql(dialect=dialect, pretty=True), tuple(notes)


def _exported(pipeline: ir.Pipeline, written: ir.Pipeline) -> ir.Pipeline:
    """The pipeline over rows of the sources themselves; `written` is the same before it was bound to logs."""
    tables = {node.name for node in walk(pipeline) if isinstance(node, TableRows)}
    sources = {node.names for node in walk(written) if isinstance(node, st.Origin) and node.predicate is None}

    def change(node: object) -> object:
        if isinstance(node, st.Origin) and len(sources) == 1 and node.names in sources:
            return replace(node, predicate=None)
        if not isinstance(node, TableRows):
            return node
        return replace(node, predicate=ir.Compare("Type", "eq", (node.name,)) if len(tables) > 1 else None)

    return transform(pipeline, change)


def assumed_events(pipeline: ir.Pipeline, vocabulary: Vocabulary) -> EventsTable:
    """A table of events with a text column for every field that the pipeline names, but for those that a Splunk server
    makes."""
    used: set[str] = {ROW}
    fields: dict[str, Column] = {}
    for name in ("_time", "_raw", *sorted(_fields_named(pipeline))):
        if name not in fields and not (vocabulary is SPLUNK and is_server_field(name)):
            fields[name] = Column(free_name(name, used), Type.NUMBER if name == "_time" else Type.AUTO)
    return EventsTable(TABLE, fields)


def _fields_named(pipeline: ir.Pipeline) -> Iterable[str]:
    for node in walk(pipeline):
        name = (
            node.field if isinstance(node, ir.Compare) else node.name if isinstance(node, ir.FieldReference) else None
        )
        if name and "*" not in name:
            yield name


def _our_functions(statement: exp.Expression) -> Iterable[str]:
    for call in statement.find_all(exp.Anonymous):
        if call.name.lower().startswith(OUR_FUNCTIONS):
            yield call.name.lower()
