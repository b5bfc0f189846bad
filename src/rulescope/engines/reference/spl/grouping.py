"""Rows into groups: `stats` and its relatives. Facts: Search Reference, "stats", "Aggregate functions"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from rulescope import ir
from rulescope.engines.reference.common.macros import undefined_macro
from rulescope.engines.reference.interpreter import Reading, refused_stage
from rulescope.engines.reference.meaning import ELASTIC, SPL
from rulescope.engines.reference.spl.aggregates import aggregate_value
from rulescope.engines.reference.spl.fields import expanded, fits, item_names
from rulescope.engines.reference.spl.ordering import rank_of_group
from rulescope.engines.reference.table import RowTable
from rulescope.engines.reference.values import Row, put, text, texts_of, values_of
from rulescope.ir import stages

Key = tuple[str | None, ...]


def groups_of(
    rows: Sequence[Row], by: Sequence[str], *, once: bool = False, missing: bool = False, whole: bool = False
) -> dict[Key, Any]:
    """The rows of each combination of the values of `by`. A row with several values counts under each (a repeated value
    as often, unless `once`), and has that value alone there, unless `whole`; one that lacks a field is left out, unless
    `missing`."""
    found: dict[Key, list[Row]] = {}
    for row in rows:
        keys: list[tuple[Any, ...]] = [()]
        for name in by:
            values = values_of(row.get(name))
            values = list(dict.fromkeys(values)) if once else values
            keys = [(*key, value) for key in keys for value in (values or ([None] if missing else []))]
        for key in keys:
            alone = {name: value for name, value in zip(by, key, strict=True) if value is not None}
            found.setdefault(tuple(text(value) for value in key), []).append(row if whole else {**row, **alone})
    if not by:
        found.setdefault((), [])
    return found


def written_out(stage: Any, table: RowTable, by: Sequence[str]) -> list[stages.Aggregate]:
    """The aggregates; one over `*` is one over each field, but the BY fields and internal ones."""
    found: list[stages.Aggregate] = []
    for aggregate in stage.aggregates:
        if isinstance(aggregate, ir.MacroCall):
            raise undefined_macro(aggregate.name, aggregate.span)
        argument = aggregate.argument
        if aggregate.computed or not isinstance(argument, ir.FieldReference) or "*" not in argument.name:
            found.append(aggregate)
        elif argument.name == "*" and aggregate.function == "count" and aggregate.alias is None:
            found.append(replace(aggregate, argument=None))
        else:
            if aggregate.alias not in (None, "*") or argument.name != "*" or "*" not in aggregate.written:
                raise refused_stage(stage, "such wildcards")
            names = [name for name in table.names() if fits(name, "*") and name not in by]
            for name in names:
                alias = name if aggregate.alias is not None else aggregate.written.replace("*", name, 1)
                found.append(replace(aggregate, argument=ir.FieldReference(name), alias=alias))
    return found


@SPL.stage(stages.Stats)
@ELASTIC.stage(stages.Stats)
def grouped(stage: stages.Stats, table: RowTable, reading: Reading) -> RowTable:
    """One row a group, the groups in the order of their keys."""
    if stage.all_numeric or stage.delimiter is not None:
        raise refused_stage(stage, "allnum or delim")
    by = expanded(item_names(stage.by), table, missing=True)
    aggregates = written_out(stage, table, by)
    groups = groups_of(table.rows, by, once=stage.dedup_split_values, missing=stage.missing_groups)
    counted = groups
    if reading.meaning.whole_groups:
        counted = groups_of(table.rows, by, once=stage.dedup_split_values, missing=stage.missing_groups, whole=True)
    rows: list[Row] = []
    for key in sorted(groups, key=lambda one: [(part is None, rank_of_group(part or "")) for part in one]):
        row: Row = {}
        for name in by:
            put(row, name, groups[key][0].get(name))
        for aggregate in aggregates:
            put(row, aggregate.result_name, aggregate_value(aggregate, counted[key], reading))
        rows.append(row)
    return RowTable(rows)


@SPL.stage(stages.EventStats)
@ELASTIC.stage(stages.EventStats)
def beside(stage: stages.EventStats, table: RowTable, reading: Reading) -> RowTable:
    """Every row with the results of its group: of its first value, where it has several."""
    if stage.all_numeric:
        raise refused_stage(stage, "allnum")
    by = expanded(item_names(stage.by), table, missing=True)
    aggregates = written_out(stage, table, by)
    groups = groups_of(table.rows, by, missing=stage.missing_groups, whole=reading.meaning.whole_groups)
    results = []
    for row in table.rows:
        key = tuple(next(iter(texts_of(row.get(name))), None) for name in by)
        members = groups.get(key) if stage.missing_groups or None not in key else None
        results.append([] if members is None else [aggregate_value(one, members, reading) for one in aggregates])
    for row, values in zip(table.rows, results, strict=True):
        for aggregate, value in zip(aggregates, values, strict=False):
            put(row, aggregate.result_name, value)
    return table


@SPL.stage(stages.StreamStats)
def so_far(stage: stages.StreamStats, table: RowTable, reading: Reading) -> RowTable:
    """Every row with the results over the rows of its group so far, or the last ones of them."""
    if stage.time_window or stage.all_numeric or stage.reset_on_change or stage.reset_before or stage.reset_after:
        raise refused_stage(stage, "time_window, allnum or reset options")
    by = item_names(stage.by)
    aggregates = written_out(stage, table, by)
    results = [_window(stage, by, place, table.rows) for place in range(len(table.rows))]
    values = [
        None if members is None else [aggregate_value(one, members, reading) for one in aggregates]
        for members in results
    ]
    for row, found in zip(table.rows, values, strict=True):
        for aggregate, value in zip(aggregates, found or [], strict=False):
            put(row, aggregate.result_name, value)
    return table


def _window(stage: stages.StreamStats, by: Sequence[str], place: int, rows: Sequence[Row]) -> list[Row] | None:
    """The rows that the result at a place is over; None where the row lacks a BY field."""
    group = [text(rows[place].get(name)) for name in by]
    if None in group:
        return None
    before = list(rows[: place + 1] if stage.current else rows[:place])
    if stage.window and (stage.global_ or not by):
        before = before[max(place - stage.window + (1 if stage.current else 0), 0) :]
    members = [row for row in before if [text(row.get(name)) for name in by] == group]
    return members[-stage.window :] if stage.window and by and not stage.global_ else members


@SPL.stage(stages.Top)
def frequent(stage: stages.Top, table: RowTable, reading: Reading) -> RowTable:
    """The most, or least, frequent combinations of values with count and percent, none as frequent as another."""
    if stage.by or stage.use_other:
        raise refused_stage(stage, "BY or useother")
    names = item_names(stage.fields)
    groups = groups_of(table.rows, names)
    counts = {key: len(members) for key, members in groups.items()}
    if len(set(counts.values())) < len(counts):
        raise refused_stage(stage, "values that are equally frequent, of whose order the documentation says nothing")
    order = sorted(counts, key=lambda key: counts[key], reverse=not stage.rare)
    rows: list[Row] = []
    for key in order[: stage.limit] if stage.limit else order:
        row: Row = dict(zip(names, key, strict=True))
        if stage.show_count:
            row[stage.count_field] = float(counts[key])
        if stage.show_percent:
            row[stage.percent_field] = round(100.0 * counts[key] / sum(counts.values()), 6)
        rows.append(row)
    return RowTable(rows)
