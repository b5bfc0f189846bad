"""Stages that compute over the rows before each row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from sqlglot import exp

from rulescope.engines.sql.aggregate_wildcards import expand_aggregates
from rulescope.engines.sql.aggregates import AggregateScope, aggregate_of_items, aggregate_value
from rulescope.engines.sql.build import (
    any_of,
    array,
    call,
    cases,
    column,
    function_of,
    integer,
    literal,
    parameter,
    sql,
)
from rulescope.engines.sql.compiling import compile_expression
from rulescope.engines.sql.context import Context
from rulescope.engines.sql.dialect import compiles
from rulescope.engines.sql.frame import Frame
from rulescope.engines.sql.schema import ROW, Column, Schema
from rulescope.engines.sql.stages.binning import SECONDS
from rulescope.engines.sql.stages.evaluating import fields_read
from rulescope.engines.sql.stages.grouping import by_fields
from rulescope.engines.sql.values import (
    NULL_VALUE,
    Type,
    Value,
    as_condition,
    as_multi,
    as_number,
    as_text,
    choice,
    number_value,
)
from rulescope.errors import Refusal
from rulescope.ir import Expression, stages

_SESSION = "_rs_session"
_CLOCK = "_rs_clock"
_REACH = "_rs_reach"
_MOST_RESETS = 1000
"""How often statistics may start anew by their own results: each time is a query of its own."""


def by_row(descending: bool = False) -> exp.Order:
    """The order of the rows, for windows."""
    return exp.Order(expressions=[exp.Ordered(this=column(ROW), desc=descending)])


def previous(node: exp.Expression, count: int = 1) -> exp.Expression:
    """The value `count` rows before."""
    return exp.Window(this=call("lag", node, integer(count)), order=by_row())


@compiles(stages.StreamStats)
def compile_streamstats(stage: stages.StreamStats, frame: Frame, context: Context) -> Frame:
    """Every row with the results over the rows so far, of its group or of all.

    A row that lacks a BY field stays as it was (practice).
    """
    condition = stage.reset_after
    if condition is None or not _reads_results(stage, condition):
        return _stream(stage, frame, context)
    # What the condition reads is known only once the rows before it are done: one reset after another.
    executor = context.need_data(stage, "where it starts anew depends on its results")
    label = frame.stage
    frame = context.materialize(frame).at(label)
    stage = replace(stage, reset_after=None)
    resets: list[int] = []
    while len(resets) <= _MOST_RESETS:
        rows = _stream(stage, frame, context, resets)
        holds = as_condition(compile_expression(condition, rows, context), stage.span)
        query = rows.source().select(sql("min(:r)", r=column(ROW))).where(holds)
        if resets:
            query = query.where(sql(":r > :l", r=column(ROW), l=integer(resets[-1])))
        at = executor.fetch(rows.program.assemble(query))[0][0]
        if at is None:
            return rows
        resets.append(int(at))
    raise Refusal(f"streamstats starts anew at most {_MOST_RESETS} times here", span=stage.span, code="RUN021")


def _reads_results(stage: stages.StreamStats, condition: Expression) -> bool:
    names = {aggregate.result_name for aggregate in stage.aggregates if isinstance(aggregate, stages.Aggregate)}
    return bool(names & set(fields_read(condition)))


def _stream(stage: stages.StreamStats, frame: Frame, context: Context, resets: Sequence[int] = ()) -> Frame:
    """The results; they start anew after the rows of the numbers `resets`, too."""
    by = by_fields(stage, frame)
    aggregates = expand_aggregates(stage.aggregates, by, frame)
    keys = []
    for name in by:
        value = frame.value(name)
        if value is None:
            return frame.then(frame.passed())
        keys.append(as_text(value) if value.type is not Type.MULTI else value.node)
    frame = _sessions(stage, frame, context, keys, resets)
    if resets or stage.reset_on_change or stage.reset_before is not None or stage.reset_after is not None:
        keys = [*keys, column(_SESSION)]
    time = frame.value("_time")
    if stage.time_window is not None and time is None:
        return frame.then(frame.passed())
    if stage.time_window is not None and time is not None:
        frame = _reaching(stage.time_window, frame, as_number(time), keys)
    # One window over all rows, in which only those of the row's own group count.
    shared = bool(stage.window and stage.global_ and by and stage.time_window is None)
    windows = _windows(stage, [] if shared else keys)
    assigned: dict[str, Value] = {}
    present = [sql("(:k IS NULL)", k=key) for key in keys]
    for aggregate in aggregates:
        scope = AggregateScope(frame, context, windows, sorted=True)
        value = _of_group(aggregate, scope, keys) if shared else aggregate_value(aggregate, scope)
        if present:
            before = frame.value(aggregate.result_name) or NULL_VALUE
            value = choice([before, value], lambda nodes: cases([(any_of(present), nodes[0])], nodes[1]))
        assigned[aggregate.result_name] = value
    result = frame.assign(assigned)
    hidden = {name: entry for name, entry in result.schema.hidden.items() if name not in {_SESSION, _CLOCK, _REACH}}
    return replace(result, schema=Schema(result.schema.fields, hidden))


def _of_group(aggregate: stages.Aggregate, scope: AggregateScope, keys: Sequence[exp.Expression]) -> Value:
    """The aggregate over those rows of the window that are in the same group as the row."""
    argument = NULL_VALUE
    if aggregate.argument is not None:
        argument = compile_expression(aggregate.argument, scope.frame, scope.context)
    if aggregate.argument is None:
        values = array([literal("")])
    elif argument.type is Type.BOOL:
        values = sql("CASE WHEN :c THEN [''] END", c=argument.node)
    else:
        values = as_multi(argument)
    group = array([exp.cast(key, "VARCHAR") for key in keys])
    entry = sql("{'k': :k, 'v': :v}", k=group, v=values)
    entries = scope.wrap(call("list", entry))
    name = parameter()
    mine = sql("(:e).k = :k", e=column(name), k=group)
    chosen = sql("list_filter(:l, :f)", l=entries, f=function_of(name, mine))
    other = parameter()
    items = sql(
        "spl_filled(flatten(list_filter(list_transform(:l, :f), lambda v: v IS NOT NULL)))",
        l=chosen,
        f=function_of(other, sql("(:e).v", e=column(other))),
    )
    return aggregate_of_items(aggregate, items, scope)


def _windows(stage: stages.StreamStats, keys: Sequence[exp.Expression]) -> Callable[[exp.Expression], exp.Expression]:
    def wrap(node: exp.Expression) -> exp.Expression:
        end, end_side = ("CURRENT ROW", None) if stage.current else (integer(1), "PRECEDING")
        start: str | exp.Expression = "UNBOUNDED"
        most = integer(stage.window - 1 if stage.current else stage.window)
        if stage.time_window is not None:
            start = call("least", column(_REACH), most) if stage.window else column(_REACH)
        elif stage.window:
            start = most
        return exp.Window(
            this=node,
            partition_by=[key.copy() for key in keys],
            order=by_row(),
            spec=exp.WindowSpec(kind="ROWS", start=start, start_side="PRECEDING", end=end, end_side=end_side),
        )

    return wrap


def _reaching(interval: stages.Interval, frame: Frame, time: exp.Expression, keys: Sequence[exp.Expression]) -> Frame:
    """A hidden number: how many of the rows before each row lie within the time window.

    The rows are in ascending or descending order of time, as the Search Reference demands; which one, the first and
    last tell. A clock that runs upwards either way makes the two alike.
    """
    seconds = SECONDS.get(interval.unit or "s", 1.0) * (interval.amount or 1)
    whole = sql(
        "arg_min(:t, :r) OVER () <= arg_max(:t, :r) OVER ()",
        t=time,
        r=column(ROW),
    )
    clock = sql("CASE WHEN :up THEN :t ELSE - :t END", up=whole, t=time)
    hidden = {**frame.schema.hidden, _CLOCK: Column(_CLOCK, Type.NUMBER)}
    frame = frame.then({**frame.passed(), _CLOCK: clock}, Schema(frame.schema.fields, hidden))
    within = exp.Window(
        this=exp.Count(this=exp.Star()),
        partition_by=[key.copy() for key in keys],
        order=exp.Order(expressions=[exp.Ordered(this=column(_CLOCK))]),
        spec=exp.WindowSpec(kind="RANGE", start=exp.Literal.number(seconds), start_side="PRECEDING", end="CURRENT ROW"),
    )
    # Rows of the same time are within either way: those behind the row don't count.
    behind = exp.Window(
        this=exp.Count(this=exp.Star()),
        partition_by=[*[key.copy() for key in keys], column(_CLOCK)],
        order=by_row(),
        spec=exp.WindowSpec(
            kind="ROWS", start=integer(1), start_side="FOLLOWING", end="UNBOUNDED", end_side="FOLLOWING"
        ),
    )
    reach = exp.cast(sql(":w - :b - 1", w=within, b=behind), "BIGINT")
    hidden = {**frame.schema.hidden, _REACH: Column(_REACH, Type.NUMBER)}
    return frame.then({**frame.passed(), _REACH: reach}, Schema(frame.schema.fields, hidden))


def _sessions(
    stage: stages.StreamStats, frame: Frame, context: Context, keys: Sequence[exp.Expression], resets: Sequence[int]
) -> Frame:
    """A hidden number that grows where the statistics start anew."""
    conditions: list[exp.Expression] = []
    if resets:
        conditions.append(exp.In(this=previous(column(ROW)), expressions=[integer(row) for row in resets]))
    if stage.reset_on_change and keys:
        changed = [sql(":k IS DISTINCT FROM :p", k=key, p=previous(key)) for key in keys]
        conditions.append(any_of(changed))
    for expression, after in ((stage.reset_before, False), (stage.reset_after, True)):
        if expression is None:
            continue
        if _reads_results(stage, expression):
            raise Refusal(
                "streamstats can't start anew before a row by what it only then computes",
                span=stage.span,
                code="RUN035",
            )
        condition = as_condition(compile_expression(expression, frame, context), stage.span)
        conditions.append(previous(condition) if after else condition)
    if not conditions:
        return frame
    flag = sql("CAST(COALESCE(:c, FALSE) AS INTEGER)", c=any_of(conditions))
    flagged = frame.then({**frame.passed(), _SESSION: flag})
    session = exp.Window(
        this=exp.Sum(this=column(_SESSION)),
        order=by_row(),
        spec=exp.WindowSpec(kind="ROWS", start="UNBOUNDED", start_side="PRECEDING", end="CURRENT ROW"),
    )
    hidden = {**frame.schema.hidden, _SESSION: Column(_SESSION, Type.NUMBER)}
    schema = Schema(frame.schema.fields, hidden)
    return flagged.then({**frame.passed(), _SESSION: session}, schema)


@compiles(stages.Accum)
def compile_accum(stage: stages.Accum, frame: Frame, context: Context) -> Frame:
    """A running sum of a field's numbers; rows without a number get none, and keep what the field holds."""
    value = frame.value(stage.field)
    if value is None:
        return frame.then(frame.passed())
    node = as_number(value)
    total = exp.Window(
        this=exp.Sum(this=node.copy()),
        order=by_row(),
        spec=exp.WindowSpec(kind="ROWS", start="UNBOUNDED", start_side="PRECEDING", end="CURRENT ROW"),
    )
    sums = number_value(sql("CASE WHEN :x IS NOT NULL THEN :t END", x=node, t=total))
    if stage.alias is not None or value.type is Type.NUMBER:
        return frame.assign({stage.alias or stage.field: sums})
    kept = choice(
        [sums, value], lambda nodes: sql("CASE WHEN :x IS NOT NULL THEN :s ELSE :v END", x=node, s=nodes[0], v=nodes[1])
    )
    return frame.assign({stage.field: kept})


@compiles(stages.Delta)
def compile_delta(stage: stages.Delta, frame: Frame, context: Context) -> Frame:
    """The difference from the value some rows before."""
    value = frame.value(stage.field)
    name = stage.alias or f"delta({stage.field})"
    if value is None:
        return frame.then(frame.passed())
    node = as_number(value)
    return frame.assign({name: number_value(sql("(:x - :p)", x=node, p=previous(node, stage.periods)))})


@compiles(stages.AutoRegress)
def compile_autoregress(stage: stages.AutoRegress, frame: Frame, context: Context) -> Frame:
    """The values of rows before, as fields `name_p1`, `name_p2`, …, or the alias where one row is asked for."""
    value = frame.value(stage.field) or NULL_VALUE
    assigned: dict[str, Value] = {}
    for period in range(stage.first, stage.last + 1):
        name = f"{stage.field}_p{period}"
        if stage.alias is not None:
            name = stage.alias if stage.first == stage.last else f"{stage.alias}_p{period}"
        assigned[name] = Value(previous(value.node, period), value.type, mixed=value.mixed)
    return frame.assign(assigned)
