"""Rows of several relations put under one another, or side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlglot import exp

from rulescope.engines.sql.build import column, integer, literal
from rulescope.engines.sql.context import Context
from rulescope.engines.sql.frame import Cte, Frame, Program, ordered, row_number
from rulescope.engines.sql.schema import ROW, Column, Evidence, Schema, free_name
from rulescope.engines.sql.values import NUMBERS, Type, Value, as_number, cast_to, whole_constant

_PART = "_rs_part"
_MAX_LITERAL_ROWS = 200


def same_program(frame: Frame, other: Frame, context: Context) -> Frame:
    """`other` as a relation that the program of `frame` can read."""
    if other.program is frame.program:
        return other
    stored = context.materialize(other)
    return Frame(frame.program, stored.relation, stored.schema, frame.stage, stored.events)


def stack(frames: Sequence[Frame], stage: str, *, by_time: bool = False) -> Frame:
    """The rows of all frames, one after another, or `by_time` as one, the newest first; the fields are those of any,
    matched by name."""
    program = frames[0].program
    used = {ROW, _PART}
    names = list(dict.fromkeys(name for frame in frames for name in frame.schema.names()))
    hidden = list(dict.fromkeys(name for frame in frames for name in frame.schema.hidden))
    fields: dict[str, Column] = {}
    kept: dict[str, Column] = {}
    parts: list[tuple[str, dict[str, exp.Expression | None]]] = [
        (frame.relation, {ROW: None, _PART: exp.Literal.number(index)}) for index, frame in enumerate(frames)
    ]
    for name in [*names, *hidden]:
        secret = name not in names
        held = [(frame.schema.hidden if secret else frame.schema.fields).get(name) for frame in frames]
        present = [entry for entry in held if entry is not None]
        if isinstance(present[0], Evidence):
            kept[name] = replace(present[0], physical=free_name(present[0].physical, used))
            for (_, columns), entry in zip(parts, held, strict=True):
                columns[kept[name].physical] = exp.Null() if entry is None else column(entry.physical)
            continue
        kind = stacked_type([entry.type for entry in present])
        mixed = any(entry.mixed for entry in present) or (
            kind is Type.AUTO and any(entry.type in {*NUMBERS, Type.SPELT} for entry in present)
        )
        physical = free_name(present[0].physical, used)
        (kept if secret else fields)[name] = Column(physical, kind, mixed)
        for (_, columns), entry in zip(parts, held, strict=True):
            if entry is None:
                columns[physical] = _null_of(kind)
            else:
                node = cast_to(entry.value(), kind)
                columns[physical] = node
    first = Cte(program.name(f"{stage}_rows"), dict(parts[0][1]), exp.Select(), stage, parts)
    program.add(first)
    schema = Schema(fields, kept)
    stacked = Frame(program, first.name, schema, stage, all(frame.events for frame in frames))
    order = [ordered(column(_PART)), ordered(column(ROW))]
    time = stacked.value("_time")
    if by_time and time is not None:
        order.insert(0, ordered(as_number(time), descending=True))
    return stacked.then({**stacked.passed(), ROW: row_number(order, then_row=False)})


def stacked_type(kinds: Sequence[Type]) -> Type:
    """The type that a field has whose values come from columns of several types."""
    found = set(kinds)
    if len(found) == 1:
        return found.pop()
    if found == NUMBERS:
        return Type.NUMBER
    if found <= {*NUMBERS, Type.SPELT}:
        return Type.SPELT
    return next((kind for kind in (Type.JSON, Type.MULTI) if kind in found), Type.AUTO)


def _null_of(kind: Type) -> exp.Expression:
    return exp.cast(exp.Null(), _sql_type(kind))


def literal_frame(
    program: Program,
    columns: Sequence[tuple[str, Type]],
    rows: Sequence[Sequence[Any]],
    stage: str,
    context: Context,
) -> Frame:
    """Rows that we hold in memory, as a relation. A value is None, or what its type says."""
    used = {ROW}
    physical = [free_name(name, used) for name, _ in columns]
    fields = {name: Column(entry, kind) for (name, kind), entry in zip(columns, physical, strict=True)}
    schema = Schema(fields, {})
    numbered = [[index, *row] for index, row in enumerate(context.deadline.over(rows))]
    if context.executor is not None and len(rows) > _MAX_LITERAL_ROWS:
        types = {ROW: "BIGINT"} | {entry: _sql_type(kind) for (_, kind), entry in zip(columns, physical, strict=True)}
        table = context.executor.load(types, numbered)
        program.used.add(table.lower())
        return Frame(program, table, schema, stage)
    name = program.name(stage)
    all_names = [ROW, *physical]
    if not rows:
        body = exp.Select().where(exp.false())
        empty: dict[str, exp.Expression | None] = {ROW: exp.cast(exp.Null(), "BIGINT")}
        empty |= {entry: _null_of(kind) for (_, kind), entry in zip(columns, physical, strict=True)}
        program.add(Cte(name, empty, body, stage))
        return Frame(program, name, schema, stage)
    kinds = [None, *(kind for _, kind in columns)]
    tuples = [
        exp.Tuple(expressions=[_literal(value, kind) for value, kind in zip(row, kinds, strict=True)])
        for row in numbered
    ]
    values = exp.Values(
        expressions=tuples,
        alias=exp.TableAlias(
            this=exp.to_identifier("_rs_values"),
            columns=[exp.to_identifier(entry, quoted=True) for entry in all_names],
        ),
    )
    program.add(Cte(name, dict.fromkeys(all_names), exp.Select().from_(values), stage))
    return Frame(program, name, schema, stage)


def _sql_type(kind: Type) -> str:
    names = {Type.NUMBER: "DOUBLE", Type.WHOLE: "BIGINT", Type.MULTI: "VARCHAR[]", Type.JSON: "JSON"}
    return names.get(kind, "VARCHAR")


def _literal(value: Any, kind: Type | None) -> exp.Expression:
    if kind is None:
        return integer(value)
    if value is None:
        return _null_of(kind)
    if isinstance(value, list):
        return exp.cast(exp.Array(expressions=[literal(item) for item in value]), "VARCHAR[]")
    if kind is Type.JSON:
        return exp.cast(literal(value), "JSON")
    if kind is Type.WHOLE:
        return whole_constant(value).node
    return literal(float(value) if kind is Type.NUMBER else str(value))


def value_of(frame: Frame, name: str) -> Value:
    """The field, which must be there."""
    value = frame.value(name)
    assert value is not None
    return value
