"""Rows that a query makes itself: `print`, `datatable` and `range`. Source: the pages of their names in Kusto's
reference."""

from __future__ import annotations

import json

from sqlglot import exp

from rulescope import ir
from rulescope.engines.sql.build import column, integer, sql
from rulescope.engines.sql.compiling import compile_expression
from rulescope.engines.sql.context import Context
from rulescope.engines.sql.dialect import KUSTO, SNOWFLAKE, compiles, compiles_command
from rulescope.engines.sql.frame import Frame
from rulescope.engines.sql.relational.joins import stacked
from rulescope.engines.sql.relational.moments import parse_moment, parse_span
from rulescope.engines.sql.relational.scope import Scope, compute, put
from rulescope.engines.sql.relational.table_rows import TYPES, TypedColumn
from rulescope.engines.sql.schema import ROW, Column, Schema, free_name
from rulescope.engines.sql.stages.merging import literal_frame
from rulescope.engines.sql.values import Type, Value, as_number, number_text
from rulescope.errors import Refusal
from rulescope.ir import stages

_KINDS = {
    "bool": "bool", "boolean": "bool", "date": "datetime", "datetime": "datetime", "time": "timespan",
    "timespan": "timespan", "decimal": "real", "double": "real", "float": "real", "real": "real", "dynamic": "dynamic",
}  # fmt: skip
"""The kinds of declared types; whole numbers and texts have many names."""
_ONE = "_rs_one"
_TEXTS = frozenset({"string", "guid", "uuid", "uniqueid"})


@compiles(stages.MakeResults, dialects=(KUSTO,))
def compile_made(stage: stages.MakeResults, frame: Frame, context: Context) -> Frame:
    """`print` makes one row, `datatable` those that it lists, in columns of the types that it declares."""
    rows = json.loads(stage.data) if stage.data else [{}] * stage.count
    columns: list[tuple[str, Type]] = []
    kinds: list[str] = []
    cells: list[list[object]] = []
    for name, declared in stage.options:
        kind = _KINDS.get(declared, "string" if declared in _TEXTS else "long")
        values = [row.get(name) for row in rows]
        columns.append((name, Type.JSON if kind == "dynamic" else TYPES[kind]))
        kinds.append(kind)
        cells.append([_cell(value, kind, stage) for value in values])
    listed = [list(row) for row in zip(*cells, strict=True)] if cells else [[] for _ in rows]
    made = literal_frame(frame.program, columns, listed, frame.stage, context)
    fields: dict[str, Column] = {
        name: TypedColumn(entry.physical, entry.type, False, kind)
        for (name, entry), kind in zip(made.schema.fields.items(), kinds, strict=True)
    }
    return Frame(made.program, made.relation, made.schema.with_fields(fields), frame.stage)


def _cell(value: object, kind: str, stage: stages.MakeResults) -> object:
    """A constant as a column of the kind holds it; None where it is none of it, as Kusto has it."""
    match kind, value:
        case "datetime", str():
            return parse_moment(value)
        case "timespan", str():
            return parse_span(value)
        case "long", bool() | int() | float() if -(2**63) <= value < 2**63:
            return int(value)
        case "real", bool():
            return float(value)
        case (("real" | "timespan" | "datetime"), int() | float()):
            return value
        case "bool", bool():
            return str(value).lower()
        case "string", _:
            return _text(value)
        case "dynamic", None:
            return None
        case "dynamic", _:
            return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
        case _, None:
            return None
    raise Refusal(f"a constant of this datatable is no value of its column, {kind}", span=stage.span, code="RUN037")


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else number_text(value) if isinstance(value, float) else str(value)


@compiles_command("range", dialects=(KUSTO,))
def compile_range(stage: stages.Command, frame: Frame, context: Context) -> Frame:
    """`range name from a to b step c`: rows with the numbers, or times, between two ends."""
    name = stage.arguments[0].value
    assert isinstance(name, ir.FieldReference)
    ends: list[Value] = []
    kinds: list[str] = []
    for word in ("from", "to", "step"):
        expression = stage.option(word)
        scope = Scope(frame, context)
        ready = scope.expression(expression)  # type: ignore[arg-type]
        kinds.append(scope.kind(ready))
        ends.append(compile_expression(ready, scope.frame, context))
    kind = "real" if set(kinds) == {"long", "real"} else kinds[0]
    if any(not isinstance(end.constant, int | float) for end in ends):
        return _computed_range(name.name, ends, kind, frame, context)
    first, last, step = (end.constant if isinstance(end.constant, int) else float(end.constant) for end in ends)  # type: ignore[arg-type]
    if not step or (last - first) / step > context.options.append_rows:
        message = "range makes too many rows" if step else "the step of range does not lead on"
        raise Refusal(message, span=stage.span, code="RUN035")
    # A step away from the end makes no rows.
    held = TYPES.get(kind, Type.NUMBER)
    shape = int if held is Type.WHOLE else float
    values = [[shape(first + number * step)] for number in range(int((last - first) / step + 1e-9) + 1)]
    values = values if (last - first) / step >= 0 else []
    made = literal_frame(frame.program, [(name.name, held)], values, frame.stage, context)
    entry = made.schema.fields[name.name]
    fields = {name.name: TypedColumn(entry.physical, held, False, kind)}
    return Frame(frame.program, made.relation, made.schema.with_fields(fields), frame.stage)


def _computed_range(name: str, ends: list[Value], kind: str, frame: Frame, context: Context) -> Frame:
    """A range whose ends the database computes; the statement fails where it makes too many rows."""
    first, last, step = (as_number(end) for end in ends)
    count = sql("CAST(floor((:b - :a) / NULLIF(:s, 0) + 1e-9) AS BIGINT) + 1", a=first, b=last, s=step)
    most = integer(context.options.append_rows)
    checked = sql("CASE WHEN :n > :m THEN error('range makes too many rows') ELSE COALESCE(:n, 0) END", n=count, m=most)
    one = literal_frame(frame.program, [(_ONE, Type.NUMBER)], [[1.0]], frame.stage, context)
    place = sql("unnest(range(0, greatest(CAST(:n AS BIGINT), 0)))", n=checked)
    numbered = one.then({ROW: place}, Schema({}, {}))
    held = TYPES.get(kind, Type.NUMBER)
    value = sql("(:a + :n * :s)", a=first, n=column(ROW), s=step)
    physical = free_name(name, {ROW})
    node = exp.cast(value, "BIGINT" if held is Type.WHOLE else "DOUBLE")
    fields: dict[str, Column] = {name: TypedColumn(physical, held, False, kind)}
    return numbered.then({ROW: None, physical: node}, Schema(fields, {}))


@compiles_command("values", dialects=(SNOWFLAKE,))
def compile_values(stage: stages.Command, frame: Frame, context: Context) -> Frame:
    """`VALUES (…), (…)`: rows of values that read no column; named COLUMN1, COLUMN2, … unless names are given. A SELECT
    without FROM is over one row without columns."""
    rows = [one.value.arguments for one in stage.arguments if isinstance(one.value, ir.Operation)]
    names = [one.value.name for one in stage.arguments if isinstance(one.value, ir.FieldReference)]
    width = len(rows[0])
    names = names or [f"column{number}" for number in range(1, width + 1)]
    if len(names) != width or any(len(row) != width for row in rows):
        raise Refusal("the rows of VALUES have different numbers of values", span=stage.span, code="RUN039")
    nothing = literal_frame(frame.program, [], [[]], frame.stage, context)
    made = (
        [
            put(
                nothing.at(f"{frame.stage}_{number}"),
                {name: compute(one, nothing, context) for name, one in zip(names, row, strict=True)},
            )
            for number, row in enumerate(rows, 1)
        ]
        if width
        else [nothing]
    )
    return stacked(made, frame.stage, context) if len(made) > 1 else made[0]
