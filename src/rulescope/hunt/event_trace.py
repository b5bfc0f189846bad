"""Where one event went in a search: the first stage that dropped it, and the truth of every part of its condition."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from sqlglot import exp

from rulescope import ir
from rulescope.engines.duckdb import Database
from rulescope.engines.sql.build import sql
from rulescope.engines.sql.compiling import compile_predicate, walk_stages
from rulescope.engines.sql.context import Context, EventsTable, Options
from rulescope.engines.sql.frame import Frame
from rulescope.engines.sql.values import as_text
from rulescope.errors import InputError, RulescopeError, UsageError
from rulescope.hunt.bound_rule import BoundRule
from rulescope.hunt.engine_errors import engine_errors
from rulescope.hunt.knowledge import Knowledge, Logs
from rulescope.ir.walk import walk
from rulescope.languages.spl.printer import condition_text, predicate_text
from rulescope.logs.inputs import label_of
from rulescope.system.deadline import Deadline
from rulescope.text import Source

LONGEST_VALUE = 400
"""Characters of a field's value that are shown."""


@dataclass(frozen=True, slots=True)
class Truth:
    """A part of a condition for one event: `kind` is `and`, `or`, `not`, `macro` or `leaf`; `truth` None is unknown
    (NULL).

    `values` are the fields that a leaf reads, with what the event has in them (None: it lacks the field). A `macro` has
    its call as text, and the conditions that it stands for as its one part.
    """

    kind: str
    text: str
    truth: bool | None
    parts: tuple[Truth, ...] = ()
    values: tuple[tuple[str, str | None], ...] = ()


@dataclass(frozen=True, slots=True)
class EventTrace:
    """How far an event came. `outcome` is `dropped` (at stage `number`), `grouped` (stage `number` puts it together
    with others, or makes rows of another kind) or `kept`. `condition` is the dropping stage's, where it has one."""

    file: str
    record: int
    outcome: str
    number: int = 0
    kind: str = ""
    text: str = ""
    condition: Truth | None = None


@dataclass(slots=True)
class _Part:
    """A node of a condition while it is being evaluated: the index of its expression in the one query."""

    predicate: ir.Predicate
    index: int
    parts: list[_Part] = field(default_factory=list)
    values: list[tuple[str, int | None]] = field(default_factory=list)


@engine_errors()
def trace_event(
    rule: BoundRule,
    source: Source,
    logs: Logs,
    event: str,
    *,
    options: Options,
    knowledge: Knowledge,
    deadline: Deadline,
) -> EventTrace:
    """Runs the rule over that event alone. `event` is `FILE#RECORD`; of the file, the end of its path is enough.
    `source` is the text that it was read from.

    Raises `InputError` where there is no such event, or more than one.
    """
    file, record, row = _find(logs, event)
    database = Database(logs.connection, deadline)
    relation = "_rs_traced_event"
    rows = exp.to_identifier(logs.events.relation, quoted=True).sql(dialect="duckdb")
    logs.connection.execute(f'CREATE OR REPLACE TEMP VIEW "{relation}" AS SELECT * FROM {rows} WHERE _row = {row}')
    events = EventsTable(relation, logs.events.fields, logs.events.hidden, logs.events.row)
    pipeline = rule.pipeline
    context = rule.vocabulary.context(pipeline, events, knowledge, options, database)
    kept = EventTrace(file, record, "kept", len(pipeline.stages))
    try:
        with deadline, engine_errors():
            return _follow(pipeline, source, context, database, kept)
    finally:
        database.close()
        logs.connection.execute(f'DROP VIEW IF EXISTS "{relation}"')


def _find(logs: Logs, event: str) -> tuple[str, int, int]:
    file, mark, number = event.rpartition("#")
    if not mark or not number.isdecimal():
        raise UsageError(f"'{event}' names no event", hint="an event is FILE#RECORD, as in security.evtx#4711")
    file = label_of(file)
    relation = exp.to_identifier(logs.events.relation, quoted=True).sql(dialect="duckdb")
    found = logs.connection.execute(
        f"SELECT _file, _record, _row FROM {relation} WHERE _record = ? AND (_file = ? OR suffix(_file, ?)"
        " OR suffix(_file, ?) OR suffix(_file, ?)) LIMIT 2",
        [int(number), file, f"/{file}", f"!{file}", f"\\{file}"],
    ).fetchall()
    if not found:
        raise InputError(f"there is no event {file}#{number} in these logs", code="RSC140", hint=_there_is(logs, file))
    if len(found) > 1:
        raise InputError(f"'{event}' names more than one event: {found[0][0]} and {found[1][0]}")
    return found[0][0], found[0][1], found[0][2]


def _there_is(logs: Logs, file: str) -> str | None:
    """The records of the file that was meant, or the names of the files that there are."""
    relation = exp.to_identifier(logs.events.relation, quoted=True).sql(dialect="duckdb")
    rows = logs.connection.execute(
        f"SELECT _file, min(_record), max(_record) FROM {relation} GROUP BY _file ORDER BY _file"
        f" LIMIT {_MOST_FILES + 1}"
    ).fetchall()
    for name, first, last in rows:
        if name == file or name.endswith((f"/{file}", f"!{file}", f"\\{file}")):
            return f"its records are numbered from {first:,} to {last:,}"
    if not rows:
        return None
    more = ", …" if len(rows) > _MOST_FILES else ""
    return f"files of these logs: {', '.join(row[0] for row in rows[:_MOST_FILES])}{more}"


_MOST_FILES = 5


def _follow(
    pipeline: ir.Pipeline, source: Source, context: Context, database: Database, kept: EventTrace
) -> EventTrace:
    way = walk_stages(pipeline, context)
    before = way.frame
    if not pipeline.generating and not _count(before, database):
        return replace(kept, outcome="dropped", number=0, kind="time range")
    for step in way:
        stage, frame, kind = step.stage, step.frame, ir.stage_kind(step.stage)
        here = replace(kept, number=step.number, kind=kind, text=written_text(stage, source))
        if not frame.events:
            return replace(here, outcome="grouped" if _count(frame, database) else "dropped")
        if not _count(frame, database):
            predicate = getattr(stage, "predicate", None)
            condition = _truth(predicate, before, context, database, _Words(source, kind)) if predicate else None
            return replace(here, outcome="dropped", condition=condition)
        before = frame
    return kept


def written_text(stage: ir.Stage, source: Source) -> str:
    """The stage as its author wrote it, with calls of macros instead of what they stand for."""
    return source.slice(stage.span).strip() or stage.text


def _count(frame: Frame, database: Database) -> int:
    query = frame.source().select(exp.alias_(exp.Count(this=exp.Star()), "n"))
    return int(database.fetch(frame.program.assemble(query))[0][0])


@dataclass(frozen=True, slots=True)
class _Words:
    """How conditions are put in words: as those of `search` or of `where`, and macros as they were called."""

    source: Source
    kind: str

    def text(self, predicate: ir.Predicate) -> str:
        written = self.source.slice(predicate.span).strip()
        if written and "`" not in written:
            return written
        return predicate_text(predicate) if self.kind == "search" else condition_text(predicate)

    def macro(self, predicate: ir.Predicate) -> str | None:
        """The call of the macro that the condition came from as a whole."""
        written = self.source.slice(predicate.span).strip()
        return written if len(written) > 2 and written[0] == written[-1] == "`" and "`" not in written[1:-1] else None


def _truth(predicate: ir.Predicate, frame: Frame, context: Context, database: Database, words: _Words) -> Truth:
    nodes: list[exp.Expression] = []
    root = _parts(predicate, frame, context, nodes)
    selected = [exp.alias_(node, f"c{index}") for index, node in enumerate(nodes)]
    query = frame.source().select(*selected).limit(1)
    row = database.fetch(frame.program.assemble(query))[0]
    return _told(root, row, words)


def _parts(predicate: ir.Predicate, frame: Frame, context: Context, nodes: list[exp.Expression]) -> _Part:
    part = _Part(predicate, len(nodes))
    nodes.append(_condition(predicate, frame, context))
    if isinstance(predicate, ir.And | ir.Or):
        part.parts = [_parts(operand, frame, context, nodes) for operand in predicate.operands]
    elif isinstance(predicate, ir.Not):
        part.parts = [_parts(predicate.operand, frame, context, nodes)]
    else:
        for name in _fields(predicate):
            value = frame.value(name)
            if value is None:
                part.values.append((name, None))
                continue
            part.values.append((name, len(nodes)))
            nodes.append(as_text(value) if value.type.name != "MULTI" else _joined(value.node))
    return part


def _condition(predicate: ir.Predicate, frame: Frame, context: Context) -> exp.Expression:
    try:
        return compile_predicate(predicate, frame, context, positive=False)
    except RulescopeError:
        return exp.Null()


def _joined(node: exp.Expression) -> exp.Expression:
    return sql("array_to_string(:x, ', ')", x=node)


def _fields(predicate: ir.Predicate) -> list[str]:
    if isinstance(predicate, ir.Compare):
        return [predicate.field]
    return list(dict.fromkeys(node.name for node in walk(predicate) if isinstance(node, ir.FieldReference)))


def _told(part: _Part, row: tuple[Any, ...], words: _Words, above: str | None = None) -> Truth:
    predicate = part.predicate
    found = row[part.index]
    truth = None if found is None else bool(found)
    macro = words.macro(predicate)
    if macro is not None and macro != above:
        return Truth("macro", macro, truth, (_told(part, row, words, macro),))
    kind = {ir.And: "and", ir.Or: "or", ir.Not: "not"}.get(type(predicate), "leaf")
    values = []
    for name, index in part.values:
        value = None if index is None or row[index] is None else str(row[index])
        if value is not None and len(value) > LONGEST_VALUE:
            value = value[:LONGEST_VALUE] + "…"
        values.append((name, value))
    parts = tuple(_told(one, row, words, macro) for one in part.parts)
    return Truth(kind, words.text(predicate), truth, parts, tuple(values))
