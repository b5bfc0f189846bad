"""EQL's sequences and samples: which events, one after the other, agree in their join keys.

Facts: Elastic, "EQL syntax reference", "How sequence queries handle matches": a sequence is a state machine with a
state an event; for each combination of join keys only one pending sequence is in a state, the most recent one. An
event that lacks a join key joins nothing, unless the key is optional. An event that must be missing ends the
sequences that wait for what comes after it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import product
from math import inf, prod
from typing import Any

from sqlglot import exp

from rulescope import ir
from rulescope.engines.sql.build import all_of, any_of, cases, sql
from rulescope.engines.sql.compiling import compile_predicate
from rulescope.engines.sql.context import Context
from rulescope.engines.sql.dialect import compiles
from rulescope.engines.sql.evidence import by_field
from rulescope.engines.sql.frame import NO_VALUE, Frame, ordered
from rulescope.engines.sql.stages.binning import SECONDS
from rulescope.engines.sql.stages.held_rows import Field, numbered, put_each_beside, spelt, take_rows
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
_MOST_KEYS = 10_000


@dataclass(frozen=True, slots=True)
class _Event:
    """A row that fits some step: its number, its time (infinity where it has none, as those of samples may), the steps
    that it fits, and its join keys in each: several where a field has several values."""

    row: int
    time: float
    steps: frozenset[int]
    keys: dict[int, tuple[_Key, ...]]


@dataclass(slots=True)
class _Pending:
    """A sequence under way: its events' rows, the time of the first, and that of the last event before it which should
    be missing."""

    rows: list[int]
    start: float
    missed: float | None = None


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
        if stage.ordered:
            return frame.filter(exp.false())
        frame = frame.assign({"_time": NO_VALUE})
    elif stage.ordered:
        frame = frame.filter(sql("(:t IS NOT NULL)", t=time.node))
    steps = _expanded(stage)
    last = len(steps) - 1 + (stage.until is not None)
    frame = frame.reorder([ordered(as_number(value_of(frame, "_time")))])
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
    ends = [
        (one.rows[-1], (float(len(one.rows)), None if one.start == inf else one.start, float(number)))
        for number, one in enumerate(found)
    ]
    fields = [Field(name, Type.NUMBER) for name in (EVENTS_FIELD, START_FIELD, _NUMBER)]
    beside = put_each_beside(frame, fields, ends, context)
    beside = beside.filter(sql("(:n IS NOT NULL)", n=value_of(beside, EVENTS_FIELD).node))
    steps_of = [(row, (float(number),)) for number, one in enumerate(found) for row in one.rows]
    members = put_each_beside(frame, [Field(_NUMBER, Type.NUMBER)], steps_of, context)
    return by_field(beside, _NUMBER, members, value_of(members, _NUMBER).node)


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
        keys: dict[int, tuple[_Key, ...]] = {}
        for index, place in enumerate(places):
            if not rest[place]:
                continue
            parts = [_spelt(values.get(name)) for name in names[index]]
            lacking = [name for name, part in zip(names[index], parts, strict=True) if not part]
            if any(name not in stage.optional_by for name in lacking):
                continue
            if prod(len(part) or 1 for part in parts) > _MOST_KEYS:
                message = f"an event has more than {_MOST_KEYS:,} combinations of join keys"
                raise Refusal(message, span=stage.span, code="RUN021")
            keys[index] = tuple(product(*(part or (None,) for part in parts)))
        if keys:
            found.append(_Event(int(number), inf if time is None else float(time), frozenset(keys), keys))
    return found


def _spelt(value: Any) -> tuple[str, ...]:
    """The values of a field, each once."""
    items = value if isinstance(value, list) else [] if value is None else [value]
    return tuple(dict.fromkeys(spelt(item) for item in items if item is not None))


def _in_order(
    stage: stages.Sequence, steps: Sequence[stages.SequenceStep], until: int | None, events: Iterable[_Event]
) -> list[_Pending]:
    span = _seconds(stage.max_span)
    positive = [index for index, step in enumerate(steps) if not step.missing]
    if not positive or (span is None and len(positive) < len(steps)):
        raise Refusal("missing events need 'with maxspan' and another event", span=stage.span, code="RUN042")
    before = range(positive[0])
    trailing = range(positive[-1] + 1, len(steps))
    machines: dict[_Key, _Machine] = {}
    done: list[_Pending] = []
    ending: list[tuple[_Key, _Pending]] = []
    for event in events:
        if span is not None and ending:
            # What had to be missing did not come in time.
            done.extend(one for _, one in ending if event.time - one.start > span)
            ending = [pair for pair in ending if event.time - pair[1].start <= span]
        for index in sorted(event.steps - {until}, reverse=True):
            for key in event.keys[index]:
                machine = machines.setdefault(key, _Machine())
                if steps[index].missing:
                    _miss(index, key, machine, event, span, positive, ending)
                elif (moved := _advance(index, event, machine, positive, before, span, bool(trailing))) is None:
                    continue
                elif trailing:
                    ending.append((key, moved))
                else:
                    done.append(moved)
        if until is not None and until in event.steps:
            # What is not complete by now is over, also where this is an event of it ("EQL syntax reference", until).
            for key in event.keys[until]:
                machines.setdefault(key, _Machine()).waiting.clear()
    # Nothing more comes: what had to be missing is missing.
    done.extend(one for _, one in ending)
    return done


def _miss(
    index: int,
    key: _Key,
    machine: _Machine,
    event: _Event,
    span: float | None,
    positive: Sequence[int],
    ending: list[tuple[_Key, _Pending]],
) -> None:
    """An event that must not be there: what waited for the step after it is over.

    Missing events at both ends: the sequence is over where both came within `maxspan` of one another, for then no span
    of that length around it is without them (so Elasticsearch's specification; its reference does not say).
    """
    machine.last_missing[index] = event.time
    later = next((one for one in positive if one > index), None)
    if later is not None:
        if later != positive[0]:
            machine.waiting.pop(later, None)
        return
    both = positive[0] > 0

    def stays(one: _Pending) -> bool:
        if event.row in one.rows:
            return True
        return both and (one.missed is None or (span is not None and event.time - one.missed > span))

    ending[:] = [pair for pair in ending if pair[0] != key or stays(pair[1])]


def _advance(
    index: int,
    event: _Event,
    machine: _Machine,
    positive: Sequence[int],
    before: Iterable[int],
    span: float | None,
    trailing: bool,
) -> _Pending | None:
    """The sequence that an event moves on, where it has all of its events now. `trailing`: others must not follow."""
    if index == positive[0]:
        seen = [machine.last_missing[one] for one in before if one in machine.last_missing]
        if not trailing and span is not None and any(event.time - one <= span for one in seen):
            return None
        pending = _Pending([event.row], event.time, max(seen, default=None))
    else:
        waiting = machine.waiting.pop(index, None)
        if waiting is None or waiting.rows[-1] == event.row:
            return None
        if span is not None and event.time - waiting.start > span:
            return None
        pending = _Pending([*waiting.rows, event.row], waiting.start, waiting.missed)
    if index == positive[-1]:
        return pending
    machine.waiting[positive[positive.index(index) + 1]] = pending
    return None


def _together(steps: Sequence[stages.SequenceStep], events: Iterable[_Event]) -> list[_Pending]:
    """Samples: one for each combination of keys in which every step has an event of its own, the earliest ones."""
    taken: dict[_Key, dict[int, tuple[int, float]]] = {}
    done: list[_Pending] = []
    for event in events:
        for index, key in ((step, key) for step in sorted(event.steps) for key in event.keys[step]):
            chosen = taken.setdefault(key, {})
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
