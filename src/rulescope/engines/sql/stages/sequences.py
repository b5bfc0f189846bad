"""EQL's sequences and samples: which events, one after the other, agree in their join keys.

Facts: Elastic, "EQL syntax reference", "How sequence queries handle matches": a sequence is a state machine with a
state an event; for each combination of join keys only one pending sequence is in a state, the most recent one. An
event that lacks a join key joins nothing, unless the key is optional. An event that must be missing ends the
sequences that wait for what comes after it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlglot import exp

from rulescope import ir
from rulescope.engines.sql.build import all_of, any_of, cases, sql
from rulescope.engines.sql.compiling import compile_predicate
from rulescope.engines.sql.context import Context
from rulescope.engines.sql.dialect import compiles
from rulescope.engines.sql.frame import Frame, ordered
from rulescope.engines.sql.stages.binning import SECONDS
from rulescope.engines.sql.stages.held_rows import Field, numbered, put_beside, spelt, take_rows
from rulescope.engines.sql.stages.merging import value_of
from rulescope.engines.sql.values import Type, as_number, number_value
from rulescope.errors import Refusal
from rulescope.ir import stages

EVENTS_FIELD = "sequence_events"
"""How many events the sequence has, in the row of its last one."""

START_FIELD = "sequence_start"
"""When the sequence's first event was, in seconds since 1970."""

_WHY = "which events follow one another depends on the events"
_NUMBER, _MARK = "_rs_number", "_rs_step"
_Key = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class _Event:
    """A row that fits some step: its number, its time, the steps that it fits, and its join keys in each."""

    row: int
    time: float
    steps: frozenset[int]
    keys: dict[int, _Key]


@dataclass(slots=True)
class _Pending:
    """A sequence under way: its events' rows, the time of the first, and what ends it while it waits."""

    rows: list[int]
    start: float


@dataclass(slots=True)
class _Machine:
    """The states of one combination of join keys; `waiting[i]` has met the steps before `i` that must be there."""

    waiting: dict[int, _Pending] = field(default_factory=dict)
    last_missing: dict[int, float] = field(default_factory=dict)


@compiles(stages.Sequence)
def compile_sequence(stage: stages.Sequence, frame: Frame, context: Context) -> Frame:
    """One row a sequence: that of its last event, with how many events it has and when it began."""
    context.need_data(stage, _WHY)
    label = frame.stage
    time = frame.value("_time")
    if time is None:
        return frame.filter(exp.false())
    steps = _expanded(stage)
    last = len(steps) - 1 + (stage.until is not None)
    frame = frame.filter(sql("(:t IS NOT NULL)", t=time.node)).reorder([ordered(as_number(value_of(frame, "_time")))])
    watched = [*steps, stage.until] if stage.until is not None else steps
    # A step that runs several times has one condition.
    different = list(dict.fromkeys(watched))
    conditions = [_condition(step, frame, context) for step in different]
    frame = frame.filter(any_of([condition.copy() for condition in conditions]))
    marks = {f"{_MARK}_{index}": _marked(condition) for index, condition in enumerate(conditions)}
    names = list(dict.fromkeys(name for step in different for name in _key_names(stage, step)))
    known = [name for name in names if name in frame.schema.fields]
    # Of all events that fit a step only what tells sequences is copied: events can have thousands of fields.
    telling = dict.fromkeys(["_time", *marks, *known])
    stored = context.materialize(frame.assign(marks).choose(list(telling))).at(label)
    rows = take_rows(stage, numbered(stored), context, [_NUMBER, "_time", *marks, *known], _WHY)
    places = [different.index(step) for step in watched]
    events = _events(stage, watched, places, rows, known)
    until = last if stage.until is not None else None
    watched_events = context.deadline.over(events)
    found = _in_order(stage, steps, until, watched_events) if stage.ordered else _together(steps, watched_events)
    ends = {one.rows[-1]: (float(len(one.rows)), one.start) for one in found}
    beside = put_beside(frame, [Field(EVENTS_FIELD, Type.NUMBER), Field(START_FIELD, Type.NUMBER)], ends, context)
    return beside.filter(sql("(:n IS NOT NULL)", n=value_of(beside, EVENTS_FIELD).node))


def _expanded(stage: stages.Sequence) -> list[stages.SequenceStep]:
    """The steps, those that run several times written out."""
    return [step for step in stage.steps for _ in range(step.runs)]


def _condition(step: stages.SequenceStep, frame: Frame, context: Context) -> exp.Expression:
    parts = [part for part in (step.category_condition, step.predicate) if part is not None]
    return all_of([compile_predicate(part, frame, context) for part in parts])


def _marked(condition: exp.Expression) -> Any:
    one, none = sql("CAST(1 AS DOUBLE)"), sql("CAST(0 AS DOUBLE)")
    return number_value(cases([(condition.copy(), one)], none))


def _key_names(stage: stages.Sequence, step: stages.SequenceStep) -> list[str]:
    return [item.name for item in (*stage.by, *step.by) if isinstance(item, ir.FieldReference)]


def _events(
    stage: stages.Sequence,
    steps: Sequence[stages.SequenceStep],
    places: Sequence[int],
    rows: Iterable[Sequence[Any]],
    known: Sequence[str],
) -> list[_Event]:
    """The events with their join keys; a step in which a key is missing is none for the event. `places` are those of
    the steps' marks in the rows."""
    names = [_key_names(stage, step) for step in steps]
    marks = max(places) + 1
    found: list[_Event] = []
    for number, time, *rest in rows:
        values = dict(zip(known, rest[marks:], strict=True))
        keys: dict[int, _Key] = {}
        for index, place in enumerate(places):
            if not rest[place]:
                continue
            key = tuple(_spelt(values.get(name)) for name in names[index])
            optional = [name in stage.optional_by for name in names[index]]
            if all(part is not None or free for part, free in zip(key, optional, strict=True)):
                keys[index] = key
        if keys:
            found.append(_Event(int(number), float(time), frozenset(keys), keys))
    return found


def _spelt(value: Any) -> str | None:
    if isinstance(value, list):
        return spelt(value[0]) if value else None
    return None if value is None else spelt(value)


def _in_order(
    stage: stages.Sequence, steps: Sequence[stages.SequenceStep], until: int | None, events: Iterable[_Event]
) -> list[_Pending]:
    span = _seconds(stage.max_span)
    positive = [index for index, step in enumerate(steps) if not step.missing]
    if not positive or (span is None and len(positive) < len(steps)):
        raise Refusal("missing events need 'with maxspan' and another event", span=stage.span, code="RUN042")
    following = dict(zip(positive, [*positive[1:], None], strict=True))
    after = {index: _missing_between(steps, index, following[index]) for index in positive}
    before = _missing_between(steps, -1, positive[0])
    machines: dict[_Key, _Machine] = {}
    done: list[_Pending] = []
    ending: list[tuple[_Key, _Pending]] = []
    for event in events:
        if span is not None and ending:
            # What had to be missing did not come in time.
            done.extend(one for _, one in ending if event.time - one.start > span)
            ending = [pair for pair in ending if event.time - pair[1].start <= span]
        for index in sorted(event.steps, reverse=True):
            machine = machines.setdefault(event.keys[index], _Machine())
            if index == until:
                machine.waiting.clear()
            elif steps[index].missing:
                _miss(index, machine, event, steps, positive, ending)
            else:
                _advance(index, event, machine, positive, before, span, done, ending if after[positive[-1]] else None)
    # Nothing more comes: what had to be missing is missing.
    done.extend(one for _, one in ending)
    return done


def _missing_between(steps: Sequence[stages.SequenceStep], start: int, end: int | None) -> list[int]:
    stop = len(steps) if end is None else end
    return [index for index in range(start + 1, stop) if steps[index].missing]


def _miss(
    index: int,
    machine: _Machine,
    event: _Event,
    steps: Sequence[stages.SequenceStep],
    positive: Sequence[int],
    ending: list[tuple[_Key, _Pending]],
) -> None:
    """An event that must not be there: what waited for the step after it is over."""
    machine.last_missing[index] = event.time
    later = next((one for one in positive if one > index), None)
    if later is not None:
        if later != positive[0]:
            machine.waiting.pop(later, None)
        return
    key = event.keys[index]
    ending[:] = [pair for pair in ending if pair[0] != key or event.row in pair[1].rows]


def _advance(
    index: int,
    event: _Event,
    machine: _Machine,
    positive: Sequence[int],
    before: Sequence[int],
    span: float | None,
    done: list[_Pending],
    ending: list[tuple[_Key, _Pending]] | None,
) -> None:
    if index == positive[0]:
        seen = [machine.last_missing[one] for one in before if one in machine.last_missing]
        if span is not None and any(event.time - one <= span for one in seen):
            return
        pending = _Pending([event.row], event.time)
    else:
        waiting = machine.waiting.pop(index, None)
        if waiting is None or waiting.rows[-1] == event.row:
            return
        if span is not None and event.time - waiting.start > span:
            return
        pending = _Pending([*waiting.rows, event.row], waiting.start)
    if index != positive[-1]:
        machine.waiting[positive[positive.index(index) + 1]] = pending
    elif ending is None:
        done.append(pending)
    else:
        ending.append((event.keys[index], pending))


def _together(steps: Sequence[stages.SequenceStep], events: Iterable[_Event]) -> list[_Pending]:
    """Samples: one for each combination of keys in which every step has an event of its own, the earliest ones."""
    taken: dict[_Key, dict[int, tuple[int, float]]] = {}
    done: list[_Pending] = []
    for event in events:
        for index in sorted(event.steps):
            chosen = taken.setdefault(event.keys[index], {})
            if index not in chosen and event.row not in {row for row, _ in chosen.values()}:
                chosen[index] = (event.row, event.time)
                if len(chosen) == len(steps):
                    rows = sorted(chosen.values(), key=lambda pair: (pair[1], pair[0]))
                    done.append(_Pending([row for row, _ in rows], rows[0][1]))
    return done


def _seconds(interval: stages.Interval | None) -> float | None:
    if interval is None:
        return None
    seconds = SECONDS.get(interval.unit or "s")
    if seconds is None:
        raise Refusal(f"'{interval.text}' is no span of seconds to days", span=interval.span, code="RUN039")
    return seconds * interval.amount
