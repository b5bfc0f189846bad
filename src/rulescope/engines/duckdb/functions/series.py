"""Kusto's lists and series of numbers, as JSON texts, where SQL over lists would be long.

Source: the pages of Kusto's reference that bear the functions' names.
"""

from __future__ import annotations

import itertools
import json
import re
import statistics
from collections.abc import Sequence
from typing import Any

from rulescope.engines.duckdb.functions.kusto import dumped, listed, parsed
from rulescope.engines.duckdb.functions.registry import python_function

_STEP = re.compile(r"\.([^.\[\]]+)|\['([^']*)'\]")


def _path(key: str) -> list[str]:
    """The keys on the way to what a key, or a path that begins with `$`, names."""
    return [one or other for one, other in _STEP.findall(key[1:])] if key.startswith("$") else [key]


@python_function("spl_kusto_without_keys", "VARCHAR", "VARCHAR", returns="VARCHAR")
def without_keys(text: str, keys: str) -> str | None:
    """An object without some keys, or what paths lead to."""
    found = parsed(text)
    if not isinstance(found, dict):
        return None
    for key in parsed(keys) or []:
        *way, last = _path(key) or [key]
        held: Any = found
        for step in way:
            held = held.get(step) if isinstance(held, dict) else None
        if isinstance(held, dict):
            held.pop(last, None)
    return dumped(found)


@python_function("spl_kusto_with_key", "VARCHAR", "VARCHAR", "VARCHAR", returns="VARCHAR")
def with_key(text: str, key: str, value: str) -> str | None:
    """An object with what a key or a path leads to set; objects on the way are made."""
    found = parsed(text)
    if not isinstance(found, dict):
        return None
    *way, last = _path(key) or [key]
    held = found
    for step in way:
        if not isinstance(held.get(step), dict):
            held[step] = {}
        held = held[step]
    held[last] = parsed(value)
    return dumped(found)


@python_function("spl_kusto_bag_zip", "VARCHAR", "VARCHAR", returns="VARCHAR")
def bag_zip(keys: str, values: str) -> str | None:
    """An object of a list of keys and one of values; keys that are no texts are passed over, a key without a value has
    null."""
    names, held = listed(keys), listed(values)
    if names is None:
        return None
    return dumped({name: _at(held or [], place) for place, name in enumerate(names) if isinstance(name, str)})


@python_function("spl_kusto_canonical", "VARCHAR", returns="VARCHAR")
def canonical(text: str) -> str:
    """JSON with the keys of objects in order, without blanks."""
    return json.dumps(parsed(text), ensure_ascii=False, separators=(",", ":"), sort_keys=True)


@python_function("spl_kusto_array_split", "VARCHAR", "VARCHAR", returns="VARCHAR")
def split(items: str, places: str) -> str | None:
    """A list cut at places, each from 0; negative ones count from the end."""
    found = listed(items)
    where = parsed(places)
    if found is None:
        return None
    cuts = [place + len(found) if place < 0 else place for place in (where if isinstance(where, list) else [where])]
    ends = [0, *(min(max(cut, 0), len(found)) for cut in cuts), len(found)]
    return dumped([found[first:last] for first, last in itertools.pairwise(ends)])


@python_function("spl_kusto_array_choice", "VARCHAR", "VARCHAR", "VARCHAR", returns="VARCHAR")
def choice(conditions: str, yes: str, no: str) -> str | None:
    """For each condition (a truth value, or a number that is not 0) what stands in its place in one of two lists, or
    the one value that is no list."""
    found = listed(conditions)
    if found is None:
        return None
    options = parsed(yes), parsed(no)
    made: list[Any] = []
    for place, condition in enumerate(found):
        if not isinstance(condition, bool | int | float):
            made.append(None)
            continue
        option = options[0 if condition else 1]
        made.append(_at(option, place) if isinstance(option, list) else option)
    return dumped(made)


def _at(items: Sequence[Any], place: int) -> Any:
    return items[place] if place < len(items) else None


@python_function("spl_kusto_array_sorted", "VARCHAR", "BOOLEAN", "BOOLEAN", returns="VARCHAR")
def ordered(lists: str, descending: bool, nulls_last: bool) -> str | None:
    """Lists ordered by the first of them: numbers by size, then texts; of others, those of its length."""
    first, *others = parsed(lists)
    if not isinstance(first, list):
        return None

    def key(place: int) -> tuple[int, Any]:
        value = first[place]
        return (0, value) if isinstance(value, int | float) else (1, value if isinstance(value, str) else dumped(value))

    held = sorted((place for place, value in enumerate(first) if value is not None), key=key, reverse=descending)
    missing = [place for place, value in enumerate(first) if value is None]
    order = [*held, *missing] if nulls_last else [*missing, *held]
    made = [[first[place] for place in order]]
    for other in others:
        fits = isinstance(other, list) and len(other) == len(first)
        made.append([other[place] for place in order] if fits else None)  # type: ignore[arg-type]
    return dumped(made)


@python_function("spl_kusto_array_index", "VARCHAR", "VARCHAR", "BIGINT", "BIGINT", "BIGINT", returns="BIGINT")
def index(items: str, value: str, start: int, length: int, occurrence: int) -> int | None:
    """The place of an occurrence of a value, among so many elements from a place on; -1 where there is none."""
    found = listed(items)
    if found is None:
        return None
    first = max(len(found) + start, 0) if start < 0 else start
    end = len(found) if length < 0 else first + length
    wanted = parsed(value)
    places = [at for at in range(first, min(end, len(found))) if found[at] == wanted and _alike(found[at], wanted)]
    return places[occurrence - 1] if 0 < occurrence <= len(places) else -1


def _alike(left: Any, right: Any) -> bool:
    return isinstance(left, bool) == isinstance(right, bool)


def _numbers(text: str) -> list[float | None] | None:
    found = listed(text)
    if found is None:
        return None
    return [one if isinstance(one, int | float) and not isinstance(one, bool) else None for one in found]


@python_function("spl_kusto_laid_out", "VARCHAR", "BIGINT", "VARCHAR", returns="VARCHAR")
def laid_out(cells: str, count: int, default: str) -> str:
    """A series of so many values out of those of some places (`i` with `v`), and one value for all others."""
    made = [parsed(default)] * count
    for cell in parsed(cells) or []:
        if 0 <= cell["i"] < count:
            made[cell["i"]] = cell["v"]
    return dumped(made)


@python_function("spl_kusto_fill", "VARCHAR", "VARCHAR", "VARCHAR", returns="VARCHAR")
def fill(text: str, missing: str, way: str) -> str | None:
    """A series with its missing values put as the one before (`forward`), or the one after (`backward`)."""
    found = listed(text)
    if found is None:
        return None
    absent = parsed(missing)
    made = found[::-1] if way == "backward" else found[:]
    last = absent
    for place, value in enumerate(made):
        if value is None or value == absent:
            made[place] = last
        else:
            last = value
    return dumped(made[::-1] if way == "backward" else made)


@python_function("spl_kusto_fill_const", "VARCHAR", "VARCHAR", "VARCHAR", returns="VARCHAR")
def fill_const(text: str, value: str, missing: str) -> str | None:
    """A series with its missing values put as one value."""
    found = listed(text)
    absent, put = parsed(missing), parsed(value)
    return None if found is None else dumped([put if one is None or one == absent else one for one in found])


@python_function("spl_kusto_fill_linear", "VARCHAR", "VARCHAR", "BOOLEAN", "VARCHAR", returns="VARCHAR")
def fill_linear(text: str, missing: str, edges: bool, value: str) -> str | None:
    """A series with its missing values on the line between those beside them; at the ends the one that is nearest,
    where `edges` are wanted; one value in a series of none."""
    found = listed(text)
    if found is None:
        return None
    absent = parsed(missing)
    there = [place for place, one in enumerate(_numbers(text) or []) if one is not None and one != absent]
    if not there:
        return dumped([parsed(value)] * len(found))
    whole = all(isinstance(found[place], int) for place in there)
    made = list(found)
    for left, right in itertools.pairwise(there):
        step = (found[right] - found[left]) / (right - left)
        for place in range(left + 1, right):
            number = found[left] + step * (place - left)
            made[place] = int(number) if whole else number
    if edges:
        made[: there[0]] = [found[there[0]]] * there[0]
        made[there[-1] + 1 :] = [found[there[-1]]] * (len(found) - there[-1] - 1)
    return dumped(made)


@python_function("spl_kusto_iir", "VARCHAR", "VARCHAR", "VARCHAR", returns="VARCHAR")
def filtered(text: str, numerators: str, denominators: str) -> str | None:
    """A series through a filter of infinite impulse response."""
    series, front, back = _numbers(text), _numbers(numerators), _numbers(denominators)
    if series is None or not front or not back or not back[0]:
        return None
    made: list[float] = []
    for place in range(len(series)):
        fed = sum((weight or 0) * (series[place - at] or 0) for at, weight in enumerate(front) if at <= place)
        kept = sum((weight or 0) * made[place - at] for at, weight in enumerate(back) if 0 < at <= place)
        made.append((fed - kept) / back[0])
    return dumped(made)


@python_function("spl_kusto_series_stats", "VARCHAR", "BOOLEAN", returns="VARCHAR")
def stats(text: str, skip_others: bool) -> str | None:
    """Of a series: min, min_idx, max, max_idx, avg, stdev and variance (those of a sample), sum, len."""
    found = _numbers(text)
    if found is None or (None in found and not skip_others):
        return None
    held = [(value, place) for place, value in enumerate(found) if value is not None]
    if not held:
        return None
    values = [value for value, _ in held]
    least, most = min(values), max(values)
    variance = statistics.variance(values) if len(values) > 1 else 0.0
    return dumped([least, values.index(least), most, values.index(most), statistics.fmean(values), variance**0.5,
                   variance, sum(values), len(values)])  # fmt: skip


@python_function("spl_kusto_fit_line", "VARCHAR", returns="VARCHAR")
def line(text: str) -> str | None:
    """Of the line that fits a series best: rsquare, slope, variance, rvariance, interception, line_fit."""
    found = _numbers(text)
    if found is None or None in found or len(found) < 2:
        return None
    values = [float(one) for one in found if one is not None]
    slope, start = statistics.linear_regression(range(len(values)), values)
    fitted = [start + slope * place for place in range(len(values))]
    whole = statistics.variance(values)
    rest = statistics.variance([value - fit for value, fit in zip(values, fitted, strict=True)])
    return dumped([1 - rest / whole if whole else 1.0, slope, whole, rest, start, fitted])
