"""DuckDB as an engine: a pipeline becomes statements, which give rows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlglot import exp

from rulescope import ir
from rulescope.engines.duckdb.database import Database
from rulescope.engines.engine import Found, SupportTable
from rulescope.engines.sql.build import column
from rulescope.engines.sql.compiling import compile_pipeline
from rulescope.engines.sql.context import Context
from rulescope.engines.sql.frame import Frame
from rulescope.engines.sql.predicates import read_number
from rulescope.engines.sql.relational.table_rows import TypedColumn
from rulescope.engines.sql.schema import ROW, Column
from rulescope.engines.sql.support import support_of
from rulescope.engines.sql.values import Type, number_text, wide_whole


@dataclass(frozen=True, slots=True)
class DuckDBPlan:
    """The rows of a pipeline as a relation; what had to look at the data has been run already."""

    frame: Frame
    database: Database

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of the fields, in order."""
        return tuple(self.frame.schema.names())

    def run(self, most_rows: int = 0) -> Found:
        """The rows, in order. Raises `LimitError` where a bound was reached, `ExecutionError` where the database
        failed."""
        return self.shown(self.database.fetch(self.statement(most_rows)), most_rows)

    def statement(self, most_rows: int = 0) -> exp.Select:
        """What gives the rows."""
        return self.frame.program.assemble(self._query(most_rows))

    def shown(self, found: Sequence[Sequence[Any]], most_rows: int = 0) -> Found:
        """What the statement gave, as results show it."""
        names = list(self.frame.schema.fields)
        entries = [self.frame.schema.fields[name] for name in names]
        truncated = bool(most_rows) and len(found) > most_rows
        kept = found[:most_rows] if most_rows else found
        moments = frozenset(name for name in names if _is_moment(self.frame.schema.fields[name]))
        return Found(self.fields, tuple(_row(names, entries, values) for values in kept), truncated, moments)

    def explain(self) -> str:
        """The statements that were run while it was planned, and the one that gives the rows."""
        last = self.statement().sql(dialect="duckdb", normalize_functions=False)
        return ";\n".join([*self.database.statements, last])

    def _query(self, most_rows: int) -> exp.Select:
        entries = self.frame.schema.fields.values()
        selected = [column(entry.physical) for entry in entries] or [column(ROW)]
        query = self.frame.source().select(*selected).order_by(exp.Ordered(this=column(ROW)))
        # One more, to tell whether there are more.
        return query.limit(most_rows + 1) if most_rows else query


@dataclass(frozen=True, slots=True)
class DuckDBEngine:
    """DuckDB over the events of a context, whose executor is the database."""

    context: Context
    database: Database
    name: str = "duckdb"

    def plan(self, pipeline: ir.Pipeline, *, traced: bool = False) -> DuckDBPlan:
        """The plan. Raises `Refusal` for what can't be run; `traced` keeps the rows of each stage in the context."""
        return DuckDBPlan(compile_pipeline(pipeline, self.context, traced=traced), self.database)

    def support(self) -> SupportTable:
        """What the language's dialect has compilers for: plans are in DuckDB's own SQL, and nothing is lowered."""
        return support_of(self.context.dialect)


def _is_moment(entry: Column) -> bool:
    return isinstance(entry, TypedColumn) and entry.kind == "datetime"


def _row(names: Sequence[str], entries: Sequence[Column], values: Sequence[Any]) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for name, entry, value in zip(names, entries, values, strict=False):
        shown = _shown(entry, value)
        if shown is not None:
            row[name] = shown
    return row


def _shown(entry: Column, value: Any) -> Any:
    if value is None:
        return None
    if entry.type is Type.NUMBER:
        return _number(value)
    if entry.type is Type.WHOLE:
        return int(value)
    if entry.type is Type.SPELT:
        number = read_number(value)
        return value if number is None else int(value) if value.lstrip("-").isdigit() else _number(number)
    if entry.type is Type.JSON:
        return _of_json(value)
    if isinstance(value, list) and isinstance(entry, TypedColumn):
        return value
    if isinstance(value, list):
        kept = [_spelt_number(item) if entry.mixed else item for item in value if item is not None]
        return kept[0] if len(kept) == 1 else kept or None
    if entry.mixed:
        return _spelt_number(value)
    return value


def _of_json(text: str) -> Any:
    """A JSON value as a row shows it: a list of its values, an object, and what lists hold of objects, as JSON."""
    value = json.loads(text)
    return [_scalar(item) for item in value] if isinstance(value, list) else _scalar(value)


def _scalar(value: Any) -> Any:
    if isinstance(value, dict | list):
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return str(value).lower() if isinstance(value, bool) else value


def _number(value: float) -> float | int | None:
    if value != value or value in (float("inf"), float("-inf")):
        return None
    return int(value) if float(value).is_integer() and abs(value) <= 2**53 else float(value)


def _spelt_number(text: str) -> Any:
    """Text in which some rows hold a computed number: that number where the text is spelt as one is."""
    wide = wide_whole(text)
    if wide is not None and str(wide) == text:
        return wide
    number = read_number(text)
    return _number(number) if number is not None and number_text(number) == text else text
