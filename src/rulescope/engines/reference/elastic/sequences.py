"""EQL's sequences. Facts: Elastic, "EQL syntax reference", "Sequences" and "How sequence queries handle matches".

For each combination of join keys there is at most one sequence in each state, the most recent one. An event that
matches the next step moves the sequence on; one that matches `until` ends those that are not complete then. A field
with several values joins by each of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from rulescope import ir
from rulescope.engines.reference.common.stages import in_time
from rulescope.engines.reference.interpreter import Reading, refused_stage
from rulescope.engines.reference.meaning import ELASTIC
from rulescope.engines.reference.table import RowTable
from rulescope.engines.reference.values import Row, number, texts_of
from rulescope.ir import stages

_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}
Key = tuple[str | None, ...]


@dataclass(slots=True)
class Pending:
    """A sequence under way: its events so far, and which row the last of them is."""

    start: float
    events: int
    last: int


@dataclass(slots=True)
class Machine:
    """The sequences of one combination of join keys, by the step that each waits for."""

    waiting: dict[int, Pending] = field(default_factory=dict)


@ELASTIC.stage(stages.Sequence)
def sequences(stage: stages.Sequence, table: RowTable, reading: Reading) -> RowTable:
    """One row a sequence: that of its last event, with how many events it has, and when it began."""
    steps = [step for step in stage.steps for _ in range(step.runs)]
    if not stage.ordered or any(step.missing for step in steps) or len(steps) < 2:
        raise refused_stage(stage, "missing events, one step, or samples")
    seconds = None
    if stage.max_span is not None:
        if stage.max_span.unit not in _SECONDS:
            raise refused_stage(stage, "such a maxspan")
        seconds = stage.max_span.amount * _SECONDS[stage.max_span.unit]
    machines: dict[Key, Machine] = {}
    found: list[tuple[int, Row]] = []
    places = {id(row): place for place, row in enumerate(table.rows)}
    for row in in_time([row for row in table.rows if number(row.get("_time")) is not None]):
        found += [
            (places[id(row)], one) for one in _moved(stage, steps, seconds, row, places[id(row)], machines, reading)
        ]
        if stage.until is not None and _fits(stage.until, row, reading):
            for key in _keys(stage, stage.until, row):
                machines.setdefault(key, Machine()).waiting = {}
    return table.with_rows(row for _, row in sorted(found, key=lambda pair: pair[0]))


def _moved(
    stage: stages.Sequence,
    steps: list[stages.SequenceStep],
    seconds: float | None,
    row: Row,
    number_of_row: int,
    machines: dict[Key, Machine],
    reading: Reading,
) -> list[Row]:
    """The sequences that an event completes; from the last step to the first, so that it moves none twice."""
    time = number(row["_time"]) or 0.0
    found: list[Row] = []
    for place in range(len(steps) - 1, -1, -1):
        if not _fits(steps[place], row, reading):
            continue
        for key in _keys(stage, steps[place], row):
            machine = machines.setdefault(key, Machine())
            if place == 0:
                machine.waiting[1] = Pending(time, 1, number_of_row)
                continue
            pending = machine.waiting.pop(place, None)
            if pending is None or (seconds is not None and time - pending.start > seconds):
                continue
            moved = Pending(pending.start, pending.events + 1, number_of_row)
            if place == len(steps) - 1:
                count = float(moved.events)
                found.append({**row, "sequence_events": count, "sequence_start": moved.start})
            else:
                machine.waiting[place + 1] = moved
    return found


def _fits(step: stages.SequenceStep, row: Row, reading: Reading) -> bool:
    parts = [part for part in (step.category_condition, step.predicate) if part is not None]
    return all(reading.holds(part, row) is True for part in parts)


def _keys(stage: stages.Sequence, step: stages.SequenceStep, row: Row) -> list[Key]:
    """Each combination of the values of the join fields; none where one is missing that must be there."""
    names = [item.name for item in (*stage.by, *step.by) if isinstance(item, ir.FieldReference)]
    keys: list[Key] = [()]
    for name in names:
        values: list[str | None] = [*dict.fromkeys(texts_of(row.get(name)))]
        if not values and name in stage.optional_by:
            values = [None]
        keys = [(*key, value) for key in keys for value in values]
    return keys
