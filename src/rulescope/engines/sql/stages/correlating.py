"""Sigma's correlations: hits of other rules, counted or put in order within a time span.

Where a condition only asks for at least so much, every hit opens a span of its own, so that no boundary hides a burst;
the result has one row a group, with the highest measure. Where it sets an upper bound, spans lie side by side from the
epoch on (a span that may begin anywhere always holds few enough hits somewhere), and each is a row of its own.
"""

from __future__ import annotations

from sqlglot import exp

from rulescope.engines.sql.build import all_of, column, number, sql
from rulescope.engines.sql.context import Context
from rulescope.engines.sql.frame import Frame, row_number
from rulescope.engines.sql.schema import ROW, Column, Schema
from rulescope.engines.sql.stages.merging import same_program, stack, value_of
from rulescope.engines.sql.stages.registry import compiles
from rulescope.engines.sql.values import NULL_VALUE, Type, Value, as_text, auto_value, number_value
from rulescope.errors import Refusal
from rulescope.ir import stages as kinds

_RULE, _VALUE, _GROUP, _MEASURE, _SPAN, _ENDS = (
    "_rs_rule",
    "_rs_value",
    "_rs_group",
    "_rs_measure",
    "_rs_span",
    "_rs_ends",
)
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_SIGNS = {"gt": ">", "ge": ">=", "lt": "<", "le": "<=", "eq": "=", "ne": "<>"}
_AGGREGATES = {
    "event_count": "count(*)",
    "value_count": "count(DISTINCT :v)",
    "value_sum": "sum(spl_number(:v))",
    "value_avg": "avg(spl_number(:v))",
    "value_median": "median(spl_number(:v))",
    "temporal": "count(DISTINCT :r)",
}


@compiles(kinds.Correlation)
def compile_correlation(stage: kinds.Correlation, frame: Frame, context: Context) -> Frame:
    """One row a group (and span) that meets the condition: its fields, the first time, and what was measured."""
    if not stage.pipelines:
        raise Refusal("a rule that the correlation names is not in its file", span=stage.span, code="RUN040")
    if stage.type not in _AGGREGATES and stage.type != "temporal_ordered":
        raise Refusal(f"correlations of type '{stage.type}' can't be run", span=stage.span, code="RUN041")
    if stage.timespan is None:
        raise Refusal("the correlation has no time span", span=stage.span, code="RUN041")
    hits = _hits(stage, frame, context)
    context.grouped.append(hits)
    seconds = stage.timespan.amount * _SECONDS[stage.timespan.unit]
    conditions = stage.conditions
    if stage.type == "temporal" and not conditions:
        conditions = (("ge", float(len(stage.rules))),)
    if stage.type == "temporal_ordered":
        return _groups(stage, _in_order(stage, hits, seconds), None)
    if all(kind in ("gt", "ge") for kind, _ in conditions):
        measured = _measured(stage, hits, seconds, None)
        return _groups(stage, measured.filter(*_bounds(conditions)), None)
    span = sql("floor(:t / :s)", t=column("_time"), s=float(seconds))
    placed = _with_hidden(hits, _SPAN, span)
    measured = _measured(stage, placed, seconds, _SPAN)
    return _groups(stage, measured.filter(*_bounds(conditions)), _SPAN)


def _hits(stage: kinds.Correlation, frame: Frame, context: Context) -> Frame:
    """The hits of all rules under one another: those with a time and a value in every field that groups them."""
    from rulescope.engines.sql.pipeline import compile_pipeline

    frames = []
    for place, (rule, pipeline) in enumerate(zip(stage.rules, stage.pipelines, strict=True)):
        inner = compile_pipeline(pipeline, context, program=frame.program, prefix=f"r{place + 1}_")
        inner = same_program(frame, inner, context)
        named = {alias: field for alias, name, field in stage.aliases if name == rule}
        values: dict[str, Value] = {_RULE: number_value(number(place))}
        for index, name in enumerate(stage.group_by):
            values[f"{_GROUP}{index}"] = _text(inner, named.get(name, name))
        if stage.field is not None:
            values[_VALUE] = _text(inner, named.get(stage.field, stage.field))
        frames.append(inner.assign(values))
    stacked = stack(frames, frame.stage)
    if stacked.value("_time") is None:
        raise Refusal("the events have no time", span=stage.span, code="RUN042")
    needed = [sql("(:x IS NOT NULL)", x=value_of(stacked, name).node) for name in ("_time", *_group_names(stage))]
    return stacked.filter(*needed)


def _text(frame: Frame, name: str) -> Value:
    value = frame.value(name)
    return NULL_VALUE if value is None else auto_value(as_text(value))


def _group_names(stage: kinds.Correlation) -> list[str]:
    return [f"{_GROUP}{index}" for index in range(len(stage.group_by))]


def _columns(frame: Frame, names: list[str]) -> list[exp.Expression]:
    return [value_of(frame, name).node for name in names]


def _window(
    frame: Frame, stage: kinds.Correlation, node: exp.Expression, span: str | None, end: exp.Expression | str
) -> exp.Expression:
    """The aggregate over a group, from the row at hand on for so many seconds; or over the row's span."""
    partition = _columns(frame, _group_names(stage))
    if span is not None:
        return exp.Window(this=node, partition_by=[*partition, column(span)])
    return exp.Window(
        this=node,
        partition_by=partition,
        order=exp.Order(expressions=[exp.Ordered(this=value_of(frame, "_time").node)]),
        spec=exp.WindowSpec(kind="RANGE", start="CURRENT ROW", start_side=None, end=end, end_side="FOLLOWING"),
    )


def _measured(stage: kinds.Correlation, hits: Frame, seconds: float, span: str | None) -> Frame:
    value = hits.value(_VALUE)
    holes: dict[str, exp.Expression] = {"r": value_of(hits, _RULE).node}
    holes["v"] = exp.Null() if value is None else as_text(value)
    measure = sql(_AGGREGATES[stage.type], **holes)
    window = _window(hits, stage, measure, span, number(seconds))
    return _with_hidden(hits, _MEASURE, window)


def _with_hidden(frame: Frame, name: str, node: exp.Expression) -> Frame:
    """The rows with one more column that later steps read."""
    schema = Schema(frame.schema.fields, {**frame.schema.hidden, name: Column(name, Type.NUMBER)})
    return frame.then({**frame.passed(), name: node}, schema)


def _bounds(conditions: tuple[tuple[str, float], ...]) -> list[exp.Expression]:
    return [sql(f"(:m {_SIGNS[kind]} :n)", m=column(_MEASURE), n=float(bound)) for kind, bound in conditions]


def _in_order(stage: kinds.Correlation, hits: Frame, seconds: float) -> Frame:
    """The hits of the first rule that those of the others follow in their order, all within the time span.

    From the last rule back, each hit gets the earliest time at which the rest of the order can be complete.
    """
    last = len(stage.rules) - 1
    time = value_of(hits, "_time").node
    rule = value_of(hits, _RULE).node
    complete: exp.Expression = sql("CASE WHEN :r = :n THEN :t END", r=rule, n=float(last), t=time)
    frame = _with_hidden(hits, _ENDS, complete)
    for place in range(last - 1, -1, -1):
        following = sql("min(CASE WHEN :r = :n THEN :e END)", r=rule, n=float(place + 1), e=column(_ENDS))
        over = _window(frame, stage, following, None, "UNBOUNDED")
        ends = sql("CASE WHEN :r = :n THEN :w ELSE :e END", r=rule, n=float(place), w=over, e=column(_ENDS))
        frame = frame.then({**frame.passed(), _ENDS: ends})
    found = all_of(
        [
            sql("(:r = :z)", r=rule, z=0.0),
            sql("(:e - :t <= :s)", e=column(_ENDS), t=time, s=float(seconds)),
        ]
    )
    return _with_hidden(frame.filter(found), _MEASURE, number(float(last + 1)))


def _groups(stage: kinds.Correlation, rows: Frame, span: str | None) -> Frame:
    """One row a group (and span)."""
    names = _group_names(stage)
    keys = _columns(rows, names)
    columns: dict[str, exp.Expression | None] = {
        ROW: exp.Min(this=column(ROW)),
        "_time": exp.Min(this=value_of(rows, "_time").node),
    }
    fields = {"_time": Column("_time", Type.NUMBER)}
    for name, key, written in zip(names, keys, stage.group_by, strict=True):
        columns[name] = key
        fields[written] = Column(name, Type.AUTO)
    columns[_MEASURE] = exp.cast(exp.Max(this=column(_MEASURE)), "DOUBLE")
    fields[stage.type] = Column(_MEASURE, Type.NUMBER)
    body = rows.source()
    grouping = [*[key.copy() for key in keys], *([column(span)] if span is not None else [])]
    if grouping:
        body = body.group_by(*grouping)
    else:
        body = body.having(sql("count(*) > 0"))
    found = rows.then(columns, Schema(fields, {}), body, events=False)
    return found.then({**found.passed(), ROW: row_number([exp.Ordered(this=column(ROW))], then_row=False)})
