"""Correlations of hits. Facts: Sigma specification 2.1.0, "Correlation rules".

Only those whose meaning the specification leaves no doubt about: counts and measures with lower bounds, and rules near
in time, none of them a correlation itself.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from rulescope.engines.reference.interpreter import Reading, refused_stage
from rulescope.engines.reference.meaning import SIGMA
from rulescope.engines.reference.table import RowTable
from rulescope.engines.reference.values import Row, number, put, text
from rulescope.ir import stages

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


@dataclass(frozen=True, slots=True)
class Hit:
    """A hit of one of the rules: when, in which group, which rule, and what is measured of it."""

    time: float
    group: tuple[str, ...]
    rule: int
    value: str | None


@SIGMA.stage(stages.Correlation)
def correlated(stage: stages.Correlation, table: RowTable, reading: Reading) -> RowTable:
    """One row a group: the first time at which a time span begins that meets the condition, and the highest measure of
    those spans."""
    if stage.expression is not None or any(kind not in ("gt", "ge") for kind, _ in stage.conditions):
        raise refused_stage(stage, "upper bounds or a condition over rules")
    if stage.timespan is None or stage.timespan.unit not in _SECONDS:
        raise refused_stage(stage, "such a time span")
    seconds = stage.timespan.amount * _SECONDS[stage.timespan.unit]
    hits = _hits(stage, reading)
    rows: dict[tuple[str, ...], Row] = {}
    for first in hits:
        within = [hit for hit in hits if hit.group == first.group and 0 <= hit.time - first.time <= seconds]
        measure = _measure(stage, within, first)
        if measure is None or not _met(stage, measure):
            continue
        row = rows.setdefault(first.group, {"_time": first.time, stage.type: measure})
        row["_time"] = min(row["_time"], first.time)
        row[stage.type] = max(row[stage.type], measure)
    return RowTable([_named(stage, group, row) for group, row in rows.items()])


def _named(stage: stages.Correlation, group: tuple[str, ...], row: Row) -> Row:
    for name, value in zip(stage.group_by, group, strict=True):
        put(row, name, value)
    return row


def _hits(stage: stages.Correlation, reading: Reading) -> list[Hit]:
    """The hits of all rules that have a time and all fields of the group."""
    if not stage.pipelines or any(isinstance(one.stages[0], stages.Correlation) for one in stage.pipelines):
        raise refused_stage(stage, "rules that are not there, or are correlations")
    found: list[Hit] = []
    for place, (rule, pipeline) in enumerate(zip(stage.rules, stage.pipelines, strict=True)):
        named = {alias: field for alias, name, field in stage.aliases if name == rule}
        for row in reading.run(pipeline).rows:
            time = number(row.get("_time"))
            group = tuple(text(row.get(named.get(name, name))) for name in stage.group_by)
            parts = [] if stage.field is None else [stage.field, *stage.more_fields]
            values = [text(row.get(named.get(name, name))) for name in parts]
            value = None if None in values else "\0".join(part or "" for part in values)
            if time is not None and None not in group:
                found.append(Hit(time, tuple(part or "" for part in group), place, value if parts else None))
    return found


def _measure(stage: stages.Correlation, within: Sequence[Hit], first: Hit) -> float | None:
    """What is counted or measured of the hits of a time span."""
    sizes = [size for hit in within if (size := number(hit.value)) is not None]
    measures: dict[str, Callable[[], Any]] = {
        "event_count": lambda: len(within),
        "value_count": lambda: len({hit.value for hit in within if hit.value is not None}),
        "temporal": lambda: len({hit.rule for hit in within}),
        "value_sum": lambda: sum(sizes) if sizes else None,
        "value_avg": lambda: sum(sizes) / len(sizes) if sizes else None,
        "value_median": lambda: statistics.median(sizes) if sizes else None,
        "temporal_ordered": lambda: len(stage.rules) if _in_order(stage, within, first) else None,
    }
    if stage.type not in measures:
        raise refused_stage(stage, f"the type '{stage.type}'")
    found = measures[stage.type]()
    return None if found is None else float(found)


def _in_order(stage: stages.Correlation, within: Sequence[Hit], first: Hit) -> bool:
    """Whether the hit is one of the first rule, and hits of the others follow it in their order."""
    if first.rule != 0:
        return False
    time = first.time
    for place in range(1, len(stage.rules)):
        later = [hit.time for hit in within if hit.rule == place and hit.time >= time]
        if not later:
            return False
        time = min(later)
    return True


def _met(stage: stages.Correlation, measure: float) -> bool:
    conditions = stage.conditions
    if stage.type.startswith("temporal") and not conditions:
        conditions = (("ge", float(len(stage.rules))),)
    return all(measure > bound if kind == "gt" else measure >= bound for kind, bound in conditions)
