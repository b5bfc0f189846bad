"""Sigma's correlations: hits of other rules, counted or put in order within a time span.

Where a condition only asks for at least so much, every hit opens a span of its own, so that no boundary hides a burst;
the result has one row a group, with the highest measure. Where it sets an upper bound, or asks for hits that are not
there, spans lie side by side from the epoch on (a span that may begin anywhere always holds few enough hits somewhere),
and each is a row of its own.

A correlation that another puts in time with further rules has no rows but hits: the events with which it is complete,
looking back over its time span. They have all their fields, and their time is when it came about.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from rulescope import ir
from rulescope.engines.sql.build import all_of, any_of, call, column, integer, number, sql
from rulescope.engines.sql.compiling import compile_pipeline
from rulescope.engines.sql.context import Context
from rulescope.engines.sql.dialect import compiles
from rulescope.engines.sql.evidence import by_keys, linked
from rulescope.engines.sql.frame import Frame, row_number
from rulescope.engines.sql.schema import ROW, Column, Schema
from rulescope.engines.sql.stages.merging import same_program, stack, value_of
from rulescope.engines.sql.values import NULL_VALUE, Type, Value, as_text, auto_value, number_value, text_value
from rulescope.errors import Refusal
from rulescope.ir import stages
from rulescope.ir.walk import walk

_RULE, _VALUE, _GROUP, _MEASURE, _SPAN, _ENDS, _HOLDS = (
    "_rs_rule",
    "_rs_value",
    "_rs_group",
    "_rs_measure",
    "_rs_span",
    "_rs_ends",
    "_rs_holds",
)
_WITHIN = "_rs_within"
_IN_TIME = frozenset({"temporal", "temporal_ordered"})
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


@compiles(stages.Correlation)
def compile_correlation(stage: stages.Correlation, frame: Frame, context: Context) -> Frame:
    """One row a group (and span) that meets the condition: its fields, the first time, and what was measured."""
    seconds = _checked(stage)
    hits = _hits(stage, frame, context)
    span = None
    if stage.type == "temporal_ordered":
        measured, met = _in_order(stage, hits, seconds)
    elif _only_bounded_below(stage):
        measured, met = _measured(stage, hits, _window(hits, stage, seconds)), _met(stage)
    else:
        span = _SPAN
        placed = _with_hidden(hits, _SPAN, sql("floor(:t / :s)", t=column("_time"), s=float(seconds)))
        measured, met = _measured(stage, placed, _span_window(placed, stage)), _met(stage)
    around = _span_window(measured, stage) if span else _window(measured, stage, seconds, backwards=True)
    # The hits that made it so: those within the time span of one where the condition holds.
    within = around(sql("bool_or(:c)", c=all_of([one.copy() for one in met])))
    behind = measured.qualify(sql("COALESCE(:w, FALSE)", w=within))
    return _groups(stage, measured.filter(*met), behind, span)


def _checked(stage: stages.Correlation) -> float:
    """The seconds of the time span; a refusal of what can't be run."""
    if not stage.pipelines:
        raise Refusal("a rule that the correlation names is not in its file", span=stage.span, code="RUN040")
    if stage.type not in _AGGREGATES and stage.type not in ("temporal_ordered", "value_percentile"):
        raise Refusal(f"correlations of type '{stage.type}' can't be run", span=stage.span, code="RUN041")
    if stage.type == "value_percentile" and stage.percentile is None:
        message = "which percentile is measured is not said"
        raise Refusal(message, span=stage.span, code="RUN041", hint="percentile: 95 in 'condition'")
    if stage.type == "temporal_ordered" and (stage.expression is not None or not _asks_for_all(stage)):
        message = "an order of some of the rules only is not supported"
        raise Refusal(message, span=stage.span, code="RUN041")
    if stage.timespan is None:
        raise Refusal("the correlation has no time span", span=stage.span, code="RUN041")
    return stage.timespan.amount * _SECONDS[stage.timespan.unit]


def _asks_for_all(stage: stages.Correlation) -> bool:
    number = len(stage.rules)
    return all(
        (kind, bound) in (("ge", number), ("eq", number), ("gt", number - 1)) for kind, bound in stage.conditions
    )


def _only_bounded_below(stage: stages.Correlation) -> bool:
    """Whether more hits can only help."""
    if stage.expression is not None:
        return not any(isinstance(node, ir.Not) for node in walk(stage.expression))
    return all(kind in ("gt", "ge") for kind, _ in stage.conditions)


def _completing(stage: stages.Correlation, frame: Frame, context: Context) -> Frame | None:
    """The hits with which the correlation is complete; None for a correlation that no single hit completes."""
    seconds = _checked(stage)
    if not _only_bounded_below(stage):
        return None
    hits = _hits(stage, frame, context)
    if stage.type == "temporal_ordered":
        ordered, met = _in_order(stage, hits, seconds, backwards=True)
        found = ordered.filter(*met)
    else:
        measured = _measured(stage, hits, _window(hits, stage, seconds, backwards=True))
        found = measured.filter(*_met(stage))
    named = {written: value_of(found, name) for written, name in zip(stage.group_by, _group_names(stage), strict=True)}
    found = found.assign(named)
    inner = (_RULE, _VALUE, _GROUP)
    fields = {name: entry for name, entry in found.schema.fields.items() if not name.startswith(inner)}
    hidden = {name: entry for name, entry in found.schema.hidden.items() if name not in (_MEASURE, _ENDS)}
    columns: dict[str, exp.Expression | None] = {entry.physical: None for entry in (*fields.values(), *hidden.values())}
    columns |= {ROW: None, _WITHIN: call("row", column("_time"), *_columns(found, _group_names(stage)))}
    return linked(found.then(columns, Schema(fields, hidden)), _WITHIN, hits, _looking_back(stage, hits, seconds))


def _looking_back(stage: stages.Correlation, hits: Frame, seconds: float) -> Callable[[exp.Expression], exp.Expression]:
    """Which hits are behind one that completes the correlation: those of its group within the time span before it."""
    time = value_of(hits, "_time").node
    groups = _columns(hits, _group_names(stage))

    def behind(value: exp.Expression) -> exp.Expression:
        at, *held = [call("struct_extract", value, integer(place)) for place in range(1, len(groups) + 2)]
        same = [sql("(:a = :b)", a=mine, b=theirs) for mine, theirs in zip(groups, held, strict=True)]
        return all_of([sql("(:t <= :a)", t=time, a=at), sql("(:t >= :a - :s)", t=time, a=at, s=seconds), *same])

    return behind


def _hits(stage: stages.Correlation, frame: Frame, context: Context) -> Frame:
    """The hits of all rules under one another: those with a time and a value in every field that groups them."""
    frames = []
    for place, (rule, pipeline) in enumerate(zip(stage.rules, stage.pipelines, strict=True)):
        first = pipeline.stages[0]
        inner: Frame | None = None
        if stage.type in _IN_TIME and isinstance(first, stages.Correlation):
            empty = context.empty_frame(frame.program).at(f"{frame.stage}_r{place + 1}")
            inner = _completing(first, empty, context)
        if inner is None:
            inner = compile_pipeline(pipeline, context, program=frame.program, prefix=f"r{place + 1}_")
        inner = same_program(frame, inner, context)
        named = {alias: field for alias, name, field in stage.aliases if name == rule}
        values: dict[str, Value] = {_RULE: number_value(number(place))}
        for index, name in enumerate(stage.group_by):
            values[f"{_GROUP}{index}"] = _text(inner, named.get(name, name))
        if stage.field is not None:
            measured = [_text(inner, named.get(name, name)) for name in (stage.field, *stage.more_fields)]
            values[_VALUE] = measured[0] if len(measured) == 1 else _together(measured)
        frames.append(inner.assign(values))
    stacked = stack(frames, frame.stage)
    if stacked.value("_time") is None:
        raise Refusal("the events have no time", span=stage.span, code="RUN042")
    needed = [sql("(:x IS NOT NULL)", x=value_of(stacked, name).node) for name in ("_time", *_group_names(stage))]
    return stacked.filter(*needed)


def _together(values: list[Value]) -> Value:
    """Several values as one text, that differs where one of them does; NULL where one is missing."""
    node = as_text(values[0])
    for value in values[1:]:
        node = sql(":x || chr(31) || :y", x=node, y=as_text(value))
    return text_value(node)


def _text(frame: Frame, name: str) -> Value:
    value = frame.value(name)
    return NULL_VALUE if value is None else auto_value(as_text(value))


def _group_names(stage: stages.Correlation) -> list[str]:
    return [f"{_GROUP}{index}" for index in range(len(stage.group_by))]


def _columns(frame: Frame, names: list[str]) -> list[exp.Expression]:
    return [value_of(frame, name).node for name in names]


Over = Callable[[exp.Expression], exp.Expression]


def _window(frame: Frame, stage: stages.Correlation, end: float | str, backwards: bool = False) -> Over:
    """What makes of an aggregate one over a group, from the row at hand on for so many seconds, or back."""
    bound: exp.Expression | str = end if isinstance(end, str) else number(end)
    if backwards:
        edges = {"start": bound, "start_side": "PRECEDING", "end": "CURRENT ROW", "end_side": None}
    else:
        edges = {"start": "CURRENT ROW", "start_side": None, "end": bound, "end_side": "FOLLOWING"}

    def over(node: exp.Expression) -> exp.Expression:
        return exp.Window(
            this=node,
            partition_by=_columns(frame, _group_names(stage)),
            order=exp.Order(expressions=[exp.Ordered(this=value_of(frame, "_time").node)]),
            spec=exp.WindowSpec(kind="RANGE", **edges),
        )

    return over


def _span_window(frame: Frame, stage: stages.Correlation) -> Over:
    """What makes of an aggregate one over a group and a span."""
    return lambda node: exp.Window(this=node, partition_by=[*_columns(frame, _group_names(stage)), column(_SPAN)])


def _measured(stage: stages.Correlation, hits: Frame, over: Over) -> Frame:
    value = hits.value(_VALUE)
    holes: dict[str, exp.Expression] = {"r": value_of(hits, _RULE).node}
    holes["v"] = exp.Null() if value is None else as_text(value)
    if stage.percentile is not None:
        measure = sql(f"quantile_cont(spl_number(:v), {stage.percentile / 100!r})", v=holes["v"])
    else:
        measure = sql(_AGGREGATES[stage.type], **holes)
    measured = _with_hidden(hits, _MEASURE, over(measure))
    if stage.expression is None:
        return measured
    return _with_hidden(measured, _HOLDS, _rules_hit(stage, stage.expression, holes["r"], over), Type.BOOL)


def _rules_hit(stage: stages.Correlation, part: ir.Predicate, rule: exp.Expression, over: Over) -> exp.Expression:
    """Whether those rules hit that the condition asks for."""
    match part:
        case ir.And(operands):
            return all_of([_rules_hit(stage, operand, rule, over) for operand in operands])
        case ir.Or(operands):
            return any_of([_rules_hit(stage, operand, rule, over) for operand in operands])
        case ir.Not(operand):
            return sql("NOT (:c)", c=_rules_hit(stage, operand, rule, over))
        case ir.Compare(name):
            place = float(stage.rules.index(name))
            return over(sql("bool_or(:r = :n)", r=rule.copy(), n=place))
    raise Refusal("the condition over rules can't be run", span=stage.span, code="RUN041")


def _with_hidden(frame: Frame, name: str, node: exp.Expression, kind: Type = Type.NUMBER) -> Frame:
    """The rows with one more column that later steps read."""
    schema = Schema(frame.schema.fields, {**frame.schema.hidden, name: Column(name, kind)})
    return frame.then({**frame.passed(), name: node}, schema)


def _met(stage: stages.Correlation) -> list[exp.Expression]:
    """The condition over what was measured; without one all rules must hit."""
    if stage.expression is not None:
        return [column(_HOLDS)]
    conditions = stage.conditions
    if stage.type == "temporal" and not conditions:
        conditions = (("ge", float(len(stage.rules))),)
    return [sql(f"(:m {_SIGNS[kind]} :n)", m=column(_MEASURE), n=float(bound)) for kind, bound in conditions]


def _in_order(
    stage: stages.Correlation, hits: Frame, seconds: float, backwards: bool = False
) -> tuple[Frame, list[exp.Expression]]:
    """The hits, and what tells those of the first rule that others follow in their order, all within the time span.

    From the last rule back, each hit gets the earliest time at which the rest of the order can be complete. Backwards
    it is the hits of the last rule, and from the first rule on each gets the latest time at which it can have begun.
    """
    last = len(stage.rules) - 1
    time = value_of(hits, "_time").node
    rule = value_of(hits, _RULE).node
    edge, wanted = (0, last) if backwards else (last, 0)
    step = 1 if backwards else -1
    nearest = "max" if backwards else "min"
    reached: exp.Expression = sql("CASE WHEN :r = :n THEN :t END", r=rule, n=float(edge), t=time)
    frame = _with_hidden(hits, _ENDS, reached)
    for place in range(edge + step, wanted + step, step):
        before = sql(f"{nearest}(CASE WHEN :r = :n THEN :e END)", r=rule, n=float(place - step), e=column(_ENDS))
        over = _window(frame, stage, "UNBOUNDED", backwards)(before)
        ends = sql("CASE WHEN :r = :n THEN :w ELSE :e END", r=rule, n=float(place), w=over, e=column(_ENDS))
        frame = frame.then({**frame.passed(), _ENDS: ends})
    found = [
        sql("(:r = :z)", r=rule, z=float(wanted)),
        sql("(abs(:e - :t) <= :s)", e=column(_ENDS), t=time, s=float(seconds)),
    ]
    return _with_hidden(frame, _MEASURE, number(float(last + 1))), found


def _groups(stage: stages.Correlation, rows: Frame, behind: Frame, span: str | None) -> Frame:
    """One row a group (and span); `behind` are the hits that made it so."""
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
    told, hidden = by_keys(behind, grouping, {name.lower() for name in columns})
    found = rows.then({**columns, **told}, Schema(fields, hidden), body, events=False)
    return found.then({**found.passed(), ROW: row_number([exp.Ordered(this=column(ROW))], then_row=False)})
