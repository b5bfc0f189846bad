"""`top` and `rare`.

Facts: Splunk, Search Reference, "top", "rare": count and percent of each combination, the BY fields first, most (least)
frequent first; percentages have six decimal places.
"""

from __future__ import annotations

from sqlglot import exp

from rulescope.engines.sql.build import column, integer, sql
from rulescope.engines.sql.context import Context
from rulescope.engines.sql.dialect import compiles
from rulescope.engines.sql.frame import Frame, ordered
from rulescope.engines.sql.stages.fieldlists import expand, item_names
from rulescope.engines.sql.stages.filtering import sort_nodes
from rulescope.engines.sql.stages.grouping import group, nothing
from rulescope.engines.sql.stages.merging import stack, value_of
from rulescope.engines.sql.values import Type, Value, auto_value, number_value
from rulescope.ir import FieldReference, stages
from rulescope.ir.stages import Aggregate

_COUNT, _PERCENT, _RANK, _OTHER = "_rs_count", "_rs_percent", "_rs_rank", "_rs_other"


@compiles(stages.Top)
def compile_top(stage: stages.Top, frame: Frame, context: Context) -> Frame:
    """The most (least) frequent combinations of values, in each group of the BY fields."""
    by = expand(item_names(stage.by), frame, keep_missing=True)
    names = [name for name in expand(item_names(stage.fields), frame, keep_missing=True) if name not in by]
    if any(frame.value(name) is None for name in (*by, *names)):
        made = [stage.count_field] * stage.show_count + [stage.percent_field] * stage.show_percent
        return nothing(frame, [*by, *names, *made])
    counted = group(frame, [Aggregate("count", alias=_COUNT)], [*by, *names], context)
    partition = [value_of(counted, name).node for name in by]
    total = exp.Window(this=exp.Sum(this=_node(counted, _COUNT)), partition_by=[node.copy() for node in partition])
    order = [ordered(_node(counted, _COUNT), descending=not stage.rare)]
    # Of values that are equally frequent, top takes the last one by its characters first.
    comparison = "auto" if stage.rare else "str"
    order += [
        ordered(node, descending=not stage.rare)
        for name in names
        for node in sort_nodes(value_of(counted, name), comparison)
    ]
    rank = exp.Window(
        this=exp.RowNumber(),
        partition_by=[node.copy() for node in partition],
        order=exp.Order(expressions=order),
    )
    rows = counted.assign(
        {
            _PERCENT: number_value(sql("round(100 * :c / :t, 6)", c=_node(counted, _COUNT), t=total)),
            _RANK: number_value(sql("CAST(:r AS DOUBLE)", r=rank)),
        }
    )
    if stage.limit:
        kept = rows.filter(sql("(:r <= :n)", r=_node(rows, _RANK), n=integer(stage.limit)))
        rows = _with_others(stage, rows, kept, by, names, context) if stage.use_other else kept
    rows = rows.reorder(
        [ordered(node) for name in by for node in sort_nodes(value_of(rows, name))] + [ordered(_node(rows, _RANK))]
    )
    fields = {name: rows.schema.fields[name] for name in [*by, *names]}
    if stage.show_count:
        fields[stage.count_field] = rows.schema.fields[_COUNT]
    if stage.show_percent:
        fields[stage.percent_field] = rows.schema.fields[_PERCENT]
    return Frame(rows.program, rows.relation, rows.schema.with_fields(fields), rows.stage)


def _node(frame: Frame, name: str) -> exp.Expression:
    return value_of(frame, name).node


def _with_others(
    stage: stages.Top, rows: Frame, kept: Frame, by: list[str], names: list[str], context: Context
) -> Frame:
    """The rows kept, and in each group one for all the others."""
    label = rows.stage
    rest = rows.at(f"{label}_others").filter(sql("(:r > :n)", r=_node(rows, _RANK), n=integer(stage.limit)))
    sums = [
        Aggregate("count", alias=_OTHER),
        *(Aggregate("sum", argument=FieldReference(name), alias=name) for name in (_COUNT, _PERCENT)),
    ]
    others = group(rest, sums, by, context).filter(sql("(:n > 0)", n=column(_OTHER)))
    others = others.assign(
        {
            **{name: auto_value(exp.Literal.string(stage.other_name)) for name in names},
            _RANK: Value(sql("CAST(:n AS DOUBLE)", n=integer(stage.limit + 1)), Type.NUMBER),
        }
    )
    return stack([kept, others], label)
