"""`transaction`: events that belong together as one row; `concurrency`: how many overlap.

Facts: Splunk, Search Reference, "transaction", "concurrency". Events are taken newest first, as Splunk reads them: an
event that ends a transaction opens it, one that starts it closes it. What is closed by nothing is left out where a
start is asked for, unless `keepevicted`.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlglot import exp

from rulescope.engines.sql.build import call, column, sql
from rulescope.engines.sql.compiling import compile_predicate
from rulescope.engines.sql.context import Context
from rulescope.engines.sql.dialect import compiles
from rulescope.engines.sql.evidence import by_keys
from rulescope.engines.sql.frame import Frame, ordered
from rulescope.engines.sql.schema import ROW, Column, Schema, free_name
from rulescope.engines.sql.stages.binning import SECONDS
from rulescope.engines.sql.stages.fieldlists import expand, item_names
from rulescope.engines.sql.stages.held_rows import Field, numbered, put_beside, spelt, take_rows
from rulescope.engines.sql.stages.merging import value_of
from rulescope.engines.sql.values import Type, Value, as_number, as_text, number_value
from rulescope.errors import Refusal
from rulescope.ir import Predicate, stages

_WHY = "which events belong together depends on the events"
_NUMBER, _START, _END = "_rs_number", "_rs_start", "_rs_end"
_GROUP, _CLOSED, _ORPHAN = "_rs_transaction", "_rs_closed", "_rs_orphan"


@dataclass(slots=True)
class _Open:
    """A transaction that may still grow; events come newest first.

    `ended`: its last event is one that may end it. `complete`: it is a result without `keepevicted`. `closed` is what
    `closed_txn` says.
    """

    keys: dict[str, set[str]]
    rows: list[int] = field(default_factory=list)
    latest: float = 0.0
    earliest: float = 0.0
    ended: bool = True
    complete: bool = False
    closed: bool = False
    open: bool = True


@compiles(stages.Transaction)
def compile_transaction(stage: stages.Transaction, frame: Frame, context: Context) -> Frame:
    """One row a group of events: all their values, `duration`, `eventcount`, the time of the first event."""
    context.need_data(stage, _WHY)
    label = frame.stage
    time = frame.value("_time")
    names = expand(item_names(stage.fields), frame, keep_missing=True)
    names = [name for name in names if name in frame.schema.fields]
    if time is None or (stage.fields and not names):
        return frame.filter(exp.false())
    frame = frame.filter(sql("(:t IS NOT NULL)", t=time.node)).reorder(
        [ordered(as_number(value_of(frame, "_time")), descending=True)]
    )
    stored = context.materialize(_marked(stage, frame, context)).at(label)
    rows = take_rows(stage, numbered(stored), context, [_NUMBER, "_time", _START, _END, *names], _WHY)
    found = _collect(stage, context.deadline.over(rows), names)
    kept = [one for one in found if one.complete or stage.keep_evicted]
    orphans: list[_Open] = []
    if stage.keep_orphans:
        taken = {row for one in kept for row in one.rows}
        orphans = [_Open({}, [int(row[0])], row[1], row[1]) for row in rows if int(row[0]) not in taken]
    places = {
        row: (float(index), float(one.closed), 1.0 if index >= len(kept) else None)
        for index, one in enumerate([*kept, *orphans])
        for row in one.rows
    }
    marks = [Field(name, Type.NUMBER) for name in (_GROUP, _CLOSED, _ORPHAN)]
    grouped = put_beside(stored, marks, places, context)
    return _merged(stage, grouped.filter(sql("(:g IS NOT NULL)", g=value_of(grouped, _GROUP).node)))


def _marked(stage: stages.Transaction, frame: Frame, context: Context) -> Frame:
    """The rows with marks that tell whether each starts or ends a transaction."""

    def mark(predicate: Predicate | None) -> Value:
        if predicate is None:
            return number_value(sql("CAST(0 AS DOUBLE)"))
        condition = compile_predicate(predicate, frame, context)
        return number_value(sql("CASE WHEN :c THEN CAST(1 AS DOUBLE) ELSE CAST(0 AS DOUBLE) END", c=condition))

    return frame.assign({_START: mark(stage.starts_with), _END: mark(stage.ends_with)})


def _seconds(interval: stages.Interval | None) -> float | None:
    if interval is None or interval.amount < 0:
        return None
    seconds = SECONDS.get(interval.unit or "s")
    if seconds is None:
        raise Refusal(f"'{interval.text}' is no span of seconds to days", span=interval.span, code="RUN039")
    return seconds * interval.amount


def _collect(stage: stages.Transaction, rows: Iterable[Sequence[Any]], names: Sequence[str]) -> list[_Open]:
    """The transactions, newest first."""
    span, pause = _seconds(stage.max_span), _seconds(stage.max_pause)
    running = _Running(tuple(names), stage.connected)
    done: list[_Open] = []

    def close(one: _Open, *, started: bool = False, limited: bool = False) -> None:
        one.complete = one.ended and (started or stage.starts_with is None)
        one.closed = one.complete and (started or limited)
        one.open = False
        done.append(one)
        running.remove(one)

    for number, time, starts, ends, *values in rows:
        keys = {name: _items(value) for name, value in zip(names, values, strict=True) if value is not None}
        if names and not keys:
            continue
        one = running.matching(keys)
        if one is not None and (
            (span is not None and one.latest - time >= span > 0)
            or (pause is not None and one.earliest - time > pause)
            or (0 < stage.max_events <= len(one.rows))
        ):
            close(one, limited=True)
            one = None
        if ends and stage.ends_with is not None and one is not None:
            close(one)
            one = None
        if one is None:
            one = _Open({}, latest=time, earliest=time, ended=bool(ends) or stage.ends_with is None)
            running.add(one)
        one.rows.append(int(number))
        one.earliest = time
        running.extend(one, keys)
        if starts and stage.starts_with is not None:
            close(one, started=True)
    for one in running.all():
        close(one)
    done.sort(key=lambda one: (-one.earliest, one.rows[-1]))
    return done


def _items(value: Any) -> list[str]:
    return [spelt(item) for item in value] if isinstance(value, list) else [spelt(value)]


class _Running:
    """The open transactions, found by the values of all fields at once, or one after another."""

    def __init__(self, names: tuple[str, ...], connected: bool) -> None:
        self._names = names
        self._connected = connected
        self._open: dict[int, _Open] = {}
        self._by_key: dict[tuple[str, ...], _Open] = {}
        self._partial: dict[int, _Open] = {}

    def all(self) -> list[_Open]:
        return list(self._open.values())

    def add(self, one: _Open) -> None:
        self._open[id(one)] = one
        self._partial[id(one)] = one

    def remove(self, one: _Open) -> None:
        del self._open[id(one)]
        self._partial.pop(id(one), None)

    def extend(self, one: _Open, keys: dict[str, list[str]]) -> None:
        """Adds an event's values to a transaction."""
        for name, items in keys.items():
            one.keys.setdefault(name, set()).update(items)
        key = self._key(keys)
        if key is not None:
            self._by_key[key] = one
        if len(one.keys) == len(self._names) and all(len(held) == 1 for held in one.keys.values()):
            self._by_key[tuple(next(iter(one.keys[name])) for name in self._names)] = one
            self._partial.pop(id(one), None)
        else:
            self._partial[id(one)] = one

    def matching(self, keys: dict[str, list[str]]) -> _Open | None:
        """The transaction that an event belongs to: none of its fields differs, and (`connected`) one agrees."""
        if not self._names:
            return next(reversed(self._open.values()), None) if self._open else None
        key = self._key(keys)
        if key is None:
            return self._first(self._open, keys)
        known = self._by_key.get(key)
        return known if known is not None and known.open else self._first(self._partial, keys)

    def _key(self, keys: dict[str, list[str]]) -> tuple[str, ...] | None:
        """The value of every field, where the event has one of each."""
        if len(keys) < len(self._names) or any(len(items) != 1 for items in keys.values()):
            return None
        return tuple(keys[name][0] for name in self._names)

    def _first(self, among: dict[int, _Open], keys: dict[str, list[str]]) -> _Open | None:
        for one in reversed(among.values()):
            shared = [(items, one.keys[name]) for name, items in keys.items() if name in one.keys]
            if any(held.isdisjoint(items) for items, held in shared):
                continue
            if shared or not self._connected:
                return one
        return None


def _merged(stage: stages.Transaction, frame: Frame) -> Frame:
    """One row a transaction."""
    group = value_of(frame, _GROUP).node
    names = [name for name in frame.schema.names() if name not in {_GROUP, _CLOSED, _ORPHAN, _START, _END}]
    time = value_of(frame, "_time").node
    used = {ROW}
    columns: dict[str, exp.Expression | None] = {ROW: exp.cast(group.copy(), "BIGINT")}
    fields: dict[str, Column] = {}
    for name in names:
        entry = frame.schema.fields[name]
        physical = free_name(entry.physical, used)
        if name == "_time":
            columns[physical] = sql("min(:t)", t=time)
            fields[name] = Column(physical, Type.NUMBER)
            continue
        raw = name == "_raw" and not stage.multivalue_raw
        columns[physical] = _values(stage, name, entry.value(), raw=raw)
        delimiter = entry.delimiter if stage.delimiter is None else stage.delimiter
        fields[name] = Column(physical, Type.AUTO if raw else Type.MULTI, entry.mixed, delimiter=delimiter)
    orphan = sql("max(:o)", o=value_of(frame, _ORPHAN).node)
    extra = {
        "duration": sql("CASE WHEN :o IS NULL THEN max(:t) - min(:t) END", t=time, o=orphan),
        "eventcount": sql("CASE WHEN :o IS NULL THEN CAST(count(*) AS DOUBLE) END", o=orphan),
    }
    if stage.keep_orphans:
        extra["_txn_orphan"] = orphan
    if stage.keep_evicted:
        extra["closed_txn"] = sql("max(:c)", c=value_of(frame, _CLOSED).node)
    for name, node in extra.items():
        physical = free_name(name, used)
        columns[physical] = node
        fields[name] = Column(physical, Type.NUMBER)
    told, hidden = by_keys(frame, [group], used)
    body = frame.source().group_by(group.copy())
    return frame.then({**columns, **told}, Schema(fields, hidden), body, events=False).reorder([])


def _values(stage: stages.Transaction, name: str, value: Value, *, raw: bool) -> exp.Expression:
    """The values of a field in all events: the distinct ones in order, or (`mvlist`) every one, oldest event first."""
    newest_last = [exp.Ordered(this=column(ROW), desc=True)]
    if raw:
        return exp.GroupConcat(
            this=exp.Order(this=as_text(value), expressions=newest_last), separator=exp.Literal.string("\n")
        )
    node = value.node if value.type is Type.MULTI else as_text(value)
    listed = name in stage.multivalue_fields if stage.multivalue_fields else stage.multivalue_list
    if listed or name == "_raw":
        if value.type is Type.MULTI:
            return sql("spl_filled(flatten(:l))", l=call("list", exp.Order(this=node, expressions=newest_last)))
        filled = sql("COALESCE(:x, :n)", x=node, n=stage.null_string)
        return sql(
            "CASE WHEN count(:x) > 0 THEN :l END",
            x=node,
            l=call("list", exp.Order(this=filled, expressions=newest_last)),
        )
    if value.type is Type.MULTI:
        return sql("spl_filled(list_sort(list_distinct(flatten(list(:x) FILTER (WHERE :x IS NOT NULL)))))", x=node)
    return sql("spl_filled(list_sort(list(DISTINCT :x) FILTER (WHERE :x IS NOT NULL)))", x=node)


@compiles(stages.Concurrency)
def compile_concurrency(stage: stages.Concurrency, frame: Frame, context: Context) -> Frame:
    """How many events, itself included, were under way when each event started."""
    context.need_data(stage, _WHY)
    start, duration = frame.value(stage.start), frame.value(stage.duration)
    if start is None or duration is None:
        return frame.then(frame.passed())
    label = frame.stage
    timed = frame.assign({_START: number_value(as_number(start)), _END: number_value(as_number(duration))})
    stored = context.materialize(timed.reorder([])).at(label)
    rows = take_rows(stage, numbered(stored), context, [_NUMBER, _START, _END], _WHY)
    spans = sorted(
        (begin, length, int(number)) for number, begin, length in rows if begin is not None and length is not None
    )
    counts: dict[int, tuple[float]] = {}
    ends: list[float] = []
    index = 0
    while index < len(spans):
        begin = spans[index][0]
        while ends and ends[0] <= begin:
            heapq.heappop(ends)
        same = index
        while same < len(spans) and spans[same][0] == begin:
            heapq.heappush(ends, begin + spans[same][1])
            same += 1
        instant = sum(1 for _, length, _ in spans[index:same] if length <= 0)
        for _, length, number in spans[index:same]:
            # An event without length is under way at its own start only as far as it is itself.
            counts[number] = (float(len(ends) - (instant - 1 if length <= 0 else instant)),)
        index = same
    result = put_beside(stored, [Field(stage.output, Type.NUMBER)], counts, context)
    return result.choose([name for name in result.schema.names() if name not in {_START, _END}])
