"""The functions of `stats`. Facts: Search Reference, "Aggregate functions", "Event order functions", "Time functions",
"Multivalue stats and chart functions"."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from typing import Any

from rulescope import ir
from rulescope.engines.reference.common.predicates import truth
from rulescope.engines.reference.interpreter import Reading
from rulescope.engines.reference.values import Row, exact_number, exact_text, number, text, texts_of, values_of, wrapped
from rulescope.errors import Refusal
from rulescope.ir import stages

_MOST_LISTED = 100


def aggregate_value(aggregate: stages.Aggregate, rows: Sequence[Row], reading: Reading) -> Any:
    """The function over rows; NULL over nothing, but for counts."""
    argument = aggregate.argument
    if argument is None:
        if aggregate.function != "count":
            raise _refused(aggregate)
        return _count(len(rows), reading)
    if aggregate.function == "count" and aggregate.computed and not reading.meaning.conditions_are_values:
        return float(sum(_counts(reading.value(argument, row), argument) for row in rows))
    values = [_held(reading.value(argument, row), reading) for row in rows]
    found = [item for value in values for item in values_of(value)]
    if aggregate.function in ("earliest", "latest", "earliest_time", "latest_time"):
        return _by_time(aggregate, rows, values, reading)
    if aggregate.function in _NUMERIC or aggregate.function in ("perc", "exactperc"):
        if aggregate.function == "sum" and reading.meaning.wholes:
            return _exact_sum(found)
        return _over_numbers(aggregate, [size for item in found if (size := number(item)) is not None])
    if aggregate.function in ("first", "last"):
        there = [value for value in values if values_of(value)]
        return there[0 if aggregate.function == "first" else -1] if there else None
    if aggregate.function in ("min", "max"):
        return _extreme(aggregate.function, found, _as_it_is if reading.meaning.wholes else exact_text)
    result = _over_values(aggregate, found)
    return _count(int(result), reading) if aggregate.function in ("count", "dc", "estdc") else result


def _count(found: int, reading: Reading) -> float:
    """A number of rows or values; a double where there are no other numbers."""
    return found if reading.meaning.wholes else float(found)


def _exact_sum(found: list[Any]) -> Any:
    """Of whole numbers a whole one, none beyond 64 bits; else a double."""
    sizes = [size for item in found if (size := exact_number(item)) is not None]
    if not sizes:
        return None
    if all(isinstance(size, int) for size in sizes):
        return sum(sizes) if wrapped(int(sum(sizes))) == sum(sizes) else None
    return float(sum(sizes))


def _refused(aggregate: stages.Aggregate) -> Refusal:
    message = f"the reference has no reading of the function '{aggregate.function}'"
    return Refusal(message, span=aggregate.span, code="RUN011")


def _held(value: Any, reading: Reading) -> Any:
    """A computed value as a field would hold it."""
    if isinstance(value, bool):
        if reading.meaning.conditions_are_values:
            return "true" if value else "false"
        raise Refusal("a field can't hold a Boolean", code="RUN032")
    return value


def _counts(value: Any, argument: ir.Expression) -> bool:
    """Whether a row counts in `count(eval(…))`: where a condition is true, or a value is there."""
    return truth(value, argument) is True if isinstance(value, bool) or value is None else True


def _over_values(aggregate: stages.Aggregate, found: list[Any]) -> Any:
    texts = texts_of(found)
    match aggregate.function:
        case "count":
            return float(len(found))
        case "dc" | "estdc":
            return float(len(set(texts)))
        case "values":
            return sorted(set(texts))
        case "list":
            return texts[:_MOST_LISTED]
    raise _refused(aggregate)


def _as_it_is(size: float) -> float:
    return size


def _extreme(function: str, found: list[Any], held: Callable[[float], Any]) -> Any:
    """The least or greatest; numbers come before text, but for the empty one, which is before all else."""
    sizes = [size for item in found if (size := exact_number(item)) is not None]
    texts = [spelt for item in found if number(item) is None and (spelt := text(item)) is not None]
    if function == "min":
        return "" if "" in texts else held(min(sizes)) if sizes else min(texts, default=None)
    largest = max(texts, default="")
    return largest or (held(max(sizes)) if sizes else "" if texts else None)


_NUMERIC = {
    "sum": sum,
    "sumsq": lambda sizes: sum(size * size for size in sizes),
    "avg": lambda sizes: sum(sizes) / len(sizes),
    "range": lambda sizes: max(sizes) - min(sizes),
    "stdevp": statistics.pstdev,
    "varp": statistics.pvariance,
    "stdev": lambda sizes: statistics.stdev(sizes) if len(sizes) > 1 else 0.0,
    "var": lambda sizes: statistics.variance(sizes) if len(sizes) > 1 else 0.0,
    "median": lambda sizes: sorted(sizes)[len(sizes) // 2],
}
"""Of the numbers among the values; others are left out. The median of an even number is the higher of the two in the
middle."""


def _over_numbers(aggregate: stages.Aggregate, sizes: list[float]) -> Any:
    if not sizes:
        return None
    if aggregate.function in ("perc", "exactperc"):
        return _percentile(sizes, aggregate.parameter or 0.0)
    return float(_NUMERIC[aggregate.function](sizes))


def _percentile(sizes: list[float], percent: float) -> float:
    """Between the two values that the place falls between."""
    ordered = sorted(sizes)
    place = (len(ordered) - 1) * percent / 100
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def _by_time(aggregate: stages.Aggregate, rows: Sequence[Row], values: Sequence[Any], reading: Reading) -> Any:
    """The value, or the time, of the earliest or latest row that has one. Of one time, the row that comes later is the
    earlier one where the newest come first."""
    turned = -1 if reading.options.order == "newest" else 1
    timed = [
        (at, turned * place)
        for place, row in enumerate(rows)
        if (at := number(row.get("_time"))) is not None and values_of(values[place])
    ]
    if not reading.meaning.newest_first and len({at for at, _ in timed}) < len(timed):
        raise Refusal("the reference has no reading of the order of events of one time", span=aggregate.span)
    if not timed:
        return None
    at, place = min(timed) if aggregate.function.startswith("earliest") else max(timed)
    if aggregate.function.endswith("_time"):
        return at
    held = values_of(values[turned * place])
    return held[0] if len(held) == 1 else text(held)
