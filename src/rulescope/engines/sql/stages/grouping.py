"""`stats`, `eventstats`: rows into groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlglot import exp

from rulescope import ir
from rulescope.engines.sql.aggregate_wildcards import expand_aggregates
from rulescope.engines.sql.aggregates import AggregateScope, aggregate_value
from rulescope.engines.sql.build import all_of, any_of, call, cases, column, named_table, sql
from rulescope.engines.sql.context import Context
from rulescope.engines.sql.dialect import compiles
from rulescope.engines.sql.evidence import by_keys
from rulescope.engines.sql.frame import NO_VALUE, Frame, ordered
from rulescope.engines.sql.schema import ROW, Column, Schema, free_name
from rulescope.engines.sql.stages.explode import explode
from rulescope.engines.sql.stages.fieldlists import expand, item_names
from rulescope.engines.sql.stages.filtering import sort_nodes
from rulescope.engines.sql.values import Type, Value, choice, storable, stored
from rulescope.engines.sql.whole_numbers import one_spelling
from rulescope.ir import stages
from rulescope.ir.stages import Aggregate


def group(
    frame: Frame,
    aggregates: Sequence[Aggregate],
    by: Sequence[str],
    context: Context,
    *,
    span_seconds: float | None = None,
    all_numeric: bool = False,
    distinct_values: bool = False,
    missing_groups: bool = False,
    delimiter: str | None = None,
) -> Frame:
    """One row a combination of the values of `by`, in their order; the fields are `by` and the results.

    A row that lacks a `by` field is left out, unless `missing_groups`; one with several values counts under each, a
    repeated value as often unless `distinct_values`. Without `by` there is one row.
    """
    ready = _keys(frame, by, distinct_values, missing_groups, context.dialect.whole_groups)
    if ready is None:
        return nothing(frame, [*by, *(aggregate.result_name for aggregate in aggregates)])
    frame, values = ready
    scope = AggregateScope(frame, context, span_seconds=span_seconds, all_numeric=all_numeric)
    used = {ROW}
    columns: dict[str, exp.Expression | None] = {}
    fields: dict[str, Column] = {}
    keys: list[exp.Expression] = []
    for name, value in zip(by, values, strict=True):
        physical = free_name(name, used)
        fields[name] = Column(physical, value.type, value.mixed)
        if value.type is Type.SPELT:
            keys.append(one_spelling(value))
            # Of both spellings that of the double, which is the greater text.
            columns[physical] = call("max", value.node)
            continue
        columns[physical] = value.node
        keys.append(value.node.copy())
    for aggregate in aggregates:
        result = stored(storable(aggregate_value(aggregate, scope)))
        name = aggregate.result_name
        physical = fields[name].physical if name in fields else free_name(name, used)
        columns[physical] = result.node
        fields[name] = Column(physical, result.type, result.mixed)
        if delimiter is not None:
            fields[name] = replace(fields[name], delimiter=delimiter)
    told, hidden = by_keys(frame, keys, used)
    body = frame.source()
    if keys:
        if not missing_groups:
            body = body.where(all_of([sql("(:x IS NOT NULL)", x=key) for key in keys]))
        body = body.group_by(*keys)
    else:
        # One row even where every result is a constant or read by nobody: the clause makes it a query over groups.
        body = body.having(sql("(COUNT(*) >= 0)"))
    grouped = frame.then(
        {ROW: exp.cast(exp.Literal.number(0), "BIGINT"), **columns, **told}, Schema(fields, hidden), body, events=False
    )
    if not keys:
        return grouped
    order = [ordered(node) for name in by for node in sort_nodes(_value(grouped, name))]
    return grouped.reorder(order)


def _keys(
    frame: Frame, by: Sequence[str], distinct_values: bool, missing_groups: bool, whole: bool
) -> tuple[Frame, list[Value]] | None:
    """The rows with one value for each field that is grouped by, and these; None where no row has one of the fields.
    Where `whole`, the field itself keeps all of its values beside that one."""
    values: list[Value] = []
    for place, name in enumerate(by):
        value = frame.value(name)
        if value is None and missing_groups:
            frame = frame.assign({name: NO_VALUE})
            value = frame.value(name)
        if value is None:
            return None
        if value.type is Type.MULTI:
            one = f"_rs_group_{place}" if whole else name
            items = sql("spl_distinct(:x)", x=value.node) if distinct_values else value.node
            if whole or distinct_values:
                frame = frame.assign({one: replace(value, node=items)})
            frame = explode(frame, one)
            value = frame.value(one)
            assert value is not None
        values.append(value)
    return frame, values


def nothing(frame: Frame, names: Sequence[str]) -> Frame:
    """No rows, with the fields named."""
    empty = Frame(frame.program, frame.relation, Schema({}, {}), frame.stage).filter(exp.false())
    return empty.choose(list(dict.fromkeys(names)))


def _value(frame: Frame, name: str) -> Value:
    value = frame.value(name)
    assert value is not None
    return value


def takes_every_field(aggregates: Sequence[Aggregate | ir.MacroCall]) -> bool:
    """Whether a wildcard stands for what may be hundreds of fields."""
    arguments = [aggregate.argument for aggregate in aggregates if isinstance(aggregate, Aggregate)]
    return any(isinstance(argument, ir.FieldReference) and "*" in argument.name for argument in arguments)


def by_fields(stage: stages.Stats | stages.EventStats | stages.StreamStats, frame: Frame) -> list[str]:
    """The BY fields, wildcards put in."""
    return expand(item_names(stage.by), frame, keep_missing=True)


@compiles(stages.Stats)
def compile_stats(stage: stages.Stats, frame: Frame, context: Context) -> Frame:
    """One row a group."""
    by = by_fields(stage, frame)
    if takes_every_field(stage.aggregates):
        frame = context.without_empty(frame)
    aggregates = expand_aggregates(stage.aggregates, by, frame)
    groups = group(
        frame,
        aggregates,
        by,
        context,
        all_numeric=stage.all_numeric,
        distinct_values=stage.dedup_split_values,
        missing_groups=stage.missing_groups,
        delimiter=stage.delimiter,
    )
    if not context.dialect.results_first:
        return groups
    return groups.choose(list(dict.fromkeys([*(aggregate.result_name for aggregate in aggregates), *by])))


@compiles(stages.EventStats)
def compile_eventstats(stage: stages.EventStats, frame: Frame, context: Context) -> Frame:
    """Every row with the results of its group; a row that lacks a BY field gets none."""
    by = by_fields(stage, frame)
    if takes_every_field(stage.aggregates):
        frame = context.without_empty(frame)
    aggregates = expand_aggregates(stage.aggregates, by, frame)
    lacking = {name: NO_VALUE for name in by if frame.value(name) is None}
    if lacking and not stage.missing_groups:
        return frame.choose([*frame.schema.names()])
    if lacking:
        frame = frame.assign(lacking)
    groups = group(frame, aggregates, by, context, all_numeric=stage.all_numeric, missing_groups=stage.missing_groups)
    results = [aggregate.result_name for aggregate in aggregates]
    return join_groups(frame, groups, by, results, missing_groups=stage.missing_groups)


def join_groups(
    frame: Frame, groups: Frame, by: Sequence[str], results: Sequence[str], *, missing_groups: bool = False
) -> Frame:
    """The rows of `frame` with fields of the row of `groups` that has the same values in `by`.

    A row with several values in a `by` field stays one row, with the results of its first value's group; one that lacks
    a `by` field stays as it was (practice), unless `missing_groups`.
    """
    left, right = "_rs_rows", "_rs_groups"
    conditions, lacking = [], []
    for name in by:
        row_value, group_value = frame.schema.fields[name], groups.schema.fields[name]
        mine, other = column(row_value.physical, left), column(group_value.physical, right)
        equal = "IS NOT DISTINCT FROM" if missing_groups else "="
        template = f"list_extract(:a, 1) {equal} :b" if row_value.type is Type.MULTI else f":a {equal} :b"
        conditions.append(sql(template, a=mine, b=other))
        if not missing_groups:
            lacking.append(sql("(:a IS NULL)", a=mine))
    columns: dict[str, exp.Expression | None] = {name: column(name, left) for name in frame.passed()}
    fields = dict(frame.schema.fields)
    used = frame.schema.physical_names()
    for name in results:
        given = groups.schema.fields[name]
        before = fields.get(name)
        physical = before.physical if before is not None else free_name(name, used)
        result = Value(column(given.physical, right), given.type, mixed=given.mixed)
        if before is not None and lacking:
            kept = Value(column(before.physical, left), before.type, mixed=before.mixed)
            result = choice([kept, result], lambda nodes: cases([(any_of(lacking), nodes[0])], nodes[1]))
        columns[physical] = result.node
        fields[name] = Column(physical, result.type, result.mixed)
    body = (
        exp.Select()
        .from_(named_table(frame.relation, left))
        .join(named_table(groups.relation, right), on=all_of(conditions), join_type="left")
    )
    return frame.then(columns, frame.schema.with_fields(fields), body)
