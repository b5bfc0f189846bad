"""Stages that order rows, or keep some by comparing them with others."""

from __future__ import annotations

from typing import Any

from rulescope.engines.reference.interpreter import Reading, refused_stage
from rulescope.engines.reference.meaning import ELASTIC, SPL
from rulescope.engines.reference.spl.fields import expanded, item_names
from rulescope.engines.reference.table import RowTable
from rulescope.engines.reference.values import Row, exact_number, number, text, texts_of
from rulescope.ir import stages

_DEFAULT = 10_000


@SPL.stage(stages.Sort)
@ELASTIC.stage(stages.Sort)
def sorted_rows(stage: stages.Sort, table: RowTable, reading: Reading) -> RowTable:
    """Rows by their keys, the first key first; a stable sort, from the last key to the first."""
    rows = list(table.rows)
    for key in reversed(stage.keys):
        rows = _by_key(rows, key, key.descending != stage.reverse, stage, reading)
    count = _DEFAULT if stage.count is None else stage.count
    return table.with_rows(rows[:count] if count else rows)


def _by_key(rows: list[Row], key: stages.SortKey, descending: bool, stage: stages.Sort, reading: Reading) -> list[Row]:
    if key.comparison == "ip":
        raise refused_stage(stage, "ip()")
    ranked = [(_rank(row.get(key.field), key.comparison, stage, reading), row) for row in rows]
    without = [row for rank, row in ranked if rank is None]
    there = [(rank, row) for rank, row in ranked if rank is not None]
    found = [row for _, row in sorted(there, key=lambda pair: pair[0], reverse=descending)]
    return without + found if key.nulls_first else found + without


def _rank(value: Any, comparison: str, stage: stages.Sort, reading: Reading) -> tuple[int, float, str] | None:
    """Where a value stands: numbers by size, before texts by their characters; None for no value."""
    if isinstance(value, list):
        raise refused_stage(stage, "a field of several values")
    spelt = text(value)
    size = exact_number(value) if reading.meaning.exact_wholes else number(value)
    if spelt is None or (comparison == "num" and size is None):
        return None
    if comparison == "str":
        return (0, 0.0, spelt)
    if size is not None:
        return (0, size, spelt if isinstance(value, str) and comparison == "auto" else "")
    if comparison == "auto" and spelt.count(".") == 3 and spelt.replace(".", "").isdigit():
        raise refused_stage(stage, "addresses")
    return (1, 0.0, spelt)


def rank_of_group(value: str) -> tuple[int, float, str]:
    """Where a value of a BY field stands among the groups: numbers by size, then texts by their characters."""
    size = number(value)
    return (1, 0.0, value) if size is None else (0, size, value)


@SPL.stage(stages.Dedup)
def without_repetitions(stage: stages.Dedup, table: RowTable, reading: Reading) -> RowTable:
    """The first rows of each combination of values; a row that lacks one of the fields is dropped."""
    if stage.consecutive or stage.keep_events or stage.sort_by:
        raise refused_stage(stage, "consecutive, keepevents or sortby")
    names = expanded(item_names(stage.fields), table, missing=True)
    seen: dict[tuple[Any, ...], int] = {}
    rows: list[Row] = []
    for row in table.rows:
        key = tuple(tuple(texts_of(row.get(name))) for name in names)
        if () in key:
            rows += [row] if stage.keep_empty else []
            continue
        seen[key] = seen.get(key, 0) + 1
        if seen[key] <= stage.count:
            rows.append(row)
    return table.with_rows(rows)


@SPL.stage(stages.Uniq)
def unlike_the_last(stage: stages.Uniq, table: RowTable, reading: Reading) -> RowTable:
    """Drops a row that is the same as the one before."""
    rows: list[Row] = []
    for place, row in enumerate(table.rows):
        if place == 0 or row != table.rows[place - 1]:
            rows.append(row)
    return table.with_rows(rows)
