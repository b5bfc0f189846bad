"""Which events are behind a row.

A row that is an event carries its number in a hidden column, which every stage that keeps rows hands on. A stage that
makes new rows gives them a link instead: a hidden column that tells which rows of the stage's input are behind each.
Who wants the events goes the links back from the rows that are left at the end. Where nobody does, this costs nothing:
a column that is not read is not computed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from sqlglot import exp

from rulescope.engines.sql.build import call, column, fresh_number, sql
from rulescope.engines.sql.frame import Frame
from rulescope.engines.sql.schema import ROW, Column, Evidence, Schema, free_name
from rulescope.engines.sql.values import Type


@dataclass(frozen=True, slots=True)
class Link(Evidence):
    """A hidden column that tells which of `rows` are behind a row: those that meet the condition which `behind` makes
    of the column's value. `widened`, where it is not empty, is the stage that mixes rows so that only some of these
    may be."""

    rows: Frame = field(kw_only=True, compare=False, repr=False)
    behind: Callable[[exp.Expression], exp.Expression] = field(kw_only=True, compare=False, repr=False)
    widened: str = field(default="", kw_only=True)

    def condition(self, value: exp.Expression) -> exp.Expression:
        """The condition for a query inside one over `rows`, whose columns are named with their relation: DuckDB takes
        a bare "user" there for the name of the database user."""
        found = self.behind(exp.Placeholder()).copy()
        for name in found.find_all(exp.Column):
            if not name.table:
                name.set("table", exp.to_identifier(self.rows.relation, quoted=True))
        return found.transform(lambda node: value.copy() if isinstance(node, exp.Placeholder) else node)


def evidence_columns(frame: Frame) -> Iterator[tuple[str, Evidence]]:
    """The hidden columns that tell the events behind the rows, by name."""
    return ((name, entry) for name, entry in frame.schema.hidden.items() if isinstance(entry, Evidence))


def has_evidence(frame: Frame) -> bool:
    """Whether events may be behind the rows."""
    return next(evidence_columns(frame), None) is not None


def is_linked(frame: Frame) -> bool:
    """Whether other events than those that the rows are may be behind them."""
    return any(isinstance(entry, Link) for _, entry in evidence_columns(frame))


def by_keys(
    rows: Frame, keys: Sequence[exp.Expression], used: set[str]
) -> tuple[dict[str, exp.Expression | None], dict[str, Column]]:
    """The column, and the hidden entry, of a stage that makes one row of all `rows` which agree in the keys (without
    keys, of all)."""
    if not has_evidence(rows):
        return {}, {}
    name = _link_name()
    if not keys:
        return {}, {name: _to_all(rows, "")}
    key = call("row", *keys)
    physical = free_name(name, used)
    return {physical: key}, {name: Link(physical, Type.AUTO, rows=rows, behind=_equal_to(key))}


def by_field(frame: Frame, name: str, rows: Frame, key: exp.Expression) -> Frame:
    """The rows of `frame` without the field `name`, which tells the rows behind each: those that have it as `key`."""
    fields = dict(frame.schema.fields)
    entry = fields.pop(name)
    if not has_evidence(rows):
        return replace(frame, schema=frame.schema.with_fields(fields))
    return linked(replace(frame, schema=frame.schema.with_fields(fields)), entry.physical, rows, _equal_to(key))


def linked(frame: Frame, physical: str, rows: Frame, behind: Callable[[exp.Expression], exp.Expression]) -> Frame:
    """The rows with a column of theirs as what tells the rows behind them."""
    link = Link(physical, Type.AUTO, rows=rows, behind=behind)
    return replace(frame, schema=Schema(frame.schema.fields, {**frame.schema.hidden, _link_name(): link}))


def of_all(frame: Frame, rows: Frame, widened: str = "") -> Frame:
    """The rows, behind each of which all of `rows` are, or, `widened` by a stage of that name, may be."""
    if not has_evidence(rows):
        return frame
    hidden = {**frame.schema.hidden, _link_name(): _to_all(rows, widened)}
    return replace(frame, schema=Schema(frame.schema.fields, hidden))


def put_beside(
    rows: Frame, table: str, columns: dict[str, exp.Expression | None], hidden: dict[str, Column], used: set[str]
) -> None:
    """Adds what tells the events behind `rows` to the columns of a join in which they are called `table`."""
    for name, entry in evidence_columns(rows):
        physical = free_name(entry.physical, used)
        columns[physical] = column(entry.physical, table)
        hidden[name if name not in hidden else _link_name()] = replace(entry, physical=physical)


def _link_name() -> str:
    """A name that no other link has: rows of several stages that are put under one another keep each their own."""
    return f"_rs_behind_{fresh_number()}"


def _to_all(rows: Frame, widened: str) -> Link:
    # Every row has a number: a link that leads to all rows needs no column of its own.
    return Link(ROW, Type.AUTO, rows=rows, behind=lambda value: exp.true(), widened=widened)


def _equal_to(key: exp.Expression) -> Callable[[exp.Expression], exp.Expression]:
    return lambda value: sql("(:k = :v)", k=key, v=value)
