"""Which fields a stage reads and which it makes or changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from rulescope import ir
from rulescope.analysis.explain_words import group_names
from rulescope.ir import stages
from rulescope.ir.walk import walk

IP_LOCATION_FIELDS = ("City", "Country", "Region", "lat", "lon")


@dataclass(frozen=True, slots=True)
class StageFields:
    """Names as written, without repeats, in order; they may hold `*`.

    `reads`: fields whose values the stage looks at. `writes`: fields that it makes or changes. `keeps`: the fields that
    are left after it where the stage itself says so (`table`, `fields`, `stats`), else None.
    """

    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    keeps: tuple[str, ...] | None = None


def stage_fields(stage: ir.Stage) -> StageFields:
    """The fields of one stage, its subsearches left out; empty for what could not be read."""
    reader = _READERS.get(type(stage))
    if reader is None:
        return StageFields()
    reads, writes, keeps = reader(stage)
    return StageFields(_unique(reads), _unique(writes), None if keeps is None else _unique(keeps))


def is_read(stage: ir.Stage) -> bool:
    """Whether `stage_fields` tells all that the stage does to the names of fields."""
    return type(stage) in _READERS


_Parts = tuple[Iterable[str], Iterable[str], Iterable[str] | None]


def _unique(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if name))


def fields_read(node: object) -> Iterator[str]:
    """The fields that a predicate or expression looks at, subsearches left out."""
    if node is None:
        return
    skipped: set[int] = set()
    for inner in walk(node):
        if id(inner) in skipped:
            continue
        if isinstance(inner, ir.FieldReference):
            yield inner.name
        elif isinstance(inner, ir.Compare):
            yield inner.field
        elif isinstance(inner, ir.Term):
            yield "_raw"
        elif isinstance(inner, ir.TimeBound):
            yield "_time"
        elif isinstance(inner, ir.Subsearch):
            skipped.update(map(id, walk(inner)))


def _names(items: Iterable[ir.FieldReference | ir.MacroCall]) -> list[str]:
    return [item.name for item in items if isinstance(item, ir.FieldReference)]


def _results(aggregates: Iterable[stages.Aggregate | ir.MacroCall]) -> list[str]:
    return [one.result_name or one.function for one in aggregates if isinstance(one, stages.Aggregate)]


def _arguments(aggregates: Iterable[stages.Aggregate | ir.MacroCall]) -> list[str]:
    return [name for one in aggregates if isinstance(one, stages.Aggregate) for name in fields_read(one.argument)]


def _condition(stage: Any) -> _Parts:
    return fields_read(stage.predicate), (), None


def _grouped(stage: Any) -> _Parts:
    by = _names(stage.by)
    results = _results(stage.aggregates)
    where = list(fields_read(getattr(stage, "where", None)))
    return [*where, *by, *_arguments(stage.aggregates)], results, [*by, *results]


def _added(stage: Any) -> _Parts:
    return [*_names(stage.by), *_arguments(stage.aggregates)], _results(stage.aggregates), None


def _chart(stage: Any) -> _Parts:
    over = getattr(stage, "over", None)
    rows = [over.field] if over is not None else ["_time"] if isinstance(stage, stages.TimeChart) else []
    columns = [stage.by.field] if stage.by is not None else []
    results = _results(stage.aggregates)
    return [*rows, *columns, *_arguments(stage.aggregates)], results, [*rows, *(results if not columns else ["*"])]


def _top(stage: stages.Top) -> _Parts:
    names = [*_names(stage.by), *_names(stage.fields)]
    made = [stage.count_field] * stage.show_count + [stage.percent_field] * stage.show_percent
    return names, made, [*names, *made]


def _eval(stage: Any) -> _Parts:
    reads: list[str] = []
    writes: list[str] = []
    for assignment in stage.assignments:
        if isinstance(assignment, stages.Assignment):
            reads += [name for name in fields_read(assignment.expression) if name not in writes]
            writes.append(assignment.target)
    return reads, writes, None


def _rename(stage: stages.Rename) -> _Parts:
    return [one.source for one in stage.renamings], [one.target for one in stage.renamings], None


def _table(stage: stages.Table) -> _Parts:
    return (), (), _names(stage.fields)


def _fields(stage: stages.Fields) -> _Parts:
    return (), (), _names(stage.fields) if stage.keep else None


def _rex(stage: stages.Rex) -> _Parts:
    made = [stage.field] if stage.sed else [*group_names(stage.pattern), stage.offset_field or ""]
    return (stage.field,), made, None


def _lookup(stage: stages.Lookup) -> _Parts:
    return [key.event_field for key in stage.keys], [one.event_field for one in stage.outputs] or ["*"], None


def _aliased(stage: Any) -> _Parts:
    return (stage.field,), (stage.alias or stage.field,), None


def _in_place(stage: Any) -> _Parts:
    return (stage.field,), (stage.field,), None


def _all_in_place(stage: Any) -> _Parts:
    names = _names(stage.fields) or ["*"]
    return names, names, None


def _transaction(stage: stages.Transaction) -> _Parts:
    conditions = [*fields_read(stage.starts_with), *fields_read(stage.ends_with)]
    return [*_names(stage.fields), *conditions], ("duration", "eventcount"), None


def _convert(stage: stages.Convert) -> _Parts:
    return [one.field for one in stage.conversions], [one.alias or one.field for one in stage.conversions], None


def _ip_location(stage: stages.IpLocation) -> _Parts:
    return (stage.field,), [stage.prefix + name for name in IP_LOCATION_FIELDS], None


def _join(stage: stages.Join) -> _Parts:
    return [left for left, _ in stage.fields], ("*",), None


def _sequence(stage: stages.Sequence) -> _Parts:
    steps = (*stage.steps, *((stage.until,) if stage.until is not None else ()))
    keys = [*_names(stage.by), *(name for step in steps for name in _names(step.by))]
    return [*keys, *(name for step in steps for name in fields_read(step.predicate))], (), None


def _command(stage: stages.Command) -> _Parts:
    read = [
        name
        for argument in stage.arguments
        if not isinstance(argument.value, ir.Pipeline)
        for name in fields_read(argument.value)
    ]
    return read, [str(one.value) for one in stage.arguments if one.name == "output"], None


_READERS: dict[type[ir.Stage], Callable[[Any], _Parts]] = {
    stages.Search: _condition,
    stages.Where: _condition,
    stages.Regex: _condition,
    stages.Block: _condition,
    stages.Origin: _condition,
    stages.Sequence: _sequence,
    stages.Threshold: lambda stage: ([*stage.fields, *(name for name, _ in stage.cardinality)], (), None),
    stages.NewTerms: lambda stage: (stage.fields, (), None),
    stages.ThreatMatch: lambda stage: ([name for group in stage.mappings for name, _ in group], (), None),
    stages.Suppress: lambda stage: (stage.by, (), None),
    stages.Command: _command,
    stages.MetaSearch: _condition,
    stages.Head: lambda stage: (fields_read(stage.condition), (), None),
    stages.Dedup: lambda stage: (_names(stage.fields), (), None),
    stages.Sort: lambda stage: ([key.field for key in stage.keys], (), None),
    stages.Stats: _grouped,
    stages.TStats: _grouped,
    stages.EventStats: _added,
    stages.StreamStats: _added,
    stages.Chart: _chart,
    stages.TimeChart: _chart,
    stages.Top: _top,
    stages.XySeries: lambda stage: ((stage.x, stage.y, *stage.values), ("*",), None),
    stages.Untable: lambda stage: ((stage.x,), (stage.y, stage.value), (stage.x, stage.y, stage.value)),
    stages.Transpose: lambda stage: ((), (stage.column_name,), None),
    stages.Contingency: lambda stage: ((stage.row, stage.column), ("*",), None),
    stages.AddColTotals: lambda stage: (_names(stage.fields) or ["*"], [stage.label_field or ""], None),
    stages.EventCount: lambda _: ((), ("count",), None),
    stages.FieldSummary: lambda stage: (_names(stage.fields) or ["*"], ("*",), None),
    stages.Transaction: _transaction,
    stages.Concurrency: lambda stage: ((stage.duration, stage.start), (stage.output,), None),
    stages.Table: _table,
    stages.Fields: _fields,
    stages.Rename: _rename,
    stages.Eval: _eval,
    stages.FieldFormat: _eval,
    stages.Rex: _rex,
    stages.Spath: lambda stage: ((stage.input,), (stage.output or stage.path or "*",), None),
    stages.Extract: lambda _: (("_raw",), ("*",), None),
    stages.XmlKv: lambda stage: ((stage.field,), ("*",), None),
    stages.XPath: lambda stage: ((stage.field,), (stage.output,), None),
    stages.MakeMv: _in_place,
    stages.NoMv: _in_place,
    stages.MvCombine: _in_place,
    stages.MvExpand: _in_place,
    stages.FillNull: _all_in_place,
    stages.FillDown: _all_in_place,
    stages.Replace: _all_in_place,
    stages.StrCat: lambda stage: ([part for part, quoted in stage.parts if not quoted], (stage.target,), None),
    stages.Convert: _convert,
    stages.Bucket: _aliased,
    stages.Foreach: _all_in_place,
    stages.IpLocation: _ip_location,
    stages.Lookup: _lookup,
    stages.AddTotals: lambda stage: (_names(stage.fields) or ["*"], (stage.row_field,), None),
    stages.Accum: _aliased,
    stages.Delta: lambda stage: ((stage.field,), (stage.alias or f"delta({stage.field})",), None),
    stages.AutoRegress: _aliased,
    stages.RangeMap: lambda stage: ((stage.field,), ("range",), None),
    stages.RelTime: lambda stage: ((stage.time_field,), (stage.prefix + "reltime",), None),
    stages.SetFields: lambda stage: ((), [name for name, _ in stage.values], None),
    stages.Tags: lambda stage: (_names(stage.fields) or ["*"], (stage.output_field or "tag",), None),
    stages.MultiKv: lambda stage: (("_raw",), _names(stage.fields) or ["*"], None),
    stages.AddInfo: lambda _: ((), ("info_min_time", "info_max_time", "info_search_time", "info_sid"), None),
    stages.MakeContinuous: _in_place,
    stages.TrendLine: lambda stage: (
        [trend[2] for trend in stage.trends],
        [trend[3] or f"{trend[0]}{trend[1]}({trend[2]})" for trend in stage.trends],
        None,
    ),
    stages.ToJson: lambda stage: (_names(stage.fields) or ["*"], (stage.output_field,), None),
    stages.Join: _join,
    stages.SelfJoin: lambda stage: (_names(stage.fields), ("*",), None),
    stages.AppendCols: lambda _: ((), ("*",), None),
    stages.InputLookup: lambda stage: (fields_read(stage.where), ("*",), None),
    stages.InputCsv: lambda stage: (fields_read(stage.where), ("*",), None),
    stages.Return: lambda stage: ([item.field for item in stage.items], (), None),
}
