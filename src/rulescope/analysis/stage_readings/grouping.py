"""Reads stages that put rows into groups: which fields the groups have, and where their values come from."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from rulescope.analysis.findings import COMPUTED, Branch, Lineage, ValueOrigin, match_pattern
from rulescope.analysis.outcomes import counted
from rulescope.analysis.stage_readings.reading_so_far import ReadingSoFar
from rulescope.ir import Call, Expression, FieldReference, MacroCall, Stage, stages

# Statistics whose result is a value that some event had.
_VALUE_KEEPING = frozenset({"values", "list", "first", "last", "earliest", "latest", "mode"})
_COUNTING = frozenset({"count", "c", "sum", "dc", "distinct_count", "max"})


def _stats(reading: ReadingSoFar, stage: stages.Stats, negative: bool, branch: Branch) -> None:
    _grouped(reading, stage.aggregates, stage.by, keep=False)


def _event_stats(
    reading: ReadingSoFar, stage: stages.EventStats | stages.StreamStats, negative: bool, branch: Branch
) -> None:
    _grouped(reading, stage.aggregates, stage.by, keep=True)


def _chart(reading: ReadingSoFar, stage: stages.Chart | stages.TimeChart, negative: bool, branch: Branch) -> None:
    over = getattr(stage, "over", None)
    by = [FieldReference(one.field) for one in (over, stage.by) if one is not None]
    _grouped(reading, stage.aggregates, by, keep=False)


def _grouped(
    reading: ReadingSoFar,
    aggregates: Iterable[stages.Aggregate | MacroCall],
    by: Iterable[FieldReference | MacroCall],
    keep: bool,
) -> None:
    conditions = reading.conditions
    old = conditions.lineage
    new = old.copy() if keep else Lineage(patterns=old.patterns, tables=old.tables)
    for item in by:
        if isinstance(item, FieldReference):
            conditions.note_fields(item)
            name = reading.field_name(item.name)
            if not keep and name in old.known:
                new.known[name] = old.known[name]
    for aggregate in aggregates:
        if isinstance(aggregate, stages.Aggregate):
            _aggregate(reading, aggregate, old, new)
    conditions.lineage = new


def _aggregate(reading: ReadingSoFar, aggregate: stages.Aggregate, old: Lineage, new: Lineage) -> None:
    conditions = reading.conditions
    argument = aggregate.argument
    written = aggregate.result_name
    if not written:
        inside = argument.name if isinstance(argument, FieldReference) else ""
        written = f"{aggregate.function}({inside})" if inside else aggregate.function
    if isinstance(argument, FieldReference) and "*" in argument.name:
        if aggregate.function in _VALUE_KEEPING and "*" in written:
            source, target = reading.field_name(argument.name), reading.field_name(written)
            if source == target or (source, target) == ("*", "*"):
                new.known |= {
                    name: origin
                    for name, origin in old.known.items()
                    if match_pattern(source, name) is not None and name not in new.known
                }
            elif target != "*":
                new.patterns = ((target, source), *new.patterns)
        return
    origin = COMPUTED
    if argument is not None:
        origin = _result_origin(reading, aggregate, argument)
    conditions.lineage = old
    name = reading.field_name(written)
    if origin.fields == (name,) and not origin.folded and not origin.outcomes:
        new.known.pop(name, None)
    else:
        new.known[name] = origin


def _result_origin(reading: ReadingSoFar, aggregate: stages.Aggregate, argument: Expression) -> ValueOrigin:
    conditions = reading.conditions
    if aggregate.function in _VALUE_KEEPING:
        return conditions.origin(argument)
    if aggregate.function in _COUNTING and aggregate.computed:
        if isinstance(argument, Call) and argument.function in ("if", "case"):
            reached = [one for one in conditions.origin(argument).outcomes if one.value not in (None, 0, "0")]
            return counted(tuple(finding for one in reached for finding in one.findings))
        return counted(conditions.aside(argument))
    if aggregate.function in ("sum", "max", "min") and isinstance(argument, FieldReference):
        # A sum or a maximum of a flag: above nought, the flag was raised in some row.
        outcomes = conditions.origin(argument).outcomes
        reached = [one for one in outcomes if one.value not in (None, 0, "0")]
        if reached:
            return counted(tuple(finding for one in reached for finding in one.findings))
        return COMPUTED
    conditions.note_fields(argument)
    return COMPUTED


def _tstats(reading: ReadingSoFar, stage: stages.TStats, negative: bool, branch: Branch) -> None:
    reading.note_model(stage.model, stage.node)
    if stage.where is not None:
        reading.conditions.predicate(stage.where, negative, branch)
    _grouped(reading, stage.aggregates, stage.by, keep=False)


def _top(reading: ReadingSoFar, stage: stages.Top, negative: bool, branch: Branch) -> None:
    _grouped(reading, (), (*stage.fields, *stage.by), keep=False)
    reading.make(stage.count_field, stage.percent_field)


def _transaction(reading: ReadingSoFar, stage: stages.Transaction, negative: bool, branch: Branch) -> None:
    found = reading.conditions.found
    before = len(found)
    for predicate in (stage.starts_with, stage.ends_with):
        if predicate is not None:
            reading.conditions.predicate(predicate, negative, branch)
    # A condition in quotes is a text of its own: its places are not the query's.
    found[before:] = [
        one if stage.span.union(one.span) == stage.span else replace(one, span=stage.span) for one in found[before:]
    ]
    reading.make("duration", "eventcount")


def _event_count(reading: ReadingSoFar, stage: stages.EventCount, negative: bool, branch: Branch) -> None:
    reading.make("count")


def _add_totals(reading: ReadingSoFar, stage: stages.AddTotals, negative: bool, branch: Branch) -> None:
    reading.make(stage.row_field)


def _concurrency(reading: ReadingSoFar, stage: stages.Concurrency, negative: bool, branch: Branch) -> None:
    reading.make(stage.output)


READERS: dict[type[Stage], Callable[..., None]] = {
    stages.TStats: _tstats,
    stages.Stats: _stats,
    stages.EventStats: _event_stats,
    stages.StreamStats: _event_stats,
    stages.Chart: _chart,
    stages.TimeChart: _chart,
    stages.Top: _top,
    stages.Transaction: _transaction,
    stages.EventCount: _event_count,
    stages.AddTotals: _add_totals,
    stages.Concurrency: _concurrency,
}
