"""`mv-apply`: a query over the elements of each row's lists. Source: "mv-apply operator" of Kusto's reference.

The rows are expanded once, each with the number of the row that it is of. The query runs over all of them: what groups
or counts rows does so for each of these numbers. Its rows are then put beside the rows that they are of.
"""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from rulescope import ir
from rulescope.engines.sql.build import column, integer, sql
from rulescope.engines.sql.compiling import compile_pipeline
from rulescope.engines.sql.context import Context
from rulescope.engines.sql.dialect import KUSTO, compiles_command
from rulescope.engines.sql.frame import Frame
from rulescope.engines.sql.relational.expanding import compile_expand_several
from rulescope.engines.sql.relational.joins import beside
from rulescope.engines.sql.relational.table_rows import TypedColumn
from rulescope.engines.sql.schema import ROW, free_name
from rulescope.engines.sql.values import Type
from rulescope.errors import Refusal
from rulescope.ir import stages

_ROW_OF = "_rs_row_of"
_BY_ROW = (stages.Where, stages.Eval, stages.MvExpand, stages.Rename, stages.Bucket, stages.Rex)
"""Stages of the query that look at one row at a time."""


@compiles_command("mv-apply", dialects=(KUSTO,))
def compile_apply(stage: stages.Command, frame: Frame, context: Context) -> Frame:
    """The rows of the query for each row, beside that row's columns."""
    query = next(one.value for one in stage.arguments if one.name == "on")
    assert isinstance(query, ir.Pipeline)
    lists = tuple(one for one in stage.arguments if one.name != "on")
    expanded = [one.value.name for one in lists if one.name is None and isinstance(one.value, ir.FieldReference)]
    physical = free_name(_ROW_OF, frame.schema.physical_names())
    numbered = frame.then(
        {**frame.passed(), physical: exp.cast(column(ROW), "DOUBLE")},
        frame.schema.with_fields({**frame.schema.fields, _ROW_OF: TypedColumn(physical, Type.NUMBER, False, "long")}),
    )
    inner = compile_expand_several(replace(stage, name="mv-expand", arguments=lists), numbered, context)
    for number, one in enumerate(query.stages, 1):
        inner = _applied(one, inner, context, f"{frame.stage}_{number}_")
    kept = {name: entry for name, entry in numbered.schema.fields.items() if name not in expanded}
    left = numbered.then(numbered.passed(), numbered.schema.with_fields(kept))
    found = beside(left, inner.at(frame.stage), [(_ROW_OF, _ROW_OF)], context, {*kept, _ROW_OF})
    fields = {name: entry for name, entry in found.schema.fields.items() if name != _ROW_OF}
    return found.then(found.passed(), found.schema.with_fields(fields))


def _applied(stage: ir.Stage, frame: Frame, context: Context, prefix: str) -> Frame:
    """A stage of the query, over the rows of each row by itself."""
    own = ir.FieldReference(_ROW_OF, stage.span)
    most = None
    match stage:
        case stages.Stats():
            stage = replace(stage, by=(*stage.by, own))
        case stages.Table():
            stage = replace(stage, fields=(*stage.fields, own))
        case stages.Head(condition=None, count=int(count)):
            return _first(frame, count)
        case stages.Sort():
            most, stage = stage.count, replace(stage, count=0)
        case stages.Fields(keep=False):
            pass
        case _ if not isinstance(stage, _BY_ROW):
            kind = ir.stage_kind(stage)
            raise Refusal(
                f"'{kind}' inside mv-apply is not supported", span=stage.span, stage="mv-apply", code="RUN010"
            )
    found = compile_pipeline(ir.Pipeline((stage,), span=stage.span), context, frame=frame, prefix=prefix)
    return _first(found, most) if most else found


def _first(frame: Frame, count: int) -> Frame:
    """The first rows of each row."""
    number = exp.Window(
        this=exp.RowNumber(),
        partition_by=[column(frame.schema.fields[_ROW_OF].physical)],
        order=exp.Order(expressions=[exp.Ordered(this=column(ROW))]),
    )
    return frame.qualify(sql(":n <= :m", n=number, m=integer(count)))
