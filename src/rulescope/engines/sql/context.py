"""What a compilation knows beside the pipeline: logs, clock, knowledge, and (where there is data) a database."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any, Protocol

from sqlglot import exp

from rulescope import ir
from rulescope.engines.options import Options
from rulescope.engines.sql.build import DIALECT, call, column, sql
from rulescope.engines.sql.dialect import Dialect
from rulescope.engines.sql.event_order import newest_first, ranked_newest_first
from rulescope.engines.sql.frame import Cte, Frame, Program
from rulescope.engines.sql.schema import EVENT, ROW, Column, Evidence, Schema, free_name
from rulescope.engines.sql.values import Type, Value
from rulescope.errors import Refusal
from rulescope.ir import stages
from rulescope.ir.times import WrittenTime
from rulescope.ir.walk import texts_of, walk
from rulescope.system.deadline import Deadline
from rulescope.text import NO_SPAN, Diagnostic, Span


@dataclass(frozen=True, slots=True)
class EventsTable:
    """The relation that holds the events: fields by name, hidden columns by name, and the column of their order."""

    relation: str
    fields: Mapping[str, Column]
    hidden: Mapping[str, Column] = field(default_factory=dict)
    row: str = ROW


class FieldResolver(Protocol):
    """Knows fields that logs don't carry by that name, and how they follow from those that they do carry."""

    def names(self) -> Sequence[str]:
        """The names that `expression` may know."""

    def expression(self, name: str, fields: Mapping[str, Column]) -> Value | None:
        """The value of field `name` over the raw columns, or None where it can't be had from them."""


class LookupSource(Protocol):
    """Finds lookup tables."""

    def table(self, name: str) -> LookupTable | None:
        """The table called `name`, or None where there is none."""


@dataclass(frozen=True, slots=True)
class LookupTable:
    """A lookup table: its columns in order, its rows, and how each key column matches.

    `match_types` maps a column to `WILDCARD` or `CIDR`; others match exactly. `case_sensitive` is Splunk's
    `case_sensitive_match`, true unless said otherwise. `max_matches` bounds how many rows one event takes values from.
    Not `defined`: the table goes by the name of a definition that is not at hand. `problems` say what of its file was
    not taken as it stands; `doubts` why how it matches is not certain.
    """

    name: str
    columns: tuple[str, ...]
    rows: Sequence[Sequence[str | None]]
    match_types: Mapping[str, str] = field(default_factory=dict)
    case_sensitive: bool = True
    max_matches: int = 1000
    default_match: str | None = None
    min_matches: int = 0
    defined: bool = True
    problems: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DataSet:
    """A data set of a data model: which events it holds, and the fields computed for it (`name` without node).

    `condition` may also read `_provider`, `_channel` and `_event_id`, which tell the log and kind of an event. `nodes`
    are the data set and those above it, the root first: what may stand before a field's name.
    """

    model: str
    node: str
    condition: ir.Predicate | None
    fields: tuple[str, ...] = ()
    nodes: tuple[str, ...] = ()

    def bare_name(self, name: str) -> str:
        """The field that `Node.field` stands for: without the names of the data set and those above it."""
        while "." in name:
            head, _, rest = name.partition(".")
            if head not in self.nodes and head != self.model:
                break
            name = rest
        return name


class ModelSource(Protocol):
    """Finds data models."""

    def data_set(self, model: str, node: str | None) -> DataSet | None:
        """The data set, or None where it is not known; `node` None means the model's root."""


class PlaceSource(Protocol):
    """Knows where addresses are."""

    def place(self, address: str, language: str | None) -> Mapping[str, str]:
        """What is known of an address: `City`, `Country`, `Region`, `lat`, `lon`, `Continent`, `Timezone` and so on."""


class TextReader(Protocol):
    """Reads texts out of data that stand for a part of the search: values that are put into it while it is planned."""

    def condition(self, text: str) -> ir.Predicate | None:
        """The condition that a text is as a search; None where it is none. Raises ValueError for what is no search."""

    def expression(self, text: str) -> ir.Expression | None:
        """The expression that a text is; None where it is none."""

    def time(self, text: str) -> WrittenTime:
        """The time that a text is."""


class Executor(Protocol):
    """The database, where there is one: for the stages whose columns depend on the data, and for subsearches."""

    @property
    def deadline(self) -> Deadline:
        """When the search has to be done."""

    def materialize(self, statement: exp.Select) -> str:
        """Runs the statement into a temporary table and gives its name."""

    def fetch(self, statement: exp.Select) -> list[tuple[Any, ...]]:
        """Runs the statement and gives its rows."""

    def load(self, columns: Mapping[str, str], rows: Sequence[Sequence[Any]]) -> str:
        """Makes a temporary table of Python rows (column name to SQL type) and gives its name."""

    def accepts_regex(self, pattern: str) -> bool:
        """Whether the database's own regular expressions (RE2) take the pattern."""


@dataclass(slots=True)
class StageTrace:
    """Which relation holds a stage's rows; `label` is `s2_where`, `number` counts from 1 in its own pipeline."""

    number: int
    stage: ir.Stage
    label: str
    frame: Frame


@dataclass(slots=True)
class Context:
    """State of one compilation.

    `time_range` is that of the search or subsearch being compiled: `options.earliest` and `latest`, drawn in by the
    bounds that it begins with; None is open.
    `texts` reads values that become a part of the search.
    `dialect` says what stages, functions and values mean.
    `undefined` are names under which a field of a server's definitions was listed that nothing here defines.
    `meant` gives the function that was probably meant by a name that is none's, where the language knows better than
    the letters do.
    `numbers` are those of the names that it makes, none twice.
    `deadline` is the search's; whatever goes over many stages, fields or rows looks at it.
    """

    options: Options
    dialect: Dialect
    events: EventsTable | None = None
    executor: Executor | None = None
    resolver: FieldResolver | None = None
    lookups: LookupSource | None = None
    models: ModelSource | None = None
    places: PlaceSource | None = None
    texts: TextReader | None = None
    diagnostics: list[Diagnostic] = field(default_factory=list)
    trace: list[StageTrace] = field(default_factory=list)
    words: frozenset[str] = frozenset()
    printed: dict[str, Value | None] = field(default_factory=dict)
    depth: int = 0
    time_range: tuple[float | None, float | None] = (None, None)
    undefined: set[str] = field(default_factory=set)
    meant: Callable[[str], str | None] | None = None
    numbers: Iterator[int] = field(default_factory=lambda: count(1))
    deadline: Deadline = field(default_factory=Deadline)

    def note(
        self, code: str, message: str, span: Span = NO_SPAN, severity: str = "warning", hint: str | None = None
    ) -> None:
        """Puts a diagnostic beside the result; the same one only once."""
        found = Diagnostic(code, message, span, "info" if severity == "info" else "warning", hint)
        if found not in self.diagnostics:
            self.diagnostics.append(found)

    def need_data(self, stage: ir.Stage, why: str) -> Executor:
        """The database, or a refusal where a plan is made without data."""
        if self.executor is None:
            raise Refusal(
                f"'{ir.stage_kind(stage)}' can't be planned without data: {why}",
                span=stage.span,
                stage=ir.stage_kind(stage),
                code="RUN012",
            )
        return self.executor

    def need_texts(self, span: Span) -> TextReader:
        """The reader of texts out of data, or a refusal where there is none."""
        if self.texts is None:
            raise Refusal("text out of data can't be read as a part of a search here", span=span, code="RUN040")
        return self.texts

    def materialize(self, frame: Frame) -> Frame:
        """The same rows in a temporary table, at the start of a new program: what follows may look at the data."""
        assert self.executor is not None
        columns = list(frame.passed())
        statement = frame.program.assemble(frame.source().select(*[column(name) for name in columns]))
        table = self.executor.materialize(statement)
        program = Program(used={table.lower()})
        return Frame(program, table, frame.schema, frame.stage, frame.events)

    def events_frame(self, program: Program, stage: str = "s0_events") -> Frame:
        """The events as rows, with the fields that the vocabulary adds for the words of this search."""
        if self.events is None:
            raise Refusal("there are no logs to search", code="RUN013")
        table = self.events
        columns: dict[str, exp.Expression | None] = {entry.physical: None for entry in table.fields.values()}
        columns |= {entry.physical: None for entry in table.hidden.values()}
        columns[ROW] = self._place(table)
        fields = dict(table.fields)
        used = {name.lower() for name in columns}
        event = Evidence(free_name(EVENT, used), Type.NUMBER)
        columns[event.physical] = column(table.row)
        if self.resolver is not None:
            for name in self.resolver.names():
                if name not in self.words:
                    continue
                value = self._derived(name, table.fields)
                if value is None:
                    continue
                before = fields.get(name)
                physical = before.physical if before is not None else free_name(name, used)
                columns[physical] = value.node
                fields[name] = Column(physical, value.type, value.mixed)
        body = exp.Select().from_(exp.Table(this=exp.to_identifier(table.relation, quoted=True)))
        time = fields.get("_time")
        if time is not None:
            for bound, template in ((self.options.earliest, ":t >= :x"), (self.options.latest, ":t < :x")):
                if bound is not None:
                    body = body.where(sql(template, t=column(time.physical), x=bound))
        name = program.name(stage)
        program.add(Cte(name, columns, body, stage))
        return Frame(program, name, Schema(fields, {**table.hidden, EVENT: event}), stage, True)

    @property
    def newest_first(self) -> bool:
        """Whether events come newest first, and not in the order of the input."""
        return self.dialect.newest_first and self.options.order == "newest"

    def _place(self, table: EventsTable) -> exp.Expression | None:
        """The place of each event in the order of the rows; None where it is the column of that name."""
        time = table.fields.get("_time")
        if not self.newest_first or time is None:
            return column(table.row) if table.row != ROW else None
        numbered = ranked_newest_first if self.executor is None else newest_first
        return numbered(column(table.row), column(time.physical))

    def _derived(self, name: str, fields: Mapping[str, Column]) -> Value | None:
        """A field of the vocabulary. Where a plan is run, its SQL is printed once and kept: rules share them."""
        assert self.resolver is not None
        if self.executor is None:
            return self.resolver.expression(name, fields)
        if name not in self.printed:
            value = self.resolver.expression(name, fields)
            if value is not None:
                text = value.node.sql(dialect=DIALECT, normalize_functions=False)
                value = replace(value, node=exp.Var(this=text))
            self.printed[name] = value
        return self.printed[name]

    def empty_frame(self, program: Program) -> Frame:
        """No rows and no fields: what a generating stage starts from."""
        name = program.name("s0_nothing")
        body = exp.Select().where(exp.false())
        program.add(Cte(name, {ROW: exp.cast(exp.Null(), "BIGINT")}, body, name))
        return Frame(program, name, Schema({}, {}))

    def without_empty(self, frame: Frame) -> Frame:
        """The same rows with only those fields that some row has, looked up where there is data.

        Wide events have hundreds of fields; a stage that computes something for each of them asks for this first.
        """
        names = list(frame.schema.names())
        if self.executor is None or len(names) <= _MANY_FIELDS:
            return frame
        stored = self.materialize(frame).at(frame.stage)
        counts = [sql("count(:x)", x=column(stored.schema.fields[name].physical)) for name in names]
        found = self.executor.fetch(stored.program.assemble(stored.source().select(*counts)))[0]
        fields = {name: stored.schema.fields[name] for name, count in zip(names, found, strict=True) if count}
        return replace(stored, schema=stored.schema.with_fields(fields))

    def rows_of(self, frame: Frame, names: Sequence[str], limit: int | None = None) -> list[tuple[Any, ...]]:
        """The values of some fields, in the order of the rows; of no field, as many rows of nothing."""
        assert self.executor is not None
        columns = [column(frame.schema.fields[name].physical) for name in names] or [column(ROW)]
        query = frame.source().select(*columns)
        query = query.order_by(column(ROW))
        if limit is not None:
            query = query.limit(limit)
        rows = self.executor.fetch(frame.program.assemble(query))
        return rows if names else [() for _ in rows]

    def distinct(self, frame: Frame, node: exp.Expression, limit: int) -> list[Any]:
        """The distinct values of an expression over the rows, NULL left out, sorted as text."""
        assert self.executor is not None
        query = frame.source().select(exp.alias_(node, "v")).distinct()
        outer = (
            exp.Select(expressions=[exp.column("v")])
            .from_(query.subquery("q"))
            .where(sql("v IS NOT NULL"))
            .order_by(exp.column("v"))
            .limit(limit)
        )
        return [row[0] for row in self.executor.fetch(frame.program.assemble(outer))]


_MANY_FIELDS = 40
_WORD = re.compile(r"@?[A-Za-z_][\w.]*")


def words_of(pipeline: ir.Pipeline) -> frozenset[str]:
    """Every word in the pipeline's text and in its tree: a field that is not among them is not used by name."""
    found: set[str] = set()
    for node in walk(pipeline):
        if isinstance(node, ir.Stage):
            found.update(_WORD.findall(node.text))
        for part in texts_of(node):
            found.update(_WORD.findall(part))
    parts = {part for word in found for part in word.removeprefix("@").split(".")}
    return frozenset(found | parts | {word.removeprefix("@") for word in found})


def name_patterns(pipeline: ir.Pipeline) -> list[str]:
    """The patterns of names (`process*`) by which the pipeline reads fields; not `*` alone, which is whatever rows
    have."""
    found: dict[str, None] = {}
    for node in walk(pipeline):
        match node:
            case ir.Compare(field=name) | ir.FieldReference(name) | stages.Renaming(source=name) if "*" in name:
                found[name] = None
    return [name for name in found if name.strip("*")]


def text_column(physical: str) -> Column:
    """A column of log text."""
    return Column(physical, Type.AUTO)


__all__ = [
    "Context",
    "DataSet",
    "EventsTable",
    "Executor",
    "FieldResolver",
    "LookupSource",
    "LookupTable",
    "ModelSource",
    "Options",
    "PlaceSource",
    "StageTrace",
    "TextReader",
    "call",
    "name_patterns",
    "text_column",
    "words_of",
]
