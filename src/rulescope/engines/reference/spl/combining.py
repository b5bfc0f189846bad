"""Stages that put the rows of several searches together. Facts: Search Reference, "append", "join", "union"."""

from __future__ import annotations

from rulescope import ir
from rulescope.engines.reference.common.macros import undefined_macro
from rulescope.engines.reference.interpreter import Reading, reads_expression, reads_predicate, refused_stage
from rulescope.engines.reference.meaning import SPL
from rulescope.engines.reference.table import RowTable
from rulescope.engines.reference.values import Row, number, put, text
from rulescope.errors import Refusal
from rulescope.ir import stages


@SPL.stage(stages.Append)
def appended(stage: stages.Append, table: RowTable, reading: Reading) -> RowTable:
    """The first rows of a subsearch after these; 50,000 of them unless it says otherwise."""
    most = stage.most_rows or reading.options.append_rows
    return table.with_rows([*table.rows, *reading.run(stage.pipeline).rows[:most]])


@SPL.stage(stages.AppendPipe)
def appended_results(stage: stages.AppendPipe, table: RowTable, reading: Reading) -> RowTable:
    """What a pipeline makes of the rows, after them."""
    copied = table.with_rows([dict(row) for row in table.rows])
    return table.with_rows([*table.rows, *reading.run(stage.pipeline, copied).rows])


@SPL.stage(stages.Join)
def joined(stage: stages.Join, table: RowTable, reading: Reading) -> RowTable:
    """The fields of the first row of a subsearch that agrees; of the same name, they replace those of the row."""
    if not stage.fields or stage.max_matches != 1 or stage.use_time or stage.how or stage.left or stage.right:
        raise refused_stage(stage, "anything but fields, type and overwrite")
    others = reading.run(stage.pipeline).rows[: stage.most_rows or reading.options.append_rows]
    rows: list[Row] = []
    for row in table.rows:
        if any(isinstance(row.get(left), list) for left, _ in stage.fields):
            raise refused_stage(stage, "a field of several values")
        agreeing = [other for other in others if _agree(stage, row, other)]
        if agreeing:
            rows.append(_merged(stage, row, agreeing[0]))
        elif stage.outer:
            rows.append(row)
    return table.with_rows(rows)


def _agree(stage: stages.Join, row: Row, other: Row) -> bool:
    pairs = [(text(row.get(left)), text(other.get(right))) for left, right in stage.fields]
    return all(one is not None and one == another for one, another in pairs)


def _merged(stage: stages.Join, row: Row, other: Row) -> Row:
    found = dict(row)
    keys = {right for _, right in stage.fields}
    for name, value in other.items():
        if name not in keys and (stage.overwrite or name not in row):
            put(found, name, value)
    return found


@reads_predicate(ir.Subsearch)
def condition_of_rows(node: ir.Subsearch, row: Row, reading: Reading) -> bool | None:
    """Raises `Refusal`: what `format` makes of rows has no reading here."""
    raise Refusal("the reference has no reading of a subsearch as a condition", span=node.span, code="RUN010")


@reads_expression(ir.MacroCall)
@reads_predicate(ir.MacroCall)
def macro(node: ir.MacroCall, row: Row, reading: Reading) -> bool | None:
    """Raises `Refusal`: a macro without a body can't be read."""
    raise undefined_macro(node.name, node.span)


@SPL.stage(stages.MultiSearch)
def several(stage: stages.MultiSearch, table: RowTable, reading: Reading) -> RowTable:
    """The events of all searches, the newest first; in the order of the input, one search after another."""
    rows = [row for pipeline in stage.pipelines for row in reading.run(pipeline).rows]
    if reading.options.order == "newest":
        rows.sort(key=lambda row: -(number(row.get("_time")) or 0.0))
    return RowTable(rows)


@SPL.stage(stages.AppendCols)
def beside(stage: stages.AppendCols, table: RowTable, reading: Reading) -> RowTable:
    """The fields of a subsearch's rows, first to first; a field that the row has stays unless it is overridden."""
    others = reading.run(stage.pipeline).rows[: stage.most_rows or reading.options.append_rows]
    rows = [dict(row) for row in table.rows] + [{} for _ in others[len(table.rows) :]]
    for row, other in zip(rows, others, strict=False):
        for name, value in other.items():
            if stage.override or name not in row:
                put(row, name, value)
    return table.with_rows(rows)
