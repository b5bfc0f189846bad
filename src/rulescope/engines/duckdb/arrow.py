"""Python functions over one row, as functions over Arrow columns."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pyarrow as arrow

from rulescope.engines.duckdb.functions.registry import GivenUp, PythonFunction
from rulescope.engines.duckdb.watch import Watch

_TYPES: dict[str, Any] = {
    "VARCHAR": arrow.string(),
    "DOUBLE": arrow.float64(),
    "BIGINT": arrow.int64(),
    "INTEGER": arrow.int32(),
    "BOOLEAN": arrow.bool_(),
    "VARCHAR[]": arrow.list_(arrow.string()),
    "MAP(VARCHAR, VARCHAR[])": arrow.map_(arrow.string(), arrow.list_(arrow.string())),
}


_MOST_ROWS = 64
_LONG = 0.02
"""Rows between two looks at the clock, and the seconds beyond which they are halved: a hostile pattern can take tens of
milliseconds for each."""


def vectorised(function: PythonFunction, watch: Watch) -> Callable[..., Any]:
    """The function as DuckDB calls it: a column for each argument, one column back.

    DuckDB heeds an interrupt only between columns of some thousand rows; so the function itself ends with a
    TimeoutError once the clock has passed the deadline of `watch`.
    """
    compute = function.compute
    returns = _TYPES[function.returns]
    takes_null = function.takes_null

    def run(*columns: Any) -> Any:
        lists = [column.to_pylist() for column in columns]
        results = []
        last: tuple[Any, ...] | None = None
        result: Any = None
        step, looked, seen = 1, 0, time.monotonic()
        for number, row in enumerate(zip(*lists, strict=True)):
            if number - looked >= step:
                now = time.monotonic()
                if watch.deadline.passed:
                    raise TimeoutError
                step = min(step * 2, _MOST_ROWS) if now - seen < _LONG else max(step // 2, 1)
                looked, seen = number, now
            if row != last:
                try:
                    result = None if not takes_null and None in row else compute(*row)
                except GivenUp as found:
                    watch.note(found)
                    result = found.instead
                last = row
            results.append(result)
        return arrow.array(results, type=returns)

    # DuckDB reads the number of parameters off the signature, so a `*columns` won't do.
    match len(function.parameters):
        case 1:
            return lambda a: run(a)
        case 2:
            return lambda a, b: run(a, b)
        case 3:
            return lambda a, b, c: run(a, b, c)
        case 4:
            return lambda a, b, c, d: run(a, b, c, d)
    return lambda a, b, c, d, e: run(a, b, c, d, e)
