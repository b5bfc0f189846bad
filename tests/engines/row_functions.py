"""More of the second reading: text and multivalue functions, and stages that make or run over values.

As `row_reader`, which it adds to: written from the documentation, row by row. Positions of `substr` are SQLite's, so it
computes them itself.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from typing import Any

import row_reader
from row_reader import Row, Value, evaluate, number, put, text, truth, values_of

from rulescope import ir
from rulescope.ir import stages as kinds

_SQLITE = sqlite3.connect(":memory:", check_same_thread=False)


def _single(change: Callable[..., Value]) -> Callable[[Any, Row], Value]:
    """A function of single texts; NULL where an argument has none."""

    def call(arguments: Any, row: Row) -> Value:
        given = [text(evaluate(argument, row)) for argument in arguments]
        return None if any(value is None for value in given) else change(*given)

    return call


def _substr(subject: str, *positions: str) -> Value:
    marks = ", ".join("?" for _ in positions)
    found = _SQLITE.execute(f"SELECT substr(?, {marks})", (subject, *(int(position) for position in positions)))
    result: str = found.fetchone()[0]
    return result


def _split(subject: str, delimiter: str) -> Value:
    if not subject:
        return None
    return subject.split(delimiter) if delimiter else list(subject)


def _many(change: Callable[[list[str]], list[str]]) -> Callable[[Any, Row], Value]:
    """A function over all values of all arguments; NULL where there are none."""

    def call(arguments: Any, row: Row) -> Value:
        found = [value for argument in arguments for value in values_of(evaluate(argument, row))]
        return change(found) or None

    return call


def _mvjoin(arguments: Any, row: Row) -> Value:
    found = values_of(evaluate(arguments[0], row))
    return (text(evaluate(arguments[1], row)) or "").join(found) if found else None


def _field(node: Any) -> str:
    if isinstance(node, ir.FieldReference):
        return node.name
    parts = [getattr(node, name) for name in node.__dataclass_fields__ if name not in ("span", "function", "operator")]
    flat = [entry for part in parts for entry in (part if isinstance(part, tuple) else (part,))]
    return next(_field(entry) for entry in flat if hasattr(entry, "__dataclass_fields__") and not _constant(entry))


def _constant(node: Any) -> bool:
    return isinstance(node, ir.Constant)


def _mvfilter(arguments: Any, row: Row) -> Value:
    name = _field(arguments[0])
    found = values_of(row.get(name))
    return [value for value in found if truth(evaluate(arguments[0], {**row, name: value}))] or None


def _mvmap(arguments: Any, row: Row) -> Value:
    name = _field(arguments[0])
    results = [text(evaluate(arguments[1], {**row, name: value})) for value in values_of(row.get(name))]
    return [value for value in results if value is not None] or None


def _mvfind(arguments: Any, row: Row) -> Value:
    pattern = text(evaluate(arguments[1], row)) or ""
    for index, value in enumerate(values_of(evaluate(arguments[0], row))):
        if re.search(pattern, value):
            return float(index)
    return None


row_reader.FUNCTIONS.update(
    {
        "substr": _single(_substr),
        "replace": _single(lambda subject, pattern, new: re.sub(pattern, new, subject)),
        "split": _single(_split),
        "trim": _single(lambda subject, characters: subject.strip(characters)),
        "ltrim": _single(lambda subject, characters: subject.lstrip(characters)),
        "rtrim": _single(lambda subject, characters: subject.rstrip(characters)),
        "tostring": _single(lambda subject: subject),
        "mvjoin": _mvjoin,
        "mvappend": _many(lambda found: found),
        "mvdedup": _many(lambda found: list(dict.fromkeys(found))),
        "mvsort": _many(sorted),
        "mvreverse": _many(lambda found: found[::-1]),
        "mvfilter": _mvfilter,
        "mvmap": _mvmap,
        "mvfind": _mvfind,
    }
)


def _sort(stage: kinds.Sort, rows: list[Row]) -> list[Row]:
    """By one key as text; rows without it last."""
    (key,) = stage.keys
    assert key.comparison == "str"
    with_key = [row for row in rows if text(row.get(key.field)) is not None]
    without = [row for row in rows if text(row.get(key.field)) is None]
    ordered = sorted(with_key, key=lambda row: text(row[key.field]) or "", reverse=key.descending)
    return ordered + without


def _streamstats(stage: kinds.StreamStats, rows: list[Row]) -> list[Row]:
    by = [item.name for item in stage.by if isinstance(item, kinds.FieldItem)]
    changes: list[tuple[Row, str, Value]] = []
    for index, row in enumerate(rows):
        group = [text(row.get(name)) for name in by]
        if None in group:
            continue
        before = rows[: index + 1] if stage.current else rows[:index]
        if stage.window and (stage.global_ or not by):
            first = index - stage.window + (1 if stage.current else 0)
            before = before[max(first, 0) :]
        members = [entry for entry in before if [text(entry.get(name)) for name in by] == group]
        if stage.window and by and not stage.global_:
            members = members[-stage.window :]
        for aggregate in stage.aggregates:
            assert isinstance(aggregate, kinds.Aggregate)
            changes.append((row, aggregate.result_name, row_reader._aggregate(aggregate, members)))
    for row, name, value in changes:
        put(row, name, value)
    return rows


def _makemv(stage: kinds.MakeMv, rows: list[Row]) -> list[Row]:
    for row in rows:
        found = values_of(row.get(stage.field))
        put(row, stage.field, [piece for value in found for piece in value.split(stage.delimiter) if piece] or None)
    return rows


def _rex(stage: kinds.Rex, rows: list[Row]) -> list[Row]:
    pattern = re.compile(stage.pattern.replace("(?<", "(?P<"))
    for row in rows:
        value = text(row.get(stage.field))
        found = pattern.search(value) if value is not None else None
        for name, held in found.groupdict().items() if found else ():
            if held:
                put(row, name, held)
    return rows


def _bucket(stage: kinds.Bucket, rows: list[Row]) -> list[Row]:
    assert stage.interval is not None
    width = stage.interval.amount
    for row in rows:
        value = number(row.get(stage.field))
        if value is not None:
            start = value // width * width
            put(row, stage.field, f"{text(start)}-{text(start + width)}")
    return rows


row_reader.STAGES.update(
    {
        kinds.Sort: _sort,
        kinds.StreamStats: _streamstats,
        kinds.MakeMv: _makemv,
        kinds.Rex: _rex,
        kinds.Bucket: _bucket,
    }
)
