"""The way through a pipeline: stages over rows, predicates and expressions over one row.

Slow and obvious on purpose. Each node is read as the documentation of its language has it; nothing is planned, turned
round or made fast, and nothing is shared with the engines that are checked by it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from rulescope import ir
from rulescope.engines.options import Options
from rulescope.engines.reference.meaning import Meaning
from rulescope.engines.reference.table import RowTable
from rulescope.engines.reference.values import Row
from rulescope.errors import Refusal
from rulescope.ir import stages
from rulescope.system.deadline import Deadline
from rulescope.text import Span

PredicateReader = Callable[[Any, Row, "Reading"], bool | None]
ExpressionReader = Callable[[Any, Row, "Reading"], Any]
_Predicate = TypeVar("_Predicate", bound=PredicateReader)
_Expression = TypeVar("_Expression", bound=ExpressionReader)
_PREDICATES: dict[type, PredicateReader] = {}
_EXPRESSIONS: dict[type, ExpressionReader] = {}


def reads_predicate(*kinds: type) -> Callable[[_Predicate], _Predicate]:
    """Declares what reads predicates of these classes."""

    def declare(reader: _Predicate) -> _Predicate:
        _PREDICATES.update(dict.fromkeys(kinds, reader))
        return reader

    return declare


def reads_expression(*kinds: type) -> Callable[[_Expression], _Expression]:
    """Declares what reads expressions of these classes."""

    def declare(reader: _Expression) -> _Expression:
        _EXPRESSIONS.update(dict.fromkeys(kinds, reader))
        return reader

    return declare


@dataclass(frozen=True, slots=True)
class Reading:
    """One search: its language, its options, the events, and the columns of the rows at hand.

    `around` are all rows of the stage, for what looks at more than its own row; `outer` is what a query inside a value
    reads of the row around it, by name.
    """

    meaning: Meaning
    options: Options
    events: Sequence[Row]
    deadline: Deadline
    columns: dict[str, str]
    aliases: dict[str, str]
    around: Sequence[Row] = ()
    outer: Mapping[str, Any] = field(default_factory=dict)

    def over(self, table: RowTable) -> Reading:
        """The same search, at the rows of a table."""
        return replace(self, columns=table.columns, aliases=table.aliases, around=table.rows)

    def run(self, pipeline: ir.Pipeline, table: RowTable | None = None) -> RowTable:
        """The rows that the pipeline gives; from the events on, or from `table`."""
        if table is None:
            table = RowTable([] if pipeline.generating else [dict(row) for row in self.events])
        for stage in pipeline.stages:
            self.deadline.check()
            table = self._stage(stage, table)
        return table

    def _stage(self, stage: ir.Stage, table: RowTable) -> RowTable:
        kind = ir.stage_kind(stage)
        reader = self.meaning.stage_reader(stage)
        if reader is None or stage.macro_arguments:
            raise Refusal(f"the reference has no reading of '{kind}'", span=stage.span, stage=kind, code="RUN010")
        try:
            return reader(stage, table, self.over(table))
        except Refusal as refusal:
            refusal.stage = refusal.stage or kind
            raise

    def holds(self, predicate: ir.Predicate, row: Row) -> bool | None:
        """Whether a predicate holds for a row: true, false, or None where that is unknown."""
        reader = _PREDICATES.get(type(predicate))
        if reader is None:
            raise Refusal(f"the reference has no reading of a {type(predicate).__name__}", span=predicate.span)
        return reader(predicate, row, self)

    def value(self, expression: ir.Expression, row: Row) -> Any:
        """The value of an expression over a row."""
        reader = _EXPRESSIONS.get(type(expression))
        if reader is None:
            raise Refusal(f"the reference has no reading of a {type(expression).__name__}", span=expression.span)
        return reader(expression, row, self)


@dataclass(frozen=True, slots=True)
class RowCall:
    """A call of a function, or an operation of the tree, over one row."""

    node: ir.Call | ir.Operation
    row: Row
    reading: Reading

    def __len__(self) -> int:
        return len(self.node.arguments)

    @property
    def span(self) -> Span:
        """Where the call stands."""
        return self.node.span

    def value(self, index: int, row: Row | None = None) -> Any:
        """The value of an argument; None where there are not so many."""
        if index >= len(self.node.arguments):
            return None
        return self.reading.value(self.node.arguments[index], self.row if row is None else row)

    def values(self) -> list[Any]:
        """The values of all arguments."""
        return [self.value(index) for index in range(len(self))]

    def refuse(self, why: str) -> Refusal:
        """A refusal that names the call."""
        name = self.node.function if isinstance(self.node, ir.Call) else self.node.name
        return Refusal(f"{name}: {why}", span=self.span, code="RUN037")


def refused_stage(stage: stages.Stage, why: str) -> Refusal:
    """The refusal of what a stage asks for and the reference has no reading of."""
    kind = ir.stage_kind(stage)
    message = f"the reference has no reading of '{kind}' with {why}"
    return Refusal(message, span=stage.span, stage=kind, code="RUN010")
