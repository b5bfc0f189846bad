"""What a stage reads of its rows' fields: conditions with their structure, and values with what they are for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from rulescope import ir
from rulescope.analysis.explain_words import group_names
from rulescope.analysis.stage_fields import stage_fields
from rulescope.ir import stages
from rulescope.text import Span

_SHOWING = frozenset({"values", "list", "first", "last", "earliest", "latest", "mode"})
"""Statistics that show what rows hold, rather than count or measure it."""

_COUNTING = frozenset({"count", "dc", "estdc"})
"""Statistics that give a number where no row has the field."""


@dataclass(frozen=True, slots=True)
class ValueRead:
    """An expression that a stage computes. `decides`: which rows there are, or what is counted, depends on it; else it
    is shown, or goes into the fields `targets`, which have no value where it has none. `foreseen`: the stage is made
    for fields that may not be there."""

    expression: ir.Expression
    decides: bool = True
    targets: tuple[str, ...] = ()
    foreseen: bool = False


def stage_conditions(stage: ir.Stage) -> tuple[ir.Predicate, ...]:
    """The conditions that a stage puts to its rows; those that it puts to rows of its own are left out."""
    match stage:
        case stages.Search() | stages.Where() | stages.Regex() | stages.Origin() | stages.MetaSearch():
            return () if stage.predicate is None else (stage.predicate,)
        case stages.TStats():
            return () if stage.where is None else (stage.where,)
        case stages.Head(condition=condition) if condition is not None:
            return (ir.Test(condition, condition.span),)
        case stages.Transaction():
            return tuple(one for one in (stage.starts_with, stage.ends_with) if one is not None)
    return ()


def stage_values(stage: ir.Stage) -> Iterator[ValueRead]:
    """The values that a stage reads outside of its conditions, in order."""
    reader = _READERS.get(type(stage))
    if reader is not None:
        yield from reader(stage)
        return
    fields = stage_fields(stage)
    paired = len(fields.reads) == len(fields.writes)
    for place, name in enumerate(fields.reads):
        yield ValueRead(_named(name, stage.span), False, (fields.writes[place],) if paired else ())


def _named(name: str, span: Span) -> ir.FieldReference:
    return ir.FieldReference(name, span)


def _items(items: Iterable[stages.FieldItem], *, decides: bool = True) -> Iterator[ValueRead]:
    return (ValueRead(item, decides) for item in items if isinstance(item, ir.FieldReference))


def _texts(names: Iterable[str], span: Span, *, decides: bool = True) -> Iterator[ValueRead]:
    return (ValueRead(_named(name, span), decides) for name in names)


def _aggregates(aggregates: Iterable[stages.Aggregate | ir.MacroCall]) -> Iterator[ValueRead]:
    for one in aggregates:
        if isinstance(one, stages.Aggregate) and one.argument is not None:
            targets = () if one.function in _COUNTING else (one.result_name,)
            yield ValueRead(_placed(one.argument, one.span), one.function not in _SHOWING, targets)


def _placed(expression: ir.Expression, span: Span) -> ir.Expression:
    """The expression; a bare field stands where its statistic does."""
    return _named(expression.name, span) if isinstance(expression, ir.FieldReference) else expression


def _grouped(stage: Any) -> Iterator[ValueRead]:
    yield from _items(stage.by)
    yield from _aggregates(stage.aggregates)


def _chart(stage: Any) -> Iterator[ValueRead]:
    splits = (getattr(stage, "over", None), stage.by)
    yield from _texts((one.field for one in splits if one is not None), stage.span)
    yield from _aggregates(stage.aggregates)


def _assigned(stage: Any) -> Iterator[ValueRead]:
    for one in stage.assignments:
        if isinstance(one, stages.Assignment):
            yield ValueRead(one.expression, False, (one.target,))


def _rename(stage: stages.Rename) -> Iterator[ValueRead]:
    return (ValueRead(_named(one.source, one.span), False, (one.target,)) for one in stage.renamings)


def _rex(stage: stages.Rex) -> Iterator[ValueRead]:
    yield ValueRead(_named(stage.field, stage.span), False, () if stage.sed else tuple(group_names(stage.pattern)))


def _lookup(stage: stages.Lookup) -> Iterator[ValueRead]:
    outputs = tuple(one.event_field for one in stage.outputs)
    return (ValueRead(_named(key.event_field, stage.span), False, outputs) for key in stage.keys)


def _kept(stage: stages.Table | stages.Fields) -> Iterator[ValueRead]:
    if isinstance(stage, stages.Table) or stage.keep:
        return _items(stage.fields, decides=False)
    return _foreseen(stage)


def _foreseen(stage: Any) -> Iterator[ValueRead]:
    """For stages that fill, sum, remove or go through the fields that are there."""
    for one in _items(stage.fields, decides=False):
        yield replace(one, foreseen=True)


def _command(stage: stages.Command) -> Iterator[ValueRead]:
    outputs = tuple(str(one.value) for one in stage.arguments if one.name == "output")
    for one in stage.arguments:
        if isinstance(one.value, ir.FieldReference):
            yield ValueRead(one.value, False, outputs)


def _nothing(stage: ir.Stage) -> Iterator[ValueRead]:
    return iter(())


_READERS: dict[type[ir.Stage], Callable[[Any], Iterator[ValueRead]]] = {
    **dict.fromkeys(
        (stages.Search, stages.Where, stages.Regex, stages.Origin, stages.Block, stages.MetaSearch, stages.Head),
        _nothing,
    ),
    **dict.fromkeys(
        (stages.FillNull, stages.FillDown, stages.AddTotals, stages.AddColTotals, stages.FieldSummary), _foreseen
    ),
    **dict.fromkeys((stages.Foreach, stages.Tags, stages.ToJson), _foreseen),
    **dict.fromkeys((stages.InputLookup, stages.InputCsv), _nothing),
    **dict.fromkeys((stages.Stats, stages.TStats, stages.EventStats, stages.StreamStats), _grouped),
    **dict.fromkeys((stages.Chart, stages.TimeChart), _chart),
    **dict.fromkeys((stages.Eval, stages.FieldFormat), _assigned),
    **dict.fromkeys((stages.Table, stages.Fields), _kept),
    stages.Suppress: lambda stage: _texts(stage.by, stage.span, decides=False),
    stages.Transpose: lambda stage: _texts(
        [stage.header_field] if stage.header_field else [], stage.span, decides=False
    ),
    stages.Dedup: lambda stage: _items(stage.fields),
    stages.Sort: lambda stage: (ValueRead(_named(key.field, key.span), False) for key in stage.keys),
    stages.Top: lambda stage: _items((*stage.fields, *stage.by)),
    stages.Transaction: lambda stage: _items(stage.fields),
    stages.SelfJoin: lambda stage: _items(stage.fields),
    stages.Join: lambda stage: _texts((left for left, _ in stage.fields), stage.span),
    stages.XySeries: lambda stage: _texts((stage.x, stage.y), stage.span),
    stages.Contingency: lambda stage: _texts((stage.row, stage.column), stage.span),
    stages.Threshold: lambda stage: _texts((*stage.fields, *(name for name, _ in stage.cardinality)), stage.span),
    stages.NewTerms: lambda stage: _texts(stage.fields, stage.span),
    stages.Rename: _rename,
    stages.Rex: _rex,
    stages.Lookup: _lookup,
    stages.Command: _command,
}

__all__ = ["ValueRead", "stage_conditions", "stage_values"]
