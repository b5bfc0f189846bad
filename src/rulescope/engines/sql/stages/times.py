"""Stages that make times: `gentimes`, `makecontinuous`, `reltime`, `localize`.

Facts: Splunk, Search Reference, pages of these names.
"""

from __future__ import annotations

from datetime import datetime

from sqlglot import exp

from rulescope.engines.sql.build import cases, sql
from rulescope.engines.sql.context import Context
from rulescope.engines.sql.dialect import compiles, compiles_command
from rulescope.engines.sql.frame import Frame, ordered
from rulescope.engines.sql.stages.binning import SECONDS, chosen_interval, time_bin
from rulescope.engines.sql.stages.filtering import sort_nodes
from rulescope.engines.sql.stages.held_rows import Field, put_rows, take_rows
from rulescope.engines.sql.stages.merging import stack, value_of
from rulescope.engines.sql.times import instant_of, shift, snap_to, zone
from rulescope.engines.sql.values import Type, as_number, auto_value, number_value
from rulescope.errors import Refusal
from rulescope.ir import stages
from rulescope.ir.stages import Interval
from rulescope.ir.times import WrittenTime

_MAXIMUM = 100_000
_WHY = "which intervals are missing depends on the rows"
_REGIONS = "its rows follow from the times of the events"
_UNITS = ((31_536_000, "year"), (2_592_000, "month"), (604_800, "week"), (86_400, "day"), (3_600, "hour"))


@compiles(stages.GenTimes)
def compile_gentimes(stage: stages.GenTimes, frame: Frame, context: Context) -> Frame:
    """One row an interval from the start up to the end: its first and last second, as numbers and as text."""
    place = zone(context.options.time_zone)
    midnight = snap_to(datetime.fromtimestamp(context.options.now, place), "d")

    def instant(time: WrittenTime) -> datetime:
        at = instant_of(time, context.options, stage.span)
        return midnight if at is None else datetime.fromtimestamp(at, place)

    start = instant(stage.start)
    end = instant(stage.end) if stage.end is not None else midnight
    step = stage.increment or Interval("1d", 1.0, "d")
    unit = step.unit or "s"
    if unit not in {"s", "m", "h", "d"} or step.amount < 1:
        raise Refusal(f"gentimes can't count in '{step.text}'", span=stage.span, code="RUN039")
    rows: list[list[float | str]] = []
    number, at = 0, start
    while at < end:
        number += 1
        if number > _MAXIMUM:
            raise Refusal(f"gentimes makes at most {_MAXIMUM} rows", span=stage.span, code="RUN021")
        following = shift(start, unit, int(step.amount) * number)
        last = datetime.fromtimestamp(following.timestamp() - 1, place)
        rows.append([last.timestamp(), _human(last), at.timestamp(), _human(at)])
        at = following
    fields = [Field("endtime", Type.NUMBER), Field("endhuman"), Field("starttime", Type.NUMBER), Field("starthuman")]
    return put_rows(frame, fields, rows, context)


def _human(moment: datetime) -> str:
    return f"{moment:%a %b} {moment.day:2d} {moment:%H:%M:%S %Y}"


@compiles(stages.MakeContinuous)
def compile_makecontinuous(stage: stages.MakeContinuous, frame: Frame, context: Context) -> Frame:
    """The rows with the field put into intervals, and a row for every interval in between that has none."""
    context.need_data(stage, _WHY)
    value = frame.value(stage.field)
    if value is None:
        return frame.then(frame.passed())
    label = frame.stage
    is_time = stage.field == "_time"
    interval = stage.interval or chosen_interval(
        stages.Bucket(stage.field, None, stage.bins, start=stage.start, end=stage.end), frame, context, is_time
    )
    if interval is None:
        return frame.then(frame.passed())
    if is_time or interval.unit:
        width = SECONDS.get(interval.unit or "s", 0.0) * (interval.amount or 1)
        start = time_bin(value, interval, context)
    else:
        width = interval.amount
        start = number_value(sql("floor(:x / :w) * :w", x=as_number(value), w=float(width)))
    if width <= 0:
        raise Refusal(f"makecontinuous can't count in '{interval.text}'", span=stage.span, code="RUN039")
    stored = context.materialize(frame.assign({stage.field: start})).at(label)
    assert context.executor is not None
    there = {row[0] for row in take_rows(stage, stored, context, [stage.field], _WHY) if row[0] is not None}
    if not there:
        return stored
    low = min(there) if stage.start is None else stage.start // width * width
    high = max(there) if stage.end is None else stage.end
    steps = int((high - low) // width) + 1
    if steps > _MAXIMUM:
        raise Refusal(f"makecontinuous makes at most {_MAXIMUM} rows", span=stage.span, code="RUN021")
    added = [[low + index * width] for index in range(steps) if low + index * width not in there]
    rows = put_rows(stored.at(f"{label}_added"), [Field(stage.field, Type.NUMBER)], added, context)
    joined = stack([stored, rows], label)
    return joined.reorder([ordered(part) for part in sort_nodes(value_of(joined, stage.field))])


@compiles(stages.RelTime)
def compile_reltime(stage: stages.RelTime, frame: Frame, context: Context) -> Frame:
    """How long before the search a time was, in words: `2 days ago`."""
    value = frame.value(stage.time_field)
    target = "reltime" if stage.time_field == "_time" and not stage.prefix else f"{stage.prefix}{stage.time_field}"
    if stage.prefix and stage.time_field == "_time":
        target = f"{stage.prefix}reltime"
    if value is None:
        return frame.then(frame.passed())
    age = sql(":n - :t", n=float(context.options.now), t=as_number(value))
    branches: list[tuple[exp.Expression, exp.Expression]] = []
    for seconds, name in (*_UNITS, (60, "minute"), (1, "second")):
        many = sql("CAST(floor((:a) / :s) AS BIGINT)", a=age, s=float(seconds))
        words = sql(
            "CAST(:m AS VARCHAR) || CASE WHEN :m = 1 THEN :one ELSE :more END",
            m=many,
            one=f" {name} ago",
            more=f" {name}s ago",
        )
        branches.append((sql("(:a) >= :s", a=age, s=float(seconds)), words))
    branches.append((sql("(:a) >= 0", a=age), exp.Literal.string("now")))
    return frame.assign({target: auto_value(cases(branches, None))})


@compiles_command("localize")
def compile_localize(stage: stages.Command, frame: Frame, context: Context) -> Frame:
    """The stretches of time in which events follow one another within `maxpause`, widened, the latest first."""
    time = frame.value("_time")
    fields = [Field("starttime", Type.NUMBER), Field("endtime", Type.NUMBER)]
    context.need_data(stage, _REGIONS)
    if time is None:
        return put_rows(frame, fields, [], context)
    pause, after, before = (
        _seconds(stage.option(name), seconds)
        for name, seconds in (("maxpause", 60), ("timeafter", 30), ("timebefore", 30))
    )
    times = sorted(row[0] for row in take_rows(stage, frame, context, ["_time"], _REGIONS) if row[0] is not None)
    regions: list[list[float]] = []
    for at in times:
        if regions and at - regions[-1][1] <= pause:
            regions[-1][1] = at
        else:
            regions.append([at, at])
    return put_rows(frame, fields, [[start - before, end + after] for start, end in reversed(regions)], context)


def _seconds(given: object, default: float) -> float:
    if not isinstance(given, Interval):
        return float(default)
    return SECONDS.get(given.unit or "s", 1.0) * given.amount
