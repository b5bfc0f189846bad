"""What makes a rule of Elastic fire: a number of events (threshold), values that were not there before (new terms),
indicators (threat match); and which alerts are kept (suppression).

Facts: Elastic, "Create a detection rule": threshold, new terms, indicator match rules; "Suppress detection alerts". The
logs given are taken as one run of the rule: all events are within its window, and indicators are among them.
"""

from __future__ import annotations

from sqlglot import exp

from rulescope import ir
from rulescope.engines.sql.build import all_of, any_of, call, column, integer, sql
from rulescope.engines.sql.context import Context
from rulescope.engines.sql.dialect import compiles, compiles_command
from rulescope.engines.sql.frame import Frame, ordered
from rulescope.engines.sql.schema import ROW
from rulescope.engines.sql.stages.binning import SECONDS
from rulescope.engines.sql.stages.filtering import conjuncts
from rulescope.engines.sql.stages.grouping import group
from rulescope.engines.sql.stages.held_rows import Field, numbered, put_beside, take_rows
from rulescope.engines.sql.stages.merging import value_of
from rulescope.engines.sql.values import Type, Value, as_number, as_text, auto_value
from rulescope.errors import Refusal
from rulescope.ir import stages
from rulescope.ir.times import RelativeTime, Shift


@compiles(stages.Threshold)
def compile_threshold(stage: stages.Threshold, frame: Frame, context: Context) -> Frame:
    """One row a combination of the fields that has enough events, and enough different values of others."""
    aggregates = [stages.Aggregate("count", alias="count", written="count")]
    bounds = [("count", stage.count)]
    for name, number in stage.cardinality:
        alias = f"dc({name})"
        aggregates.append(stages.Aggregate("dc", ir.FieldReference(name), alias, written=alias))
        bounds.append((alias, number))
    grouped = group(frame, aggregates, stage.fields, context)
    conditions = []
    for name, number in bounds:
        value = grouped.value(name)
        if value is None:
            return grouped.filter(exp.false())
        conditions.append(sql("(:v >= :n)", v=as_number(value), n=float(number)))
    return grouped.filter(*conditions)


@compiles(stages.NewTerms)
def compile_new_terms(stage: stages.NewTerms, frame: Frame, context: Context) -> Frame:
    """The events whose combination of values was not there in the window before; those that lack one are left out."""
    time = frame.value("_time")
    values = [frame.value(name) for name in stage.fields]
    if time is None or not values or any(value is None for value in values):
        return frame.filter(exp.false())
    window = _window(stage)
    if any(value is not None and value.type is Type.MULTI for value in values):
        raise Refusal("new terms of a field with several values can't be told", span=stage.span, code="RUN043")
    keys = [as_text(value) for value in values if value is not None]
    present = all_of([sql("(:k IS NOT NULL)", k=key.copy()) for key in keys])
    clock = as_number(time)
    kept = frame.filter(present, sql("(:t IS NOT NULL)", t=clock.copy())).reorder([ordered(clock.copy())])
    before = exp.Window(
        this=call("lag", clock.copy(), integer(1)),
        partition_by=[key.copy() for key in keys],
        order=exp.Order(expressions=[exp.Ordered(this=column(ROW))]),
    )
    if window is None:
        return kept.qualify(sql("(:b IS NULL)", b=before))
    return kept.qualify(sql("(:b IS NULL OR :t - :b > :w)", b=before, t=clock, w=window))


@compiles(stages.ThreatMatch)
def compile_threat_match(stage: stages.ThreatMatch, frame: Frame, context: Context) -> Frame:
    """The events that agree with an indicator, which is an event of the same logs that its query finds."""
    indicators = context.events_frame(frame.program, f"{frame.stage}_indicators")
    if stage.predicate is not None:
        indicators = indicators.filter(*conjuncts(stage.predicate, indicators, context))
    found: list[exp.Expression] = []
    for mapping in stage.mappings:
        pairs = [(frame.value(field), indicators.value(indicator)) for field, indicator in mapping]
        same = [
            sql("(:a = :b)", a=_qualified(left, frame), b=_qualified(right, indicators))
            for left, right in pairs
            if left is not None and right is not None
        ]
        if len(same) == len(pairs):
            inner = indicators.source().select(exp.Literal.number(1)).where(all_of(same))
            found.append(exp.Exists(this=inner))
    return frame.filter(any_of(found))


def _qualified(value: Value, frame: Frame) -> exp.Expression:
    """The value's text, its columns named with their relation: two relations meet in one condition."""
    node = as_text(value).copy()
    for name in node.find_all(exp.Column):
        name.set("table", exp.to_identifier(frame.relation, quoted=True))
    return node


@compiles(stages.Suppress)
def compile_suppress(stage: stages.Suppress, frame: Frame, context: Context) -> Frame:
    """One alert a combination of the fields' values, in all or for a span of time from the first alert on.

    Alerts that lack a field count as one group, unless they are each to be kept (`doNotSuppress`). What is suppressed
    without fields (a threshold's alerts) has a row a group already.
    """
    values = [frame.value(name) for name in stage.by]
    if not values:
        return frame.filter()
    keys = [_key(value) for value in values]
    lacking = any_of([sql("(:k IS NULL)", k=key) for key in keys])
    own = stage.missing == "doNotSuppress"
    time = frame.value("_time")
    if stage.duration is None or time is None:
        first = exp.Window(
            this=exp.RowNumber(),
            partition_by=[key.copy() for key in keys],
            order=exp.Order(expressions=[exp.Ordered(this=column(ROW))]),
        )
        return frame.qualify(any_of([*([lacking] if own else []), sql("(:n = 1)", n=first)]))
    seconds = SECONDS[stage.duration.unit] * stage.duration.amount
    names = [f"_rs_key_{place}" for place in range(len(keys))]
    marked = frame.assign({name: auto_value(key) for name, key in zip(names, keys, strict=True)})
    # Only what tells alerts apart is copied: events can have thousands of fields.
    telling = marked.choose(["_time", *names])
    stored = context.materialize(telling).at(frame.stage) if context.executor is not None else telling
    rows = take_rows(stage, numbered(stored), context, ["_rs_number", "_time", *names], "it depends on their times")
    started: dict[tuple[object, ...], float] = {}
    kept: dict[int, tuple[float]] = {}
    for number, at, *key in sorted(rows, key=lambda row: (row[1] is None, row[1] or 0.0)):
        group_key = tuple(key)
        if (own and None in group_key) or at is None:
            kept[int(number)] = (1.0,)
        elif group_key not in started or at - started[group_key] >= seconds:
            started[group_key] = at
            kept[int(number)] = (1.0,)
    beside = put_beside(frame, [Field("_rs_kept", Type.NUMBER)], kept, context)
    left = beside.filter(sql("(:n IS NOT NULL)", n=value_of(beside, "_rs_kept").node))
    return left.choose(list(frame.schema.names()))


def _key(value: Value | None) -> exp.Expression:
    if value is None:
        return exp.cast(exp.Null(), "VARCHAR")
    return sql("array_to_string(:x, ' ')", x=value.node) if value.type is Type.MULTI else as_text(value)


@compiles_command("exceptions")
def compile_exceptions(stage: stages.Command, frame: Frame, context: Context) -> Frame:
    """A refusal: what a list excepts is not in the rule's file."""
    names = ", ".join(f"'{part.value}'" for part in stage.arguments)
    raise Refusal(f"its exceptions ({names}) are kept in Kibana, not in the rule", span=stage.span, code="RUN049")


@compiles(stages.MachineLearning)
def compile_machine_learning(stage: stages.MachineLearning, frame: Frame, context: Context) -> Frame:
    """A refusal: the anomalies are found by jobs that learn in Elasticsearch."""
    names = ", ".join(f"'{job}'" for job in stage.jobs)
    message = f"'machine_learning' can't be run on files: the job {names} learns and scores in Elasticsearch"
    raise Refusal(message, span=stage.span, code="RUN010")


@compiles_command("completion", "rerank")
def compile_completion(stage: stages.Command, frame: Frame, context: Context) -> Frame:
    """A refusal: the answer is a language model's."""
    message = f"'{stage.name}' asks a language model over the network, which is not done"
    raise Refusal(message, span=stage.span, code="RUN010")


def _window(stage: stages.NewTerms) -> float | None:
    """The seconds that the rule looks back; None: all of the logs given."""
    if stage.window is None:
        return None
    match stage.window.value:
        case RelativeTime(steps=(Shift(amount=amount, unit=unit),)) if amount <= 0 and unit in SECONDS:
            return -amount * SECONDS[unit]
    raise Refusal(f"'{stage.window.text}' is no window like now-7d", span=stage.span, code="RUN039")
