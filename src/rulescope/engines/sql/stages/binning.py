"""`bin`: numbers and times into intervals."""

from __future__ import annotations

import math

from sqlglot import exp

from rulescope.engines.sql.build import bound, integer, sql
from rulescope.engines.sql.context import Context
from rulescope.engines.sql.dialect import compiles
from rulescope.engines.sql.frame import Frame
from rulescope.engines.sql.times import instant_of
from rulescope.engines.sql.values import Type, Value, as_number, auto_value, choice, each, number_value
from rulescope.errors import Refusal
from rulescope.ir import stages
from rulescope.ir.times import RangeEdge

SECONDS = {
    "us": 1e-6,
    "ms": 1e-3,
    "cs": 1e-2,
    "ds": 1e-1,
    "s": 1.0,
    "m": 60.0,
    "h": 3600.0,
    "d": 86400.0,
    "w": 604800.0,
}
_MONTHS = {"mon": 1, "q": 3, "y": 12}
_CLOCK_UNITS = frozenset({"", "us", "ms", "cs", "ds", "s", "m", "h"})
_DEFAULT_BINS = 100
TIME_SPANS = (1.0, 5.0, 10.0, 30.0, 60.0, 300.0, 600.0, 1800.0, 3600.0, 86400.0, 2592000.0)
"""The spans of time that are chosen from where none is given; the last stands for a month."""
_FIRST_SUNDAY = 3 * 86400.0
"""The Sunday after the start of Unix time, a Thursday."""


@compiles(stages.Bucket)
def compile_bucket(stage: stages.Bucket, frame: Frame, context: Context) -> Frame:
    """Each value as the start of its interval: `_time` as a time, other numbers as `low-high`."""
    value = frame.value(stage.field)
    if value is None:
        return frame.then(frame.passed())
    target = stage.alias or stage.field
    is_time = stage.field == "_time"
    interval = stage.interval
    if interval is None:
        interval = chosen_interval(stage, frame, context, is_time)
        if interval is None:
            return frame.assign({target: value})
    if is_time or (interval.unit and interval.unit != "log"):
        origin = alignment(stage, interval, context)
        binned = time_bin(value, interval, context, origin)
        if value.type is not Type.NUMBER and value.type is not Type.MULTI:
            # What is no number stays as it is.
            binned = choice(
                [binned, value],
                lambda nodes: sql(
                    "CASE WHEN :x IS NULL THEN :v ELSE :b END", x=as_number(value), b=nodes[0], v=nodes[1]
                ),
            )
        return frame.assign({target: binned})
    return frame.assign({target: number_bin(value, interval)})


def alignment(stage: stages.Bucket | stages.TimeChart, interval: stages.Interval, context: Context) -> float | None:
    """The instant that `aligntime` names, None where intervals begin as they do without it."""
    aligned = stage.align_time
    if aligned is None or interval.unit not in _CLOCK_UNITS:
        return None
    if isinstance(aligned.value, RangeEdge):
        earliest, latest = context.time_range
        if not aligned.value.last:
            return earliest
        return context.options.now if latest is None else latest
    return instant_of(aligned, context.options, stage.span)


def week_start(interval: stages.Interval) -> float:
    """How far into a span, counted from the start of Unix time, weeks begin: `1w@w1` is on Mondays."""
    snap = interval.snap
    if snap is None or snap.unit == interval.unit != "w":
        return 0.0
    if not snap.unit == interval.unit == "w":
        raise Refusal(f"'{interval.text}' is no span of time", span=interval.span, code="RUN039")
    return _FIRST_SUNDAY + snap.weekday % 7 * 86400.0


def time_bin(value: Value, interval: stages.Interval, context: Context, origin: float | None = None) -> Value:
    """The start of the interval that a time lies in, in the time zone of the search."""
    zone = context.options.time_zone
    amount = interval.amount or 1
    offset = week_start(interval)
    time = as_number(value)
    if interval.unit in _MONTHS:
        months = int(_MONTHS[interval.unit] * amount)
        node = sql(
            "epoch(timezone(:z, make_timestamp(CAST((:k // :n * :n) // 12 AS BIGINT),"
            " CAST((:k // :n * :n) % 12 + 1 AS BIGINT), 1, 0, 0, 0.0)))",
            z=zone,
            k=_month_index(time, zone),
            n=integer(months),
        )
        return number_value(node)
    seconds = SECONDS.get(interval.unit or "s")
    if seconds is None:
        raise Refusal(f"'{interval.text}' is no span of time", span=interval.span, code="RUN039")
    width = seconds * amount
    if origin is not None:
        return number_value(sql("floor((:t - :o) / :w) * :w + :o", t=time, o=origin, w=width))
    if width < 1:
        # Fractions of a second: count in whole intervals a second, which division by the fraction would blur.
        per_second = round(1 / width)
        return number_value(sql("floor(:t * :n) / :n", t=time, n=float(per_second)))
    if zone.upper() == "UTC" or width < 3600:
        if offset:
            return number_value(sql("floor((:t - :o) / :w) * :w + :o", t=time, o=offset, w=width))
        return number_value(sql("floor(:t / :w) * :w", t=time, w=width))
    return number_value(
        bound(
            time,
            lambda t: sql(
                "epoch(timezone(:z, make_timestamp(CAST("
                "(floor((epoch(timezone(:z, to_timestamp(:t))) - :o) / :w) * :w + :o) * 1000000 AS BIGINT))))",
                z=zone,
                t=t,
                o=offset,
                w=width,
            ),
        )
    )


def _month_index(time: exp.Expression, zone: str) -> exp.Expression:
    local = sql("timezone(:z, to_timestamp(:t))", z=zone, t=time)
    return sql("(year(:l) * 12 + month(:l) - 1)", l=local)


def number_bin(value: Value, interval: stages.Interval) -> Value:
    """`low-high` of the interval that a number lies in; text stays; each of several values is put into its own."""
    if value.type is Type.NUMBER:
        return auto_value(_number_bin(value.node, interval, exp.cast(exp.Null(), "VARCHAR")))
    binned = each(value, lambda text: _number_bin(sql("spl_number(:x)", x=text), interval, text))
    return binned if binned.type is Type.MULTI else auto_value(binned.node)


def _number_bin(node: exp.Expression, interval: stages.Interval, otherwise: exp.Expression) -> exp.Expression:
    if interval.unit == "log":
        base = interval.base or 10.0
        low = sql(
            "CASE WHEN :x > 0 THEN :a * pow(:b, floor(ln(:x / :a) / ln(:b) + 0.000000001)) END",
            x=node,
            a=interval.amount or 1.0,
            b=base,
        )
        high = sql(":l * :b", l=low, b=base)
    else:
        width = interval.amount
        if width <= 0:
            raise Refusal("a span must be larger than 0", span=interval.span, code="RUN039")
        low = sql("floor(:x / :w) * :w", x=node, w=float(width))
        high = sql(":l + :w", l=low, w=float(width))
    return sql(
        "CASE WHEN :x IS NOT NULL THEN spl_text(:l) || '-' || spl_text(:h) ELSE :o END",
        x=node,
        l=low,
        h=high,
        o=otherwise,
    )


def chosen_interval(stage: stages.Bucket, frame: Frame, context: Context, is_time: bool) -> stages.Interval | None:
    """The narrowest round interval that puts the values into at most `bins` (100) intervals; None for no values."""
    executor = context.need_data(stage, "without span its intervals follow from the values")
    value = frame.value(stage.field)
    assert value is not None
    node = as_number(value)
    query = frame.source().select(sql("min(:x)", x=node), sql("max(:x)", x=node))
    low, high = executor.fetch(frame.program.assemble(query))[0]
    if low is None or high is None:
        return None
    bins = max(stage.bins or _DEFAULT_BINS, 2 if not is_time else 1)
    if is_time:
        return chosen_span(high - low, bins, stage.minimum_interval)
    # They widen the range, and never narrow it.
    low = low if stage.start is None else min(low, stage.start)
    high = high if stage.end is None else max(high, stage.end)
    span = 10.0 ** math.floor(math.log10((high - low) / bins)) if high > low else 1.0
    least = stage.minimum_interval.amount if stage.minimum_interval is not None else 0.0
    while span < least or math.floor(high / span) - math.floor(low / span) + 1 > bins:
        span *= 10
    return stages.Interval(f"{span:g}", span)


def chosen_span(seconds: float, bins: int, least: stages.Interval | None) -> stages.Interval:
    """The narrowest of the spans of time of at least `least` that makes at most `bins` intervals of so many seconds."""
    shortest = 0.0 if least is None else SECONDS.get(least.unit or "s", TIME_SPANS[-1]) * (least.amount or 1)
    for span in TIME_SPANS[:-1]:
        if span >= shortest and seconds / span <= bins:
            return stages.Interval(f"{span:g}s", span, "s")
    return stages.Interval("1mon", 1.0, "mon")
