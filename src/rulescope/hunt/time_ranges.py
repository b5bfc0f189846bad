"""Bounds of time that no event meets: most often relative ones (`earliest=-24h`) on logs of another day."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from rulescope import ir
from rulescope.analysis.stage_fields import stage_fields
from rulescope.engines.sql.context import Options
from rulescope.engines.sql.relational.moments import constant_moment
from rulescope.engines.sql.times import instant_of, zone
from rulescope.errors import Refusal
from rulescope.ir import stages
from rulescope.ir.times import WrittenTime
from rulescope.ir.walk import children, walk
from rulescope.knowledge.derivation import RawField
from rulescope.text import NO_SPAN, Diagnostic, Span

if TYPE_CHECKING:
    from rulescope.engines.duckdb.connection import Connection

CODE = "RUN110"
_LOWER = frozenset({"earliest", "starttime"})
_UPPER = frozenset({"latest", "endtime"})
_SIDES = {">": "earliest", ">=": "earliest", "<": "latest", "<=": "latest"}
_DAY = 86_400.0
_SHIFTS = 20
"""How often a time for `--now` is moved on, each time twice as far, until it is tried no more."""
_READ_EVENTS = (stages.TStats, stages.MetaSearch)
"""Stages that make rows out of events, and have a condition on these."""
_ROWS_SO_FAR = (stages.AppendPipe, stages.Foreach)
"""Stages whose inner pipeline starts from the rows at hand, whose times may be others than those of events."""


def event_times(connection: Connection, relation: str) -> tuple[float, float] | None:
    """The times of the oldest and the newest event of a relation; None where no event has a time."""
    # All rows are fetched: what is left of a result would be in the way of the next statement.
    ((first, last),) = connection.execute(f'SELECT min("_time"), max("_time") FROM "{relation}"').fetchall()
    return None if first is None else (first, last)


def has_range(pipeline: ir.Pipeline, options: Options) -> bool:
    """Whether the search, or a part of it, looks at a range of time only."""
    return options.earliest is not None or options.latest is not None or any(_bounds(pipeline))


def unmet_ranges(pipeline: ir.Pipeline, options: Options, times: tuple[float, float] | None) -> list[Diagnostic]:
    """A warning for each bound of time, of the whole search or written in it, that no event meets.

    `times` are those of the oldest and the newest event; None says that no event has a time.
    """
    found: dict[Diagnostic, None] = {}
    for name, at in (("earliest", options.earliest), ("latest", options.latest)):
        if at is not None and _beyond(name, at, times):
            text = f"dispatch.{name}_time" if options.scheduled else f"--{name}"
            bound = _Bound(name, text, NO_SPAN, _fixed(at), 0)
            found[_warning(bound, at, options, times, "unless --now gives another time")] = None
    bounds = list(_bounds(pipeline))
    for bound in bounds:
        at = bound.at(options)
        if at is None or not _beyond(bound.name, at, times):
            continue
        way_out = None
        if times is not None and times[1] < at and bound.at(replace(options, now=options.now + 400 * _DAY)) != at:
            together = [one for one in bounds if one.stage == bound.stage]
            now = _now_for(together, times[1], options)
            then = f": --now {_shown(now, options)} for these logs" if now is not None else ""
            way_out = f"unless --now gives another time{then}"
        found[_warning(bound, at, options, times, way_out)] = None
    return list(found)


class _Bound(NamedTuple):
    """A bound of time: `earliest` or `latest`, how it is written, when it is (None: open, or not constant), and which
    stage it stands in."""

    name: str
    text: str
    span: Span
    at: Callable[[Options], float | None]
    stage: int


def _fixed(at: float) -> Callable[[Options], float | None]:
    return lambda options: at


def _bounds(pipeline: ir.Pipeline) -> Iterator[_Bound]:
    """The bounds on the times of events, as long as a search has not made other times of them."""
    columns = _time_columns(pipeline)
    if not any(_bound(node, columns, 0) for node in walk(pipeline)):
        return
    skipped = {id(inner) for node in walk(pipeline) if isinstance(node, _ROWS_SO_FAR) for inner in children(node)}
    for inner in walk(pipeline):
        if isinstance(inner, ir.Pipeline) and id(inner) not in skipped:
            for stage in _stages_on_events(inner, {"_time", *columns}):
                yield from (found for node in _own_nodes(stage) if (found := _bound(node, columns, id(stage))))


def _stages_on_events(pipeline: ir.Pipeline, times: Collection[str]) -> Iterator[ir.Stage]:
    """The stages up to the first that gives rows other times than their events'."""
    for stage in pipeline.stages:
        if pipeline.generating and not isinstance(stage, _READ_EVENTS):
            return
        yield stage
        made = stage_fields(stage).writes
        named = isinstance(stage, stages.Command) and any(name in stage.text for name in times)
        if pipeline.generating or named or "*" in made or not set(times).isdisjoint(made):
            return


def _own_nodes(stage: ir.Stage) -> Iterator[object]:
    """The nodes of a stage, those of pipelines inside it left out."""
    waiting: list[object] = [stage]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(child for child in reversed(list(children(node))) if not isinstance(child, ir.Pipeline))


def _bound(node: object, columns: Collection[str], stage: int) -> _Bound | None:
    if isinstance(node, ir.TimeBound) and node.name.lower() in _LOWER | _UPPER:
        name = "earliest" if node.name.lower() in _LOWER else "latest"
        return _Bound(name, f"{node.name}={node.at.text}", node.span, partial(_written, node.at), stage)
    if isinstance(node, ir.Test) and isinstance(node.expression, ir.Binary):
        left, right = node.expression.left, node.expression.right
        name = _SIDES.get(node.expression.operator, "")
        if not name or not isinstance(left, ir.FieldReference) or left.name not in columns:
            return None
        if isinstance(right, ir.Call | ir.Operation):
            called = right.name if isinstance(right, ir.Operation) else right.written or right.function
            text = f"{left.name} {node.expression.operator} {called}(…)"
            return _Bound(name, text, node.span, partial(constant_moment, right), stage)
    return None


def _now_for(bounds: Sequence[_Bound], newest: float, options: Options) -> float | None:
    """A clock by which the newest event meets all of these bounds; None where none is found."""
    # The upper bound of a range is exclusive: a second later, `latest=now` takes the newest event in.
    now = float(math.floor(newest) + 1)
    for step in range(_SHIFTS):
        clock = replace(options, now=now)
        ends = [at for one in bounds if one.name == "latest" and (at := one.at(clock)) is not None and at <= newest]
        if not ends:
            begins = [at for one in bounds if one.name == "earliest" and (at := one.at(clock)) is not None]
            return now if all(at <= newest for at in begins) else None
        # Ends that are cut to whole hours or days don't move with every second.
        now += max(math.floor(newest - min(ends)) + 1, 2**step)
    return None


def _written(time: WrittenTime, options: Options) -> float | None:
    try:
        return instant_of(time, options)
    except Refusal:
        return None


def _time_columns(pipeline: ir.Pipeline) -> frozenset[str]:
    """The columns of the pipeline's tables that hold the time of the event."""
    time = RawField("_time")
    return frozenset(
        column.name
        for node in walk(pipeline)
        if isinstance(node, stages.TableRows)
        for column in node.columns
        if any(rule.form == time for rule in column.rules)
    )


def _beyond(name: str, at: float, times: tuple[float, float] | None) -> bool:
    return times is None or (times[1] < at if name == "earliest" else times[0] >= at)


def _warning(
    bound: _Bound, at: float, options: Options, times: tuple[float, float] | None, way_out: str | None
) -> Diagnostic:
    """That no event meets the bound; `way_out` says what relative times count from, where it is one of these."""
    if times is None:
        return Diagnostic(CODE, f"no event meets '{bound.text}': none has a time", bound.span, "warning")
    hint = None
    if times[1] < at:
        ends = f"it begins at {_shown(at, options)}, and the newest event is of {_shown(times[1], options)}"
        hint = f"relative times count from the clock, {way_out}" if way_out else None
    else:
        ends = f"it ends at {_shown(at, options)}, and the oldest event is of {_shown(times[0], options)}"
    return Diagnostic(CODE, f"no event meets '{bound.text}': {ends}", bound.span, "warning", hint)


def _shown(at: float, options: Options) -> str:
    """A time in the form that `--now` takes, in the search's time zone."""
    try:
        return datetime.fromtimestamp(at, zone(options.time_zone)).strftime("%Y-%m-%dT%H:%M:%S")
    except (OverflowError, ValueError, OSError):
        return f"{at:.0f}"
