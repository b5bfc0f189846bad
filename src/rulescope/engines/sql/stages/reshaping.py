"""Rows to columns and back: `xyseries`, `untable`, `transpose`, `contingency`.

Facts: Splunk, Search Reference, pages of these names.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlglot import exp

from rulescope.engines.sql.build import array, column, literal, sql
from rulescope.engines.sql.context import Context
from rulescope.engines.sql.dialect import compiles
from rulescope.engines.sql.evidence import by_field, of_all, put_beside
from rulescope.engines.sql.frame import Frame, ordered, row_number
from rulescope.engines.sql.predicates import read_number
from rulescope.engines.sql.schema import ROW, Column, Schema, is_internal, public
from rulescope.engines.sql.stages.grouping import group
from rulescope.engines.sql.stages.held_rows import Field, bounded, fields_of, put_rows, spelt, take_rows
from rulescope.engines.sql.stages.merging import stacked_type, value_of
from rulescope.engines.sql.values import Type, as_multi, as_text
from rulescope.ir import stages
from rulescope.ir.stages import Aggregate

_WHY = "its columns are values of the rows"
_KEY = "_rs_key"


def sort_key(value: Any) -> tuple[int, float, str]:
    """Numbers by size, then text by its characters."""
    text = spelt(value)
    number = read_number(text)
    return (0, number, text) if number is not None else (1, 0.0, text)


@compiles(stages.XySeries)
def compile_xyseries(stage: stages.XySeries, frame: Frame, context: Context) -> Frame:
    """One row a value of x; a column for each value of y, holding the data fields."""
    names = [stage.x, stage.y, *stage.values]
    if any(name not in frame.schema.fields for name in (stage.x, stage.y)):
        return frame.filter(exp.false()).choose([stage.x])
    held = [name for name in names if name in frame.schema.fields]
    rows = take_rows(stage, frame, context, held, _WHY)
    data = held[2:]
    table: dict[Any, dict[str, Any]] = {}
    columns: dict[str, Field] = {}
    for x, y, *values in context.deadline.over(rows):
        if x is None or y is None:
            continue
        cells = table.setdefault(_single(x), {})
        for field, value in zip(fields_of(frame, data), values, strict=True):
            name = _series_name(stage, field.name, spelt(_single(y)))
            columns.setdefault(name, Field(name, field.type, field.mixed))
            if value is not None:
                cells[name] = value
    bounded(stage, len(table), len(columns))
    ordered_columns = sorted(columns, key=sort_key)
    keys = list(table) if stage.grouped else sorted(table, key=sort_key)
    first = fields_of(frame, [stage.x])[0]
    if first.type is Type.MULTI:
        first = Field(stage.x)
    made = put_rows(
        frame,
        [first, *(columns[name] for name in ordered_columns), replace(first, name=_KEY)],
        [[key, *(table[key].get(name) for name in ordered_columns), key] for key in keys],
        context,
    )
    x_value = value_of(frame, stage.x)
    key = sql("array_to_string(:x, chr(10))", x=x_value.node) if x_value.type is Type.MULTI else x_value.node
    return by_field(made, _KEY, frame, key)


def _single(value: Any) -> Any:
    return "\n".join(value) if isinstance(value, list) else value


def _series_name(stage: stages.XySeries, data: str, series: str) -> str:
    if stage.format is not None:
        return stage.format.replace("$AGG$", data).replace("$VAL$", series)
    if len(stage.values) == 1:
        return series
    return f"{data}{stage.separator if stage.separator is not None else ': '}{series}"


@compiles(stages.Untable)
def compile_untable(stage: stages.Untable, frame: Frame, context: Context) -> Frame:
    """One row for every other field of a row that has a value."""
    x = frame.value(stage.x)
    names = [name for name in public(frame.schema.names()) if name != stage.x]
    if x is None or not names:
        return frame.filter(exp.false()).choose([stage.x, stage.y, stage.value])
    entries = [frame.schema.fields[name] for name in names]
    kind = stacked_type([entry.type for entry in entries])
    mixed = any(entry.mixed or entry.type is Type.NUMBER for entry in entries)
    label = frame.stage
    cells = [as_multi(entry.value()) if kind is Type.MULTI else as_text(entry.value()) for entry in entries]
    if kind is Type.NUMBER:
        cells = [entry.value().node for entry in entries]
        mixed = False
    # One list of (name, value) a row, taken apart again: the pairs keep the order of the fields.
    pairs = array(sql("row(:n, :v)", n=literal(name), v=cell) for name, cell in zip(names, cells, strict=True))
    inner = exp.Select(
        expressions=[
            exp.alias_(sql("unnest(:p)", p=pairs), "_rs_pair", quoted=True),
            exp.alias_(sql(f"unnest(range({len(names)}))"), "_rs_place", quoted=True),
        ]
    )
    body = frame.source().join(exp.Subquery(this=inner).as_("_rs_pairs", quoted=True), join_type="cross")
    number = row_number([ordered(column(ROW)), ordered(column("_rs_place"))], then_row=False)
    columns: dict[str, exp.Expression | None] = {
        ROW: number,
        "x": x.node,
        "y": sql(":p[1]", p=column("_rs_pair")),
        "z": sql(":p[2]", p=column("_rs_pair")),
    }
    fields = {
        stage.x: Column("x", x.type, x.mixed),
        stage.y: Column("y", Type.AUTO),
        stage.value: Column("z", kind, mixed),
    }
    hidden: dict[str, Column] = {}
    put_beside(frame, frame.relation, columns, hidden, {name.lower() for name in columns})
    rows = frame.at(f"{label}_pairs").then(columns, Schema(fields, hidden), body, events=False)
    return rows.at(label).filter(sql("(:z IS NOT NULL)", z=column("z")))


@compiles(stages.Transpose)
def compile_transpose(stage: stages.Transpose, frame: Frame, context: Context) -> Frame:
    """A row for each field, a column for each of the first rows."""
    names = list(frame.schema.names())
    rows = take_rows(stage, frame, context, names, _WHY)
    if stage.count:
        rows = rows[: stage.count]
    bounded(stage, len(names), len(rows))
    headers = [f"row {number}" for number in range(1, len(rows) + 1)]
    if stage.header_field in names:
        place = names.index(stage.header_field or "")
        headers = _distinct([spelt(_single(row[place])) if row[place] is not None else "NULL" for row in rows])
    kinds_of = [frame.schema.fields[name].type for name in names]
    kind = stacked_type(kinds_of) if kinds_of else Type.AUTO
    mixed = kind is Type.AUTO and any(
        entry.mixed or entry.type is Type.NUMBER for entry in frame.schema.fields.values()
    )
    out = []
    for index, name in enumerate(names):
        cells = [row[index] for row in rows]
        empty = all(cell is None for cell in cells)
        if name == stage.header_field or (empty and (is_internal(name) or not stage.include_empty)):
            continue
        out.append([name, *cells])
    fields = [Field(stage.column_name), *(Field(header, kind, mixed) for header in headers)]
    first = frame
    if stage.count:
        first = frame.then(frame.passed(), body=frame.source().order_by(ordered(column(ROW))).limit(stage.count))
    return of_all(put_rows(frame, fields, out, context), first)


def _distinct(names: Sequence[str]) -> list[str]:
    """Names made different by a number where they repeat."""
    seen: dict[str, int] = {}
    out = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        out.append(name if seen[name] == 1 else f"{name} {seen[name]}")
    return out


@compiles(stages.Contingency)
def compile_contingency(stage: stages.Contingency, frame: Frame, context: Context) -> Frame:
    """How often each value of one field occurs with each value of another, with totals."""
    context.need_data(stage, _WHY)
    counted = group(frame, [Aggregate("count", alias="_rs_count")], [stage.row, stage.column], context)
    cells = take_rows(stage, counted, context, [stage.row, stage.column, "_rs_count"], _WHY)
    by_row: dict[str, float] = {}
    by_column: dict[str, float] = {}
    table: dict[tuple[str, str], float] = {}
    for row, column_value, count in cells:
        row, column_value = spelt(row), spelt(column_value)
        by_row[row] = by_row.get(row, 0) + count
        by_column[column_value] = by_column.get(column_value, 0) + count
        table[row, column_value] = count
    rows = _most(by_row, stage.max_rows)
    columns = _most(by_column, stage.max_columns)
    bounded(stage, len(rows), len(columns))
    out: list[list[Any]] = []
    for row in context.deadline.over(rows):
        counts = [table.get((row, name), 0.0) for name in columns]
        out.append([row, *counts, *([sum(counts)] if stage.use_total else [])])
    if stage.use_total and rows:
        totals = [sum(table.get((row, name), 0.0) for row in rows) for name in columns]
        out.append([stage.total_name, *totals, sum(totals)])
    names = [*columns, *([stage.total_name] if stage.use_total else [])]
    return put_rows(frame, [Field(stage.row), *(Field(name, Type.NUMBER) for name in names)], out, context)


def _most(counts: dict[str, float], limit: int) -> list[str]:
    """The most frequent values, most frequent first."""
    found = sorted(counts, key=lambda name: (-counts[name], sort_key(name)))
    return found[:limit] if limit else found
