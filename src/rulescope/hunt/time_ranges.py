"""Time ranges in which no event lies: most often relative ones (`earliest=-24h`) on logs of another day."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from rulescope import ir
from rulescope.engines.sql.context import Options
from rulescope.engines.sql.relational import TableRows
from rulescope.engines.sql.relational.moments import constant_moment
from rulescope.engines.sql.times import parse_time, zone
from rulescope.errors import Refusal
from rulescope.ir.walk import walk
from rulescope.knowledge.derivation import RawField
from rulescope.text import NO_SPAN, Diagnostic, Span

if TYPE_CHECKING:
    import duckdb

CODE = "RUN110"
_LOWER = frozenset({"earliest", "starttime"})
_UPPER = frozenset({"latest", "endtime"})
_SIDES = {">": "earliest", ">=": "earliest", "<": "latest", "<=": "latest"}
_DAY = 86_400.0


def event_times(connection: duckdb.DuckDBPyConnection, relation: str) -> tuple[float, float] | None:
    """The times of the oldest and the newest event of a relation; None where no event has a time."""
    # All rows are fetched: what is left of a result would be in the way of the next statement.
    ((first, last),) = connection.execute(f'SELECT min("_time"), max("_time") FROM "{relation}"').fetchall()
    return None if first is None else (first, last)


def has_range(pipeline: ir.Pipeline, options: Options) -> bool:
    """Whether the search, or a part of it, looks at a range of time only."""
    return options.earliest is not None or options.latest is not None or any(_bounds(pipeline))


def unmet_ranges(pipeline: ir.Pipeline, options: Options, times: tuple[float, float] | None) -> list[Diagnostic]:
    """A warning for each bound of time, of the whole search or written in it, that all events lie beyond.

    `times` are those of the oldest and the newest event; None says that no event has a time.
    """
    found: dict[Diagnostic, None] = {}
    for name, at in (("earliest", options.earliest), ("latest", options.latest)):
        if at is not None and _beyond(name, at, times):
            found[_warning(f"--{name}", at, options, times, NO_SPAN, relative=True)] = None
    for bound in _bounds(pipeline):
        at, later = bound.at(options), bound.at(replace(options, now=options.now + 400 * _DAY))
        if at is not None and _beyond(bound.name, at, times):
            found[_warning(bound.text, at, options, times, bound.span, relative=later != at)] = None
    return list(found)


class _Bound(NamedTuple):
    """A bound of time: `earliest` or `latest`, how it is written, and when it is (None: open, or not constant)."""

    name: str
    text: str
    span: Span
    at: Callable[[Options], float | None]


def _bounds(pipeline: ir.Pipeline) -> Iterator[_Bound]:
    columns = _time_columns(pipeline)
    for node in walk(pipeline):
        if isinstance(node, ir.TimeBound) and node.name.lower() in _LOWER | _UPPER:
            name = "earliest" if node.name.lower() in _LOWER else "latest"
            yield _Bound(name, f"{node.name}={node.value}", node.span, partial(_written, node.value))
        elif isinstance(node, ir.Test) and isinstance(node.expression, ir.Binary):
            left, right = node.expression.left, node.expression.right
            name = _SIDES.get(node.expression.operator, "")
            if name and isinstance(left, ir.FieldReference) and left.name in columns and isinstance(right, ir.Call):
                text = f"{left.name} {node.expression.operator} {right.function}(…)"
                yield _Bound(name, text, node.span, partial(constant_moment, right))


def _written(value: str, options: Options) -> float | None:
    try:
        return parse_time(value, options)
    except Refusal:
        return None


def _time_columns(pipeline: ir.Pipeline) -> frozenset[str]:
    """The columns of the pipeline's tables that hold the time of the event."""
    time = RawField("_time")
    return frozenset(
        column.name
        for node in walk(pipeline)
        if isinstance(node, TableRows)
        for column in node.columns
        if any(rule.form == time for rule in column.rules)
    )


def _beyond(name: str, at: float, times: tuple[float, float] | None) -> bool:
    return times is None or (times[1] < at if name == "earliest" else times[0] >= at)


def _warning(
    text: str, at: float, options: Options, times: tuple[float, float] | None, span: Span, *, relative: bool
) -> Diagnostic:
    if times is None:
        return Diagnostic(CODE, f"'{text}' leaves out every event: none has a time", span, "warning")
    hint = None
    if times[1] < at:
        ends = f"begins at {_shown(at, options)}, and the newest event is of {_shown(times[1], options)}"
        if relative:
            # The upper bound of a range is exclusive: a second later, `latest=now` takes the newest event in.
            then = _shown(math.floor(times[1]) + 1, options)
            hint = f"relative times count from the clock, unless --now gives another time: --now {then} for these logs"
    else:
        ends = f"ends at {_shown(at, options)}, and the oldest event is of {_shown(times[0], options)}"
    message = f"no event lies in the range of '{text}': it {ends}"
    return Diagnostic(CODE, message, span, "warning", hint)


def _shown(at: float, options: Options) -> str:
    """A time in the form that `--now` takes, in the search's time zone."""
    try:
        return datetime.fromtimestamp(at, zone(options.time_zone)).strftime("%Y-%m-%dT%H:%M:%S")
    except (OverflowError, ValueError, OSError):
        return f"{at:.0f}"
