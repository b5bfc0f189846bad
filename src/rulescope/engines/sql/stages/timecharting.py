"""`timechart`: one row an interval of time, those without events included.

Facts: Splunk, Search Reference, "timechart": 100 intervals at most where no span is given, the round spans they are
chosen from, empty intervals, `fixedrange`, `partial`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from rulescope.engines.sql.aggregate_wildcards import expand_aggregates
from rulescope.engines.sql.build import sql
from rulescope.engines.sql.context import Context, Options
from rulescope.engines.sql.dialect import compiles
from rulescope.engines.sql.frame import Frame
from rulescope.engines.sql.stages.binning import SECONDS, TIME_SPANS, alignment, chosen_span, time_bin, week_start
from rulescope.engines.sql.stages.charting import SeriesTable, Splitting, put_series, series_table
from rulescope.engines.sql.stages.grouping import group
from rulescope.engines.sql.stages.held_rows import Field, bounded, fields_of, put_rows, take_rows
from rulescope.engines.sql.stages.merging import value_of
from rulescope.engines.sql.times import shift, snap_to, zone
from rulescope.engines.sql.values import Type, Value, as_number
from rulescope.errors import Refusal
from rulescope.ir import stages
from rulescope.ir.stages import Aggregate, Interval

_WHY = "its rows are the intervals between the first and the last event"
_BINS = 100
_MAXIMUM_INTERVALS = 50_000
_MONTHS = frozenset({"mon", "q", "y"})


@compiles(stages.TimeChart)
def compile_timechart(stage: stages.TimeChart, frame: Frame, context: Context) -> Frame:
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
    origin = alignment(stage, interval, context)
    frame = frame.assign({"_time": time_bin(time, interval, context, origin)})
    if stage.by is None:
        table = _plain(stage, aggregates, frame, context, width or _month_seconds(interval))
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
    times = sorted(table.rows)
    if stage.continuous:
        times = list(_filled(stage, times, interval, context, origin or 0.0))
    if not stage.partial:
        times = [at for at in times if _whole(at, interval, context)]
    bounded(stage, len(times), len(table.fields))
    return put_series(frame, table, [[at, *table.rows.get(at, table.empty)] for at in times], context)


def _month_seconds(interval: Interval) -> float:
    return {"mon": 30.0, "q": 91.0, "y": 365.0}.get(interval.unit, 0.0) * 86400.0 * (interval.amount or 1)


def _plain(
    stage: stages.TimeChart, aggregates: list[Aggregate], frame: Frame, context: Context, width: float
) -> SeriesTable:
    grouped = group(frame, aggregates, ["_time"], context, span_seconds=width)
    names = list(grouped.schema.names())
    rows = {row[0]: list(row[1:]) for row in take_rows(stage, grouped, context, names, _WHY)}
    zero = {"count", "dc", "estdc", "distinct_count"}
    by_name = {aggregate.result_name: aggregate for aggregate in aggregates}
    empty = [0.0 if by_name[name].function in zero else None for name in names[1:]]
    return SeriesTable(fields_of(grouped, names), rows, empty, grouped)


def _chosen(stage: stages.TimeChart, frame: Frame, time: Value, context: Context) -> Interval:
    """The narrowest round interval that gives at most `bins` intervals over the range of the search, or the events."""
    earliest, latest = context.time_range if stage.fixed_range else (None, None)
    node = as_number(time)
    assert context.executor is not None
    query = frame.source().select(sql("min(:x)", x=node), sql("max(:x)", x=node))
    low, high = context.executor.fetch(frame.program.assemble(query))[0]
    low = low if earliest is None else earliest
    high = high if latest is None else latest
    seconds = 0.0 if low is None or high is None else max(high - low, 0.0)
    chosen = chosen_span(seconds, stage.bins or _BINS, stage.minimum_interval)
    return chosen if seconds / TIME_SPANS[-1] <= (stage.bins or _BINS) else Interval("1y", 1.0, "y")


def _whole(at: float, interval: Interval, context: Context) -> bool:
    """Whether the interval that begins at an instant lies within the range of the search, as far as that is known."""
    earliest, latest = context.time_range
    if earliest is not None and at < earliest:
        return False
    return latest is None or _after(at, interval, 1, context.options) <= latest


def _after(at: float, interval: Interval, count: int, options: Options) -> float:
    """The start of the interval so many after the one that begins at an instant."""
    unit, amount = interval.unit or "s", interval.amount or 1
    if unit in _MONTHS or unit in {"d", "w"}:
        return shift(datetime.fromtimestamp(at, zone(options.time_zone)), unit, int(amount * count)).timestamp()
    return at + count * SECONDS[unit] * amount


def _filled(
    stage: stages.TimeChart, times: list[float], interval: Interval, context: Context, origin: float
) -> Iterator[float]:
    """Every interval from the first to the last, or over the whole range of the search where that is given."""
    earliest, latest = context.time_range
    first = times[0] if times else None
    last = times[-1] if times else None
    if stage.fixed_range and earliest is not None and latest is not None:
        first = _start(earliest, interval, context, origin)
        last = _start(latest - 1e-6, interval, context, origin)
    if first is None or last is None:
        return
    known = set(times)
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
        at = _after(first, interval, number, context.options)
    yield from sorted(known)


def _start(epoch: float, interval: Interval, context: Context, origin: float) -> float:
    """The start of the interval that an instant lies in, as `time_bin` has it."""
    place = zone(context.options.time_zone)
    amount = interval.amount or 1
    moment = datetime.fromtimestamp(epoch, place)
    if interval.unit in _MONTHS:
        months = int({"mon": 1, "q": 3, "y": 12}[interval.unit] * amount)
        index = (moment.year * 12 + moment.month - 1) // months * months
        return snap_to(moment, "mon").replace(year=index // 12, month=index % 12 + 1).timestamp()
    width = SECONDS[interval.unit or "s"] * amount
    local = moment.utcoffset()
    offset = -origin if origin else -week_start(interval)
    if not origin and width >= 3600 and local is not None:
        offset += local.total_seconds()
    return float((epoch + offset) // width * width - offset)
