"""`chart`: results by the values of one field, and a column for each value of another.

Facts: Splunk, Search Reference, "chart", "timechart": which series are kept (`limit`, WHERE), OTHER and NULL, how
columns are named. Series beyond the limit are counted together from the events, so that OTHER is right for any
function.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlglot import exp

from rulescope import ir
from rulescope.engines.sql.aggregate_wildcards import expand_aggregates
from rulescope.engines.sql.build import literal, sql
from rulescope.engines.sql.context import Context
from rulescope.engines.sql.dialect import compiles
from rulescope.engines.sql.evidence import by_field
from rulescope.engines.sql.frame import Frame, ordered
from rulescope.engines.sql.predicates import read_number
from rulescope.engines.sql.stages.binning import compile_bucket
from rulescope.engines.sql.stages.explode import explode
from rulescope.engines.sql.stages.grouping import group
from rulescope.engines.sql.stages.held_rows import Field, bounded, fields_of, put_rows, spelt, take_rows
from rulescope.engines.sql.stages.merging import value_of
from rulescope.engines.sql.values import Type, as_number, as_text, auto_value
from rulescope.errors import Refusal
from rulescope.ir import stages
from rulescope.ir.stages import Aggregate, SeriesOptions, SplitField

_SERIES = "_rs_series"
_KEY = "_rs_key"
_ZERO = frozenset({"count", "dc", "estdc", "distinct_count"})
_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    "!=": operator.ne,
}
_SUMMARIES: dict[str, Callable[[list[float]], float]] = {
    "sum": sum,
    "count": sum,
    "max": max,
    "min": min,
    "avg": lambda values: sum(values) / len(values),
    "mean": lambda values: sum(values) / len(values),
    "range": lambda values: max(values) - min(values),
    "dc": lambda values: float(len(set(values))),
}


@dataclass(frozen=True, slots=True)
class Splitting:
    """How results are laid out in rows and columns: the options that `chart` and `timechart` share."""

    aggregates: tuple[Aggregate, ...]
    row: str
    by: SplitField
    series: SeriesOptions
    separator: str
    format: str | None
    where: ir.Expression | None
    span_seconds: float | None = None


@compiles(stages.Chart)
def compile_chart(stage: stages.Chart, frame: Frame, context: Context) -> Frame:
    """One row a value of the first field, in order; a column a value of the second."""
    if stage.over is None:
        aggregates = expand_aggregates(stage.aggregates, [], frame)
        return group(frame, aggregates, [], context)
    frame, binned = split(stage.over, frame, context)
    row = stage.over.field
    aggregates = expand_aggregates(stage.aggregates, [row, *([stage.by.field] if stage.by else [])], frame)
    if stage.by is None:
        rows = group(frame, aggregates, [row], context)
        return rows.reorder([ordered(_low_end(rows, row))]) if binned else rows
    layout = Splitting(tuple(aggregates), row, stage.by, stage.series, stage.separator, stage.format, stage.where)
    table = series_table(stage, layout, frame, context)
    keys = list(table.rows)
    if binned:
        keys.sort(key=lambda key: read_number(_low_text(spelt(key))) or 0.0)
    return put_series(frame, table, [[key, *table.rows[key]] for key in keys], context)


def put_series(frame: Frame, table: SeriesTable, rows: Sequence[Sequence[Any]], context: Context) -> Frame:
    """The rows laid out, each told by its first value which of the groups are behind it."""
    groups = table.groups
    if groups is None:
        return put_rows(frame, table.fields, rows, context)
    key = replace(table.fields[0], name=_KEY)
    made = put_rows(frame, [*table.fields, key], [[*row, row[0]] for row in rows], context)
    return by_field(made, _KEY, groups, value_of(groups, table.fields[0].name).node)


def split(field: SplitField, frame: Frame, context: Context) -> tuple[Frame, bool]:
    """The rows with the field put into its intervals, and whether these are ranges of numbers."""
    options = (field.interval, field.bins, field.minimum_interval, field.start, field.end, field.align_time)
    value = frame.value(field.field)
    if value is None or all(option is None for option in options):
        return frame, False
    if field.field != "_time":
        low = [] if field.start is None else [sql(":x >= :n", x=as_number(value), n=field.start)]
        high = [] if field.end is None else [sql(":x <= :n", x=as_number(value), n=field.end)]
        frame = frame.filter(*low, *high) if low or high else frame
    binned = compile_bucket(stages.Bucket(field.field, *options), frame, context)
    value = binned.value(field.field)
    return binned, value is not None and value.type is not Type.NUMBER


def _low_end(frame: Frame, name: str) -> exp.Expression:
    text = as_text(value_of(frame, name))
    return sql("spl_number(regexp_extract(:x, '^-?[^-]*'))", x=text)


def _low_text(text: str) -> str:
    head, _, _ = text[1:].partition("-")
    return text[:1] + head


@dataclass(frozen=True, slots=True)
class SeriesTable:
    """Results laid out: the fields, the row's own first, and the values of the others by the row's value. `groups` have
    a row for each result, where there are any."""

    fields: list[Field]
    rows: dict[Any, list[Any]]
    empty: list[Any]
    groups: Frame | None = None


def series_table(stage: ir.Stage, layout: Splitting, frame: Frame, context: Context) -> SeriesTable:
    """The results by row and series."""
    context.need_data(stage, "its columns are the values of a field")
    label = frame.stage
    row = frame.value(layout.row)
    if row is None:
        return SeriesTable([Field(layout.row)], {}, [])
    frame = frame.filter(sql("(:x IS NOT NULL)", x=row.node))
    frame, _ = split(layout.by, frame, context)
    if (series := frame.value(layout.by.field)) is not None and series.type is Type.MULTI:
        if layout.series.dedup_split_values:
            frame = frame.assign({layout.by.field: replace(series, node=sql("spl_distinct(:x)", x=series.node))})
        frame = explode(frame, layout.by.field)
    value = frame.value(layout.by.field)
    text = as_text(value) if value is not None else exp.cast(exp.Null(), "VARCHAR")
    if layout.series.use_null:
        text = sql("COALESCE(:x, :n)", x=text, n=layout.series.null_name)
    stored = context.materialize(frame.assign({_SERIES: auto_value(text)})).at(label)
    groups, cells, fields = _long(stage, layout, stored, context)
    counts = _event_counts(stage, stored, context) if len(layout.aggregates) > 1 else {}
    kept, others = _choose(layout, cells, counts)
    keys = dict.fromkeys(key for key, *_ in cells)
    if others:
        held = value_of(stored, _SERIES).node
        among = exp.In(this=held.copy(), expressions=[literal(name) for name in others])
        if layout.series.use_other:
            merged = sql("CASE WHEN :c THEN :o ELSE :x END", c=among, o=layout.series.other_name, x=held)
            again = stored.assign({_SERIES: auto_value(merged)})
        else:
            again = stored.filter(exp.Not(this=among))
        _, cells, fields = _long(stage, layout, again.at(label), context)
    names = _column_order(layout, kept, bool(others))
    bounded(stage, len(keys), len(names) * max(len(fields) - 2, 1))
    return replace(_laid_out(layout, keys, cells, fields, names), groups=groups)


def _long(
    stage: ir.Stage, layout: Splitting, frame: Frame, context: Context
) -> tuple[Frame, list[tuple[Any, ...]], list[Field]]:
    """Row, series and results, one line a combination: as a relation, and in memory with the fields."""
    grouped = group(frame, layout.aggregates, [layout.row, _SERIES], context, span_seconds=layout.span_seconds)
    names = list(grouped.schema.names())
    rows = take_rows(stage, grouped, context, names, "its columns are the values of a field")
    return grouped, rows, fields_of(grouped, names)


def _event_counts(stage: ir.Stage, frame: Frame, context: Context) -> dict[str, float]:
    """How many events each series has: what several functions together are ranked by."""
    grouped = group(frame, [Aggregate("count", alias="count")], [_SERIES], context)
    return dict(take_rows(stage, grouped, context, [_SERIES, "count"], "its columns are the values of a field"))


def _choose(
    layout: Splitting, cells: Sequence[tuple[Any, ...]], counts: Mapping[str, float]
) -> tuple[list[str], list[str]]:
    """The series that are shown, and those that are not."""
    series: dict[str, list[float]] = {}
    for _, name, *values in cells:
        number = _number(values[0]) if values else None
        series.setdefault(name, []).append(number if number is not None else 0.0)
    ranked = [name for name in series if not (layout.series.use_null and name == layout.series.null_name)]
    shown = set(ranked)
    null = [name for name in series if name not in shown]
    if layout.where is not None:
        chosen = _where(layout.where, {name: series[name] for name in ranked})
    elif layout.series.limit > 0 and len(ranked) > layout.series.limit:
        aggregate = layout.series.aggregate
        score = _SUMMARIES.get(aggregate.function if aggregate is not None else "sum", sum)
        scores = {name: score(series[name]) for name in ranked}
        if counts and aggregate is None:
            scores = {name: counts[name] for name in ranked}
        chosen = _ranked(scores, layout.series.limit, bottom=layout.series.bottom)
    else:
        chosen = ranked
    kept = set(chosen)
    return [*chosen, *null], [name for name in ranked if name not in kept]


def _ranked(scores: Mapping[str, float], count: int, *, bottom: bool = False) -> list[str]:
    sign = 1 if bottom else -1
    return sorted(scores, key=lambda name: (sign * scores[name], name))[:count]


def _where(condition: ir.Expression, series: Mapping[str, list[float]]) -> list[str]:
    """The series for which chart's own WHERE holds: a rank (`in_top(sum, 5)`) or a comparison of a summary."""
    if isinstance(condition, ir.Call) and condition.function.lstrip("not_").startswith("in_"):
        ranked, rank = condition.arguments
        score = _summary(ranked)
        scores = {name: score(values) for name, values in series.items()}
        count = int(rank.value) if isinstance(rank, ir.Constant) and isinstance(rank.value, int | float) else 10
        inside = _ranked(scores, count, bottom=condition.function.endswith("bottom"))
        return [name for name in series if name not in inside] if condition.function.startswith("not_") else inside
    if (
        isinstance(condition, ir.Binary)
        and condition.operator in _COMPARISONS
        and isinstance(condition.right, ir.Constant)
        and isinstance(condition.right.value, int | float)
    ):
        score = _summary(condition.left)
        limit = float(condition.right.value)
        holds = _COMPARISONS[condition.operator]
        return [name for name, values in series.items() if holds(score(values), limit)]
    raise Refusal("WHERE takes a rank or a comparison with a number here", code="RUN035")


def _summary(expression: ir.Expression) -> Callable[[list[float]], float]:
    name = ""
    if isinstance(expression, ir.FieldReference):
        name = expression.name
    elif isinstance(expression, ir.Call):
        name = expression.function
    found = _SUMMARIES.get(name.lower())
    if found is None:
        raise Refusal(f"WHERE knows no function '{name}' of a series", code="RUN011")
    return found


def _column_order(layout: Splitting, kept: Sequence[str], other: bool) -> list[str]:
    """Series by number or name, what has no value and what is left over at the end."""
    last = [layout.series.null_name] if layout.series.use_null else []
    names = sorted((name for name in kept if name not in last), key=_sort_key)
    names += [name for name in kept if name in last]
    if other and layout.series.use_other and layout.series.other_name not in names:
        names.append(layout.series.other_name)
    return names


def _sort_key(name: str) -> tuple[int, float, str]:
    number = read_number(name)
    return (0, number, name) if number is not None else (1, 0.0, name)


def _laid_out(
    layout: Splitting,
    keys: Iterable[Any],
    cells: Sequence[tuple[Any, ...]],
    fields: Sequence[Field],
    names: Sequence[str],
) -> SeriesTable:
    """One row a key, also where all its series are left out."""
    results = fields[2:]
    columns: list[Field] = []
    place: dict[tuple[str, int], int] = {}
    empty: list[Any] = []
    for index, result in enumerate(results):
        for name in names:
            place[name, index] = len(columns)
            columns.append(replace(result, name=column_name(layout, result.name, name, len(results))))
            empty.append(0.0 if layout.aggregates[index].function in _ZERO else None)
    rows = {key: list(empty) for key in keys}
    for key, name, *values in cells:
        held = rows[key]
        for index, value in enumerate(values):
            at = place.get((name, index))
            if at is not None and value is not None:
                held[at] = value
    return SeriesTable([replace(fields[0], name=layout.row), *columns], rows, empty)


def column_name(layout: Splitting, result: str, series: str, results: int) -> str:
    """The name of a column: the series, or the result and the series where there are several results."""
    if layout.format is not None:
        name = layout.format.replace("$AGG$", result).replace("$VAL$", series)
    else:
        name = series if results == 1 else f"{result}{layout.separator}{series}"
    # A name that begins with an underscore would make it an internal field.
    return f"VALUE{name}" if name.startswith("_") else name


def _number(value: Any) -> float | None:
    if isinstance(value, float | int):
        return float(value)
    return read_number(value) if isinstance(value, str) else None
