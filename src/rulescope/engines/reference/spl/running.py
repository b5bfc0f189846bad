"""Stages that look at the rows before. Facts: Search Reference, "accum", "delta", "autoregress"."""

from __future__ import annotations

from rulescope.engines.reference.interpreter import Reading
from rulescope.engines.reference.meaning import SPL
from rulescope.engines.reference.table import RowTable
from rulescope.engines.reference.values import number, put
from rulescope.ir import stages


@SPL.stage(stages.Accum)
def running_sum(stage: stages.Accum, table: RowTable, reading: Reading) -> RowTable:
    """A running sum; a row without a number gets none."""
    total = 0.0
    for row in table.rows:
        value = number(row.get(stage.field))
        if value is not None:
            total += value
            put(row, stage.alias or stage.field, total)
    return table


@SPL.stage(stages.AutoRegress)
def values_before(stage: stages.AutoRegress, table: RowTable, reading: Reading) -> RowTable:
    """The values of rows before, as fields."""
    held = [row.get(stage.field) for row in table.rows]
    for place, row in enumerate(table.rows):
        for back in range(stage.first, stage.last + 1):
            name = stage.alias if stage.alias and stage.first == stage.last else f"{stage.field}_p{back}"
            put(row, name, held[place - back] if place >= back else None)
    return table


@SPL.stage(stages.Delta)
def difference(stage: stages.Delta, table: RowTable, reading: Reading) -> RowTable:
    """The difference from the value so many rows before; none where one of them is no number."""
    held = [number(row.get(stage.field)) for row in table.rows]
    for place, row in enumerate(table.rows):
        before = held[place - stage.periods] if place >= stage.periods else None
        now = held[place]
        if before is not None and now is not None:
            put(row, stage.alias or f"delta({stage.field})", now - before)
    return table
