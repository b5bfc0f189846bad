"""`make-series`: of each group a list of an aggregate's results, one a step of an axis. Source: Kusto's reference,
"make-series operator": from the first step (or that which holds the lowest value of all rows) to before the end (or to
the last step that a group has); a step of no rows has the default, which is 0 where none is said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlglot import exp

from rulescope import ir
from rulescope.engines.sql.build import call, column, function_of, integer, literal, parameter, sql
from rulescope.engines.sql.compiling import compile_expression, compile_pipeline
from rulescope.engines.sql.context import Context
from rulescope.engines.sql.dialect import KUSTO, compiles_command
from rulescope.engines.sql.frame import Frame
from rulescope.engines.sql.relational.column_types import kind_of_column
from rulescope.engines.sql.relational.lists import MOST_VALUES, typed_json
from rulescope.engines.sql.relational.parts import json_elements
from rulescope.engines.sql.relational.scope import Scope, compute, put
from rulescope.engines.sql.values import Value, as_json, as_number, json_value, number_value, whole_value
from rulescope.errors import Refusal
from rulescope.ir import stages

_STEP, _ALL, _FIRST = "_rs_step", "_rs_all", "_rs_first"


@dataclass(frozen=True, slots=True)
class _Axis:
    """The column of the axis with its kind, and where it begins and ends, where that is said; `to` is behind the last
    step."""

    name: str
    kind: str
    first: exp.Expression | None
    to: exp.Expression | None
    step: exp.Expression


@compiles_command("make-series", dialects=(KUSTO,))
def compile_make_series(stage: stages.Command, frame: Frame, context: Context) -> Frame:
    """The groups, each with its series and the values of the axis."""
    axis = _axis(stage, frame, context)
    aggregates, defaults = _aggregates(stage, frame, context)
    keys = [one.value for one in stage.arguments if one.name == "by" and isinstance(one.value, ir.FieldReference)]
    value = as_number(frame.schema.fields[axis.name].value())
    rows = frame
    if axis.first is not None:
        rows = rows.filter(sql("(:x >= :a)", x=value, a=axis.first))
    if axis.to is not None:
        rows = rows.filter(sql("(:x < :b)", x=value, b=axis.to))
    rows = rows.filter(sql("(:x IS NOT NULL)", x=value))
    origin = axis.first
    if origin is None:
        lowest = exp.Window(this=call("min", value.copy()))
        rows = put(rows, {_FIRST: (number_value(sql("floor(:m / :s) * :s", m=lowest, s=axis.step)), axis.kind, True)})
        origin = column(rows.schema.fields[_FIRST].physical)
    number = sql("CAST(floor((:x - :o) / :s + 1e-9) AS BIGINT)", x=value, o=origin, s=axis.step)
    made: dict[str, tuple[Value, str, bool]] = {_STEP: (whole_value(number), "long", True)}
    nonempty = stage.option("kind") is not None
    grouped_by = [*keys, *([ir.FieldReference(_FIRST)] if axis.first is None else [])]
    if not keys and not (nonempty and axis.first is not None):
        # No rows have no series.
        made[_ALL] = (whole_value(integer(1)), "long", True)
        grouped_by.append(ir.FieldReference(_ALL))
    rows = put(rows, made)
    own = stages.Stats(aggregates=aggregates, by=(*grouped_by, ir.FieldReference(_STEP)), span=stage.span)
    cells = compile_pipeline(ir.Pipeline((own,), span=stage.span), context, frame=rows, prefix=f"{frame.stage}_steps_")
    results = [name for name in cells.schema.fields if name not in {one.name for one in own.by}]
    packed: dict[str, tuple[Value, str, bool]] = {}
    for name in results:
        entry = cells.schema.fields[name]
        held = typed_json(entry.value(), kind_of_column(entry))
        at = column(cells.schema.fields[_STEP].physical)
        packed[name] = (json_value(call("json_object", literal("i"), at, literal("v"), held)), "dynamic", True)
    cells = put(cells, packed)
    lists = tuple(stages.Aggregate("make_list", ir.FieldReference(name), name, written=name) for name in results)
    again = stages.Stats(aggregates=lists, by=tuple(grouped_by), span=stage.span)
    pipeline = ir.Pipeline((again,), span=stage.span)
    groups = compile_pipeline(pipeline, context, frame=cells, prefix=f"{frame.stage}_all_")
    return _laid_out(groups, axis, results, defaults, [one.name for one in keys])


def _axis(stage: stages.Command, frame: Frame, context: Context) -> _Axis:
    named = stage.option("on")
    assert isinstance(named, ir.FieldReference)
    scope = Scope(frame, context)
    kind = scope.name(named.name, named.span)
    if scope.column(named.name) is None:
        raise Refusal(f"the axis is a column, '{named.name}' is a path", span=named.span, code="RUN035")
    first, to, step = (stage.option(word) for word in ("from", "to", "step"))
    inside = stage.option("in")
    if isinstance(inside, ir.Call) and inside.function == "range" and len(inside.arguments) == 3:
        first, to, step = inside.arguments
    if not isinstance(step, ir.Expression):
        raise Refusal("make-series needs a step", span=stage.span, code="RUN035")
    ends = [_bound(one, frame, context) if isinstance(one, ir.Expression) else None for one in (first, to, step)]
    width = ends[2]
    assert width is not None
    if inside is not None and ends[1] is not None:
        # The end of this form belongs to the series.
        ends[1] = sql("(:b + :s / 1e6)", b=ends[1], s=width)
    return _Axis(named.name, kind, ends[0], ends[1], width)


def _bound(expression: ir.Expression, frame: Frame, context: Context) -> exp.Expression:
    scope = Scope(frame, context)
    value = compile_expression(scope.expression(expression), scope.frame, context)
    if value.node.find(exp.Column) is not None:
        raise Refusal("an end or a step of make-series is constant", span=expression.span, code="RUN035")
    return as_number(value)


def _aggregates(
    stage: stages.Command, frame: Frame, context: Context
) -> tuple[tuple[stages.Aggregate, ...], list[exp.Expression]]:
    """The aggregates, and what stands for a step of no rows in the series of each."""
    aggregates: list[stages.Aggregate] = []
    defaults: list[exp.Expression] = []
    for one in stage.arguments:
        if isinstance(one.value, stages.Aggregate):
            aggregates.append(replace(one.value, alias=one.name or one.value.alias))
            defaults.append(exp.cast(literal("0"), "JSON"))
        elif one.name == "default" and isinstance(one.value, ir.Expression) and defaults:
            value, kind, _ = compute(one.value, frame, context)
            defaults[-1] = sql("COALESCE(:x, CAST('null' AS JSON))", x=typed_json(value, kind))
    return tuple(aggregates), defaults


def _laid_out(
    groups: Frame, axis: _Axis, results: Sequence[str], defaults: Sequence[exp.Expression], keys: list[str]
) -> Frame:
    fields = groups.schema.fields
    origin = axis.first if axis.first is not None else column(fields[_FIRST].physical)
    if axis.to is not None:
        count = sql("CAST(ceil((:b - :a) / :s - 1e-9) AS BIGINT)", a=origin, b=axis.to, s=axis.step)
    else:
        steps = "list_transform(:l, lambda c: CAST(json_extract_string(c, '$.i') AS BIGINT))"
        count = sql(f"list_max({steps}) + 1", l=json_elements(fields[results[0]].value()))
    count = sql("least(COALESCE(:c, 0), :m)", c=count, m=integer(MOST_VALUES))
    made: dict[str, tuple[Value, str, bool]] = {}
    for name, default in zip(results, defaults, strict=True):
        # One pass over the cells: looked up in a list for each step, they would take the square of their number.
        cells = exp.cast(as_json(fields[name].value()), "VARCHAR")
        laid = call("spl_kusto_laid_out", cells, count, exp.cast(default, "VARCHAR"))
        made[name] = (json_value(exp.cast(laid, "JSON")), "list", True)
    place = parameter()
    moment = number_value(sql("CAST(:a + :i * :s AS DOUBLE)", a=origin, i=column(place), s=axis.step))
    body = function_of(place, typed_json(moment, axis.kind))
    made[axis.name] = (json_value(sql("to_json(list_transform(range(0, :c), :f))", c=count, f=body)), "list", True)
    found = put(groups, made)
    order = [*keys, *results, axis.name]
    return found.then(found.passed(), found.schema.with_fields({name: found.schema.fields[name] for name in order}))
