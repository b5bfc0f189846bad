"""Rows taken out of the database, for stages whose result no statement can be written for before the data is seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlglot import exp

from rulescope import ir
from rulescope.engines.sql.build import column, sql
from rulescope.engines.sql.context import Context
from rulescope.engines.sql.frame import Frame
from rulescope.engines.sql.schema import ROW, Column, free_name
from rulescope.engines.sql.stages.merging import literal_frame
from rulescope.engines.sql.values import Type, number_text
from rulescope.errors import Refusal

MAXIMUM_ROWS = 200_000
"""How many rows such a stage takes; Splunk bounds its own transforming commands at a quarter of that (limits.conf)."""

MAXIMUM_COLUMNS = 5_000
MAXIMUM_CELLS = 10_000_000
"""How wide, and how large, a table may be that values of fields are laid out in."""

_LEFT, _RIGHT = "_rs_left", "_rs_right"


@dataclass(frozen=True, slots=True)
class Field:
    """A field of held rows: its name and what it holds."""

    name: str
    type: Type = Type.AUTO
    mixed: bool = False


def take_rows(stage: ir.Stage, frame: Frame, context: Context, names: Sequence[str], why: str) -> list[tuple[Any, ...]]:
    """The values of the fields named, row by row in order; a refusal where there are too many rows."""
    context.need_data(stage, why)
    rows = context.rows_of(frame, names, MAXIMUM_ROWS + 1)
    if len(rows) > MAXIMUM_ROWS:
        raise Refusal(f"'{ir.stage_kind(stage)}' takes at most {MAXIMUM_ROWS} rows", span=stage.span, code="RUN021")
    return rows


def bounded(stage: ir.Stage, rows: int, columns: int) -> None:
    """Raises `Refusal` where a stage would lay out a larger table than may be."""
    for most, found, what in ((MAXIMUM_COLUMNS, columns, "columns"), (MAXIMUM_CELLS, rows * columns, "cells")):
        if found > most:
            kind = ir.stage_kind(stage)
            raise Refusal(f"'{kind}' makes a table of at most {most:,} {what}", span=stage.span, code="RUN021")


def fields_of(frame: Frame, names: Sequence[str]) -> list[Field]:
    """The fields named, as they are in the frame."""
    entries = [(name, frame.schema.fields[name]) for name in names]
    return [Field(name, entry.type, entry.mixed) for name, entry in entries]


def put_rows(frame: Frame, fields: Sequence[Field], rows: Sequence[Sequence[Any]], context: Context) -> Frame:
    """Rows in memory as the rows of the pipeline. Numbers in a field of text are spelt."""
    cells = [
        [_fitting(value, field.type) for value, field in zip(row, fields, strict=True)]
        for row in context.deadline.over(rows)
    ]
    result = literal_frame(frame.program, [(field.name, field.type) for field in fields], cells, frame.stage, context)
    mixed = {
        field.name: Column(entry.physical, entry.type, field.mixed)
        for field, entry in zip(fields, result.schema.fields.values(), strict=True)
    }
    return Frame(result.program, result.relation, result.schema.with_fields(mixed), frame.stage)


def _fitting(value: Any, kind: Type) -> Any:
    if value is None:
        return None
    if kind is Type.MULTI:
        items = value if isinstance(value, list) else [value]
        return [spelt(item) for item in items if item is not None] or None
    if kind is Type.NUMBER:
        return float(value)
    if isinstance(value, list):
        return "\n".join(spelt(item) for item in value if item is not None)
    return spelt(value)


def spelt(value: Any) -> str:
    """A value as text."""
    if isinstance(value, float | int) and not isinstance(value, bool):
        return number_text(float(value))
    return str(value)


def put_beside(frame: Frame, fields: Sequence[Field], rows: Mapping[int, Sequence[Any]], context: Context) -> Frame:
    """Values in memory as further fields of the rows, by the number of the row; a field of that name is replaced."""
    return put_each_beside(frame, fields, [(number, rows[number]) for number in sorted(rows)], context)


def put_each_beside(
    frame: Frame, fields: Sequence[Field], rows: Sequence[tuple[int, Sequence[Any]]], context: Context
) -> Frame:
    """The same; a row whose number comes several times is there as often."""
    label = frame.stage
    columns = [("n", Type.NUMBER), *((f"v{index}", field.type) for index, field in enumerate(fields))]
    cells = [
        [float(number), *(_fitting(value, field.type) for value, field in zip(values, fields, strict=True))]
        for number, values in context.deadline.over(rows)
    ]
    given = literal_frame(frame.program, columns, cells, f"{label}_values", context)
    projected: dict[str, exp.Expression | None] = {name: column(name, _LEFT) for name in frame.passed()}
    schema = dict(frame.schema.fields)
    used = frame.schema.physical_names()
    for index, field in enumerate(fields):
        before = schema.get(field.name)
        physical = before.physical if before is not None else free_name(field.name, used)
        projected[physical] = column(given.schema.fields[f"v{index}"].physical, _RIGHT)
        schema[field.name] = Column(physical, field.type, field.mixed)
    body = (
        exp.Select()
        .from_(_named(frame, _LEFT))
        .join(
            _named(given, _RIGHT),
            on=sql("(:a = :b)", a=column(ROW, _LEFT), b=column(given.schema.fields["n"].physical, _RIGHT)),
            join_type="left",
        )
    )
    return frame.then(projected, frame.schema.with_fields(schema), body)


def numbered(frame: Frame) -> Frame:
    """The same rows with the number of each as a field, `_rs_number`, for `put_beside`.

    The rows are counted (`Frame.reorder`), or in the order of the input: numbers by time are too large for a field.
    """
    fields = {**frame.schema.fields, "_rs_number": Column(ROW, Type.NUMBER)}
    return Frame(frame.program, frame.relation, frame.schema.with_fields(fields), frame.stage, frame.events)


def _named(frame: Frame, alias: str) -> exp.Expr:
    return exp.alias_(exp.Table(this=exp.to_identifier(frame.relation, quoted=True)), alias, table=True, quoted=True)
