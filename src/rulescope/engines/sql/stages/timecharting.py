"""`timechart`: one row an interval of time, those without events included.

Facts: Splunk, Search Reference, "timechart": 100 intervals at most where no span is given, the round spans they are
chosen from, empty intervals, `fixedrange`, `partial`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from rulescope.engines.sql.aggregates import expand_aggregates
from rulescope.engines.sql.build import sql
from rulescope.engines.sql.context import Context
from rulescope.engines.sql.frame import Frame
from rulescope.engines.sql.stages.binning import SECONDS, time_bin
from rulescope.engines.sql.stages.charting import Splitting, series_table
from rulescope.engines.sql.stages.grouping import group
from rulescope.engines.sql.stages.held_rows import Field, fields_of, put_rows, take_rows
from rulescope.engines.sql.stages.merging import value_of
from rulescope.engines.sql.stages.registry import compiles
from rulescope.engines.sql.times import shift, snap_to, zone
from rulescope.engines.sql.values import Type, Value, as_number
from rulescope.errors import Refusal
from rulescope.ir import stages as kinds
from rulescope.ir.stages import Aggregate, Interval

_WHY = "its rows are the intervals between the first and the last event"
_BINS = 100
_MAXIMUM_INTERVALS = 50_000
_SPANS = (1, 5, 10, 30, 60, 300, 600, 1800, 3600, 86400, 2_592_000)
_MONTHS = frozenset({"mon", "q", "y"})


@compiles(kinds.TimeChart)
def compile_timechart(stage: kinds.TimeChart, frame: Frame, context: Context) -> Frame:
    """The results of each interval; a column a value of the BY field."""
    context.need_data(stage, _WHY)
    time = frame.value("_time")
    aggregates = expand_aggregates(stage.aggregates, ["_time", *([stage.by.field] if stage.by else [])], frame)
    if time is None:
        return put_rows(frame, [Field("_time", Type.NUMBER)], [], context)
    label = frame.stage
    frame = context.materialize(frame).at(label)
    time = value_of(frame, "_time")
    interval = stage.interval or _chosen(stage, frame, time, context)
    seconds = SECONDS.get(interval.unit or "s")
    width = None if seconds is None else seconds * (interval.amount or 1)
    frame = frame.assign({"_time": time_bin(time, interval, context)})
    if stage.by is None:
        fields, rows, empty = _plain(stage, aggregates, frame, context, width or _month_seconds(interval))
    else:
        layout = Splitting(
            tuple(aggregates),
            "_time",
            stage.by,
            stage.series,
            stage.separator,
            stage.format,
            stage.where,
            width or _month_seconds(interval),
        )
        table = series_table(stage, layout, frame, context)
        fields, rows, empty = table.fields, table.rows, table.empty
    times = sorted(rows)
    if stage.continuous:
        times = list(_filled(stage, times, interval, context))
    return put_rows(frame, fields, [[at, *rows.get(at, empty)] for at in times], context)


def _month_seconds(interval: Interval) -> float:
    return {"mon": 30.0, "q": 91.0, "y": 365.0}.get(interval.unit, 0.0) * 86400.0 * (interval.amount or 1)


def _plain(
    stage: kinds.TimeChart, aggregates: list[Aggregate], frame: Frame, context: Context, width: float
) -> tuple[list[Field], dict[Any, list[Any]], list[Any]]:
    grouped = group(frame, aggregates, ["_time"], context, span_seconds=width)
    names = list(grouped.schema.names())
    rows = {row[0]: list(row[1:]) for row in take_rows(stage, grouped, context, names, _WHY)}
    zero = {"count", "dc", "estdc", "distinct_count"}
    by_name = {aggregate.result_name: aggregate for aggregate in aggregates}
    empty = [0.0 if by_name[name].function in zero else None for name in names[1:]]
    return fields_of(grouped, names), rows, empty


def _chosen(stage: kinds.TimeChart, frame: Frame, time: Value, context: Context) -> Interval:
    """The narrowest round interval that gives at most `bins` intervals over the range of the search, or the events."""
    options = context.options
    node = as_number(time)
    assert context.executor is not None
    query = frame.source().select(sql("min(:x)", x=node), sql("max(:x)", x=node))
    low, high = context.executor.fetch(frame.program.assemble(query))[0]
    if options.earliest is not None and stage.fixed_range:
        low = options.earliest
    if options.latest is not None and stage.fixed_range:
        high = options.latest
    range_seconds = 0.0 if low is None or high is None else max(high - low, 0.0)
    least = 0.0
    if stage.minimum_interval is not None:
        least = SECONDS.get(stage.minimum_interval.unit or "s", 2_592_000.0) * stage.minimum_interval.amount
    bins = stage.bins or _BINS
    for seconds in _SPANS:
        if seconds >= least and range_seconds / seconds <= bins:
            return (
                Interval("1mon", 1.0, "mon") if seconds == _SPANS[-1] else Interval(f"{seconds}s", float(seconds), "s")
            )
    return Interval("1mon", 1.0, "mon") if range_seconds / 2_592_000 <= bins else Interval("1y", 1.0, "y")


def _filled(stage: kinds.TimeChart, times: list[float], interval: Interval, context: Context) -> Iterator[float]:
    """Every interval from the first to the last, or over the whole range of the search where that is given."""
    options = context.options
    first = times[0] if times else None
    last = times[-1] if times else None
    if stage.fixed_range and options.earliest is not None and options.latest is not None:
        first = _start(options.earliest, interval, context)
        last = _start(options.latest - 1e-6, interval, context)
    if first is None or last is None:
        return
    place = zone(options.time_zone)
    known = set(times)
    unit, amount = interval.unit or "s", interval.amount or 1
    at, number = first, 0
    while at <= last:
        known.add(at)
        number += 1
        if number > _MAXIMUM_INTERVALS:
            raise Refusal(
                f"timechart makes at most {_MAXIMUM_INTERVALS} intervals",
                span=stage.span,
                code="RUN021",
                hint="take a wider span",
            )
        if unit in _MONTHS or unit in {"d", "w"}:
            at = shift(datetime.fromtimestamp(first, place), unit, int(amount * number)).timestamp()
        else:
            at = first + number * SECONDS[unit] * amount
    yield from sorted(known)


def _start(epoch: float, interval: Interval, context: Context) -> float:
    """The start of the interval that an instant lies in, as `time_bin` has it."""
    place = zone(context.options.time_zone)
    amount = interval.amount or 1
    moment = datetime.fromtimestamp(epoch, place)
    if interval.unit in _MONTHS:
        months = int({"mon": 1, "q": 3, "y": 12}[interval.unit] * amount)
        index = (moment.year * 12 + moment.month - 1) // months * months
        return snap_to(moment, "mon").replace(year=index // 12, month=index % 12 + 1).timestamp()
    width = SECONDS[interval.unit or "s"] * amount
    offset = 0.0 if width < 3600 else (moment.utcoffset().total_seconds() if moment.utcoffset() else 0.0)  # type: ignore[union-attr]
    return float((epoch + offset) // width * width - offset)
