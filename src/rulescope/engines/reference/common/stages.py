"""Stages that mean the same in all languages: filters, and those that keep or turn rows."""

from __future__ import annotations

from rulescope.engines.reference.interpreter import Reading, refused_stage
from rulescope.engines.reference.meaning import COMMON
from rulescope.engines.reference.table import RowTable
from rulescope.engines.reference.values import Row, number
from rulescope.ir import stages


@COMMON.stage(stages.Search, stages.Where, stages.Regex)
def kept(stage: stages.Search | stages.Where | stages.Regex, table: RowTable, reading: Reading) -> RowTable:
    """The rows for which the predicate is true."""
    predicate = stage.predicate
    return table if predicate is None else table.keep(lambda row: reading.holds(predicate, row) is True)


@COMMON.stage(stages.Block)
def named(stage: stages.Block, table: RowTable, reading: Reading) -> RowTable:
    """A name for a predicate; every row stays."""
    return table


@COMMON.stage(stages.Head)
def first(stage: stages.Head, table: RowTable, reading: Reading) -> RowTable:
    """The first rows, or those before the first for which a condition is not true."""
    rows = in_time(table.rows) if stage.in_time else table.rows
    if stage.condition is None:
        return table.with_rows(rows[: 10 if stage.count is None else stage.count])
    found: list[Row] = []
    for row in rows:
        held = reading.value(stage.condition, row)
        if not (held or (held is None and stage.null)):
            found += [row] if stage.keep_last else []
            break
        found.append(row)
    return table.with_rows(found if stage.count is None else found[: stage.count])


@COMMON.stage(stages.Tail)
def last(stage: stages.Tail, table: RowTable, reading: Reading) -> RowTable:
    """The last rows, last first; `in_time` the latest, earliest first."""
    if stage.in_time:
        return table.with_rows(in_time(table.rows)[-stage.count :] if stage.count else [])
    return table.with_rows(table.rows[::-1][: stage.count])


@COMMON.stage(stages.Reverse)
def turned(stage: stages.Reverse, table: RowTable, reading: Reading) -> RowTable:
    """Last to first."""
    return table.with_rows(table.rows[::-1])


def in_time(rows: list[Row]) -> list[Row]:
    """The rows by their time, those without one at the end."""
    timed = [row for row in rows if number(row.get("_time")) is not None]
    return sorted(timed, key=lambda row: number(row["_time"]) or 0.0) + [
        row for row in rows if number(row.get("_time")) is None
    ]


@COMMON.stage(stages.Origin)
def source(stage: stages.Origin, table: RowTable, reading: Reading) -> RowTable:
    """The events of a source, by the condition that its names stand for."""
    if stage.metadata:
        raise refused_stage(stage, "fields about the document")
    predicate = stage.predicate
    return table if predicate is None else table.keep(lambda row: reading.holds(predicate, row) is True)
