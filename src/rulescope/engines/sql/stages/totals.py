"""`addtotals`, `addcoltotals`: sums of rows and of columns; `trendline`: moving averages.

Facts: Splunk, Search Reference, pages of these names.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from rulescope.engines.sql.build import integer, literal, sql
from rulescope.engines.sql.context import Context
from rulescope.engines.sql.dialect import compiles
from rulescope.engines.sql.evidence import of_all
from rulescope.engines.sql.frame import Frame
from rulescope.engines.sql.schema import ROW, Column, Schema, free_name
from rulescope.engines.sql.stages.fieldlists import fields_or_all
from rulescope.engines.sql.stages.held_rows import Field, numbered, put_beside, take_rows
from rulescope.engines.sql.stages.merging import stack, value_of
from rulescope.engines.sql.stages.running import by_row
from rulescope.engines.sql.values import Type, Value, as_number, auto_value, number_value
from rulescope.ir import stages

_NUMBER, _VALUE = "_rs_number", "_rs_value"


@compiles(stages.AddTotals)
def compile_addtotals(stage: stages.AddTotals, frame: Frame, context: Context) -> Frame:
    """The sum of each row's numbers as a field, and with `col` a row with the sum of each column."""
    names = [name for name in fields_or_all(stage.fields, frame) if name != stage.row_field or not stage.row]
    if stage.row:
        parts = [
            sql("COALESCE(:n, 0)", n=as_number(value))
            for name in names
            if (value := value_of(frame, name)).type is not Type.MULTI
        ]
        total: exp.Expression = exp.cast(exp.Literal.number(0), "DOUBLE")
        for part in parts:
            total = sql(":t + :p", t=total, p=part)
        frame = frame.assign({stage.row_field: number_value(total)})
        names = [*names, stage.row_field]
    return _with_sums(frame, names, stage.label_field, stage.label) if stage.column else frame.then(frame.passed())


@compiles(stages.AddColTotals)
def compile_addcoltotals(stage: stages.AddColTotals, frame: Frame, context: Context) -> Frame:
    """A further row with the sum of each column of numbers."""
    return _with_sums(frame, fields_or_all(stage.fields, frame), stage.label_field, stage.label)


def _with_sums(frame: Frame, names: Sequence[str], label_field: str | None, label: str) -> Frame:
    stage = frame.stage
    used = {ROW}
    columns: dict[str, exp.Expression | None] = {ROW: integer(0)}
    fields: dict[str, Column] = {}
    for name in names:
        value = value_of(frame, name)
        if value.type is Type.MULTI or name == label_field:
            continue
        physical = free_name(name, used)
        columns[physical] = sql("sum(:n)", n=as_number(value))
        fields[name] = Column(physical, Type.NUMBER)
    sums = frame.at(f"{stage}_sums").then(columns, Schema(fields, {}), frame.source(), events=False)
    if label_field is not None:
        sums = sums.assign({label_field: auto_value(literal(label))})
    return stack([frame.at(stage), of_all(sums, frame)], stage)


@compiles(stages.TrendLine)
def compile_trendline(stage: stages.TrendLine, frame: Frame, context: Context) -> Frame:
    """Moving averages of fields: simple, weighted by how late a value comes, or exponential."""
    for function, period, name, alias in stage.trends:
        target = alias or f"{function}{period}({name})"
        value = frame.value(name)
        if value is None:
            continue
        if function == "ema":
            frame = _exponential(stage, frame, value, period, target, context)
            continue
        node = as_number(value)
        count = exp.Window(this=exp.Count(this=exp.Star()), order=by_row(), spec=_last(period))
        if function == "sma":
            average: exp.Expression = exp.Window(this=exp.Avg(this=node.copy()), order=by_row(), spec=_last(period))
        else:
            weights = period * (period + 1) / 2
            terms: exp.Expression | None = None
            for offset in range(period):
                before = exp.Window(
                    this=exp.Anonymous(this="lag", expressions=[node.copy(), exp.Literal.number(offset)]),
                    order=by_row(),
                )
                term = sql(":w * :b", w=float(period - offset), b=before)
                terms = term if terms is None else sql(":a + :b", a=terms, b=term)
            assert terms is not None
            average = sql("(:t) / :w", t=terms, w=weights)
        frame = frame.assign(
            {target: number_value(sql("CASE WHEN :c >= :p THEN :a END", c=count, p=integer(period), a=average))}
        )
    return frame.then(frame.passed())


def _last(period: int) -> exp.WindowSpec:
    return exp.WindowSpec(kind="ROWS", start=exp.Literal.number(period - 1), start_side="PRECEDING", end="CURRENT ROW")


def _exponential(
    stage: stages.TrendLine, frame: Frame, value: Value, period: int, target: str, context: Context
) -> Frame:
    """EMA(t) = alpha * EMA(t-1) + (1 - alpha) * value(t), alpha = 2 / (period + 1), as Splunk's page gives it."""
    context.need_data(stage, "each average builds on the one before")
    label = frame.stage
    stored = context.materialize(frame.assign({_VALUE: number_value(as_number(value))}).reorder([])).at(label)
    alpha = 2.0 / (period + 1)
    average: float | None = None
    found: dict[int, tuple[float | None]] = {}
    rows = take_rows(stage, numbered(stored), context, [_NUMBER, _VALUE], "each average builds on the one before")
    for index, (number, held) in enumerate(rows):
        if held is not None:
            average = held if average is None else alpha * average + (1 - alpha) * held
        found[int(number)] = (average if index >= period - 1 else None,)
    result = put_beside(stored, [Field(target, Type.NUMBER)], found, context)
    return result.choose([name for name in result.schema.names() if name != _VALUE])
