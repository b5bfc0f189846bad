"""A pipeline as SQL for a person to read and run elsewhere: one CTE a stage, without data at hand."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import ErrorLevel, SqlglotError

from rulescope import ir
from rulescope.analysis.stage_fields import stage_fields
from rulescope.engines.sql.build import DIALECT, column
from rulescope.engines.sql.compiling import compile_pipeline
from rulescope.engines.sql.context import EventsTable, Options
from rulescope.engines.sql.lowering import lowered
from rulescope.engines.sql.needs import Needs, needs_of, own_functions
from rulescope.engines.sql.schema import ROW, Column, free_name
from rulescope.engines.sql.server_fields import is_server_field
from rulescope.engines.sql.support import support_for
from rulescope.engines.sql.values import Type
from rulescope.errors import ExecutionError, UsageError
from rulescope.hunt.bound_rule import BoundRule
from rulescope.hunt.engine_errors import engine_errors
from rulescope.hunt.knowledge import Knowledge, Logs
from rulescope.hunt.vocabularies import Vocabulary
from rulescope.ir import stages
from rulescope.ir.walk import transform, walk
from rulescope.knowledge.sql_databases import SqlDatabase, sql_databases, unknown_database
from rulescope.text import Diagnostic, nearest_name

TABLE = "events"


@engine_errors()
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
    `sourcetype`. Raises `Refusal` for a stage that can't be planned without data, `UsageError` for a dialect that is
    not known.
    """
    check_dialect(dialect)
    statement, notes = plan_tree(rule, logs, knowledge, options)
    if dialect == DIALECT:
        return _printed(statement, dialect)[0], (*notes, *_own_notes(statement))
    checked = sql_databases().get(dialect)
    database = checked or unknown_database(dialect)
    support = support_for(rule.vocabulary.dialect_for(rule.pipeline.language), database)
    shown = lowered(statement, database, support)
    printed, left_out = _printed(shown, dialect)
    if checked is None:
        return printed, (*notes, *_own_notes(statement), _unchecked(dialect))
    return printed, (*notes, *_portability_notes(database, needs_of(shown, printed, database, support, left_out)))


def plan_tree(
    rule: BoundRule,
    logs: Logs | None = None,
    knowledge: Knowledge = Knowledge(),  # noqa: B008
    options: Options | None = None,
) -> tuple[exp.Expression, tuple[Diagnostic, ...]]:
    """The plan as a tree, and what the compiler says of it; as `plan_sql` otherwise."""
    pipeline = rule.pipeline if logs is not None else _exported(rule.pipeline, rule.written)
    events = logs.events if logs is not None else assumed_events(pipeline, rule.vocabulary)
    context = rule.vocabulary.context(pipeline, events, knowledge, options or Options(now=time.time()))
    frame = compile_pipeline(pipeline, context)
    selected = [exp.alias_(column(entry.physical), name, quoted=True) for name, entry in frame.schema.fields.items()]
    query = frame.source().select(*(selected or [column(ROW)])).order_by(exp.Ordered(this=column(ROW)))
    return frame.program.assemble(query), tuple(context.diagnostics)


def planned_table(rule: BoundRule) -> EventsTable:
    """The table that the plan of a rule without logs reads."""
    return assumed_events(_exported(rule.pipeline, rule.written), rule.vocabulary)


def _printed(statement: exp.Expression, dialect: str) -> tuple[str, tuple[str, ...]]:
    """The text, and what the printer had no words for in this dialect."""
    printer = Dialect.get_or_raise(dialect).generator(pretty=True, unsupported_level=ErrorLevel.IGNORE)
    try:
        return printer.generate(statement), tuple(dict.fromkeys(printer.unsupported_messages))
    except (AttributeError, SqlglotError) as error:
        # sqlglot knows many dialects, and has faults of its own in some.
        raise ExecutionError(f"the plan can't be printed for {dialect}: {error}", code="RUN152") from error


def _own_notes(statement: exp.Expression) -> Iterator[Diagnostic]:
    own = own_functions(statement)
    if own:
        yield Diagnostic("RUN111", f"the plan calls {_brought(own)}", severity="info")


def _brought(own: Sequence[str]) -> str:
    return f"functions that only Rulescope's own engine has: {', '.join(own)}"


def _unchecked(dialect: str) -> Diagnostic:
    message = f"the plan was not checked for {dialect}: it may need what that database lacks"
    known = ", ".join(sorted(sql_databases()))
    return Diagnostic("RUN151", message, severity="warning", hint=f"checked are duckdb, {known}")


def _portability_notes(database: SqlDatabase, needs: Needs) -> Iterator[Diagnostic]:
    """What has to be said of a plan for this database: what it needs and the database lacks, or means otherwise."""
    lacking = [
        _brought(needs.own) if needs.own else "",
        f"functions: {', '.join(needs.functions)}" if needs.functions else "",
        f"types: {', '.join(needs.types)}" if needs.types else "",
        *needs.forms,
        f"what is left out of it: {', '.join(needs.left_out)}" if needs.left_out else "",
    ]
    if any(lacking):
        named = "; ".join(filter(None, lacking))
        message = f"{database.name} ({database.version}) lacks what the plan needs: {named}"
        yield Diagnostic("RUN111", message, severity="warning")
    if needs.differs:
        message = f"in {database.name}, {'; '.join(needs.differs)}"
        yield Diagnostic("RUN150", message, severity="warning")


def check_dialect(dialect: str) -> None:
    """Raises `UsageError`, with the nearest names, for a dialect that sqlglot does not print."""
    if Dialect.get(dialect) is None:
        known = sorted(name for name in Dialect.classes if name)
        near = _MEANT_DIALECTS.get(dialect.lower()) or nearest_name(dialect, known)
        hint = f"did you mean '{near}'?" if near else f"one of: {', '.join(known)}"
        raise UsageError(f"there is no SQL dialect '{dialect}'", code="RSC101", hint=hint)


_MEANT_DIALECTS = {
    "azure": "tsql",
    "mariadb": "mysql",
    "mssql": "tsql",
    "pyspark": "spark",
    "sparksql": "spark",
    "sqlserver": "tsql",
}


def _exported(pipeline: ir.Pipeline, written: ir.Pipeline) -> ir.Pipeline:
    """The pipeline over rows of the sources themselves; `written` is the same before it was bound to logs."""
    tables = {node.name for node in walk(pipeline) if isinstance(node, stages.TableRows)}
    sources = {node.names for node in walk(written) if isinstance(node, stages.Origin) and node.predicate is None}

    def change(node: object) -> object:
        if isinstance(node, stages.Origin) and len(sources) == 1 and node.names in sources:
            return replace(node, predicate=None)
        if not isinstance(node, stages.TableRows):
            return node
        return replace(node, predicate=ir.Compare("Type", "eq", (node.name,)) if len(tables) > 1 else None)

    return transform(pipeline, change)


def assumed_events(pipeline: ir.Pipeline, vocabulary: Vocabulary) -> EventsTable:
    """A table of events with a text column for every field that the pipeline names, but for those that a server
    makes."""
    used: set[str] = {ROW}
    fields: dict[str, Column] = {}
    for name in ("_time", "_raw", *sorted(_fields_named(pipeline))):
        if name not in fields and not (vocabulary.server_fields and is_server_field(name)):
            fields[name] = Column(free_name(name, used), Type.NUMBER if name == "_time" else Type.AUTO)
    return EventsTable(TABLE, fields)


def _fields_named(pipeline: ir.Pipeline) -> Iterable[str]:
    """The fields that conditions and expressions name, and those that stages name by themselves."""
    for node in walk(pipeline):
        names: Iterable[str | None] = ()
        if isinstance(node, ir.Compare):
            names = (node.field,)
        elif isinstance(node, ir.FieldReference):
            names = (node.name,)
        elif isinstance(node, stages.Correlation):
            named = {alias for alias, _, _ in node.aliases}
            grouped = (name for name in node.group_by if name not in named)
            names = (*grouped, node.field, *node.more_fields, *(name for _, _, name in node.aliases))
        elif isinstance(node, stages.Join):
            names = (name for pair in node.fields for name in pair)
        elif isinstance(node, stages.Stage):
            names = stage_fields(node).reads
        yield from (name for name in names if name and "*" not in name)
