"""What a name stands for in a row."""

from __future__ import annotations

import json
import re
from typing import Any

from rulescope.engines.reference.interpreter import Reading
from rulescope.engines.reference.values import Row
from rulescope.errors import Refusal
from rulescope.text import Span

_STEP = re.compile(r"\.?([^.\[\]]+)|\[(-?\d+)\]|\[['\"]([^'\"]*)['\"]\]")


def field_value(name: str, row: Row, reading: Reading, span: Span) -> Any:
    """The value of a field; in a language over tables, of a column or of a path into one. Raises `Refusal` where there
    is no such column."""
    if not reading.meaning.typed:
        return row.get(name)
    if name in reading.outer:
        return reading.outer[name]
    column = column_of(name, reading)
    if column is not None:
        return row.get(column)
    for end in range(len(name) - 1, 0, -1):
        base = column_of(name[:end], reading) if name[end] in ".[" else None
        if base is not None:
            kusto = reading.meaning.null_equals_nothing
            found = at_path(row.get(base), name[end:], kusto)
            if found is None and not kusto and _is_null(row.get(base), name[end:]):
                raise Refusal("the reference has no reading of JSON's null", span=span)
            return found
    raise Refusal(f"there is no column '{name}' here", span=span, code="RUN044")


def _is_null(value: Any, path: str) -> bool:
    """Whether a path leads to JSON's null, and not nowhere."""
    *before, (key, index, quoted) = _STEP.findall(path)
    for step in before:
        value = at_path(value, f".{step[0]}" if step[0] else f"[{step[1]}]" if step[1] else f"['{step[2]}']", False)
    held = opened(value)
    if index:
        return isinstance(held, list) and int(index) < len(held)
    return isinstance(held, dict) and (key or quoted) in held


def column_of(name: str, reading: Reading) -> str | None:
    """The column that a name stands for: its own, or one that it names with its table."""
    if name in reading.columns:
        return name
    table, _, bare = name.rpartition(".")
    held = reading.aliases.get(name, reading.aliases.get(f"*.{bare}") if table else None)
    if held == "":
        raise Refusal(f"the reference has no reading of '{name}' after an outer join by that name", code="RUN040")
    if held is not None:
        return held
    if reading.meaning.qualified_names and table and table not in reading.columns and bare in reading.columns:
        return bare
    return None


def opened(value: Any) -> Any:
    """An object or list out of its text, as a dynamic column holds it."""
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        try:
            return json.loads(value)
        except ValueError:
            return None
    return value


def at_path(value: Any, path: str, from_end: bool) -> Any:
    """What a path (`.a['b'][0]`) leads to; None where it leads nowhere, as a negative place does that is not counted
    `from_end`."""
    for key, index, quoted in _STEP.findall(path):
        value = opened(value)
        if index:
            least = -len(value) if from_end and isinstance(value, list) else 0
            value = value[int(index)] if isinstance(value, list) and least <= int(index) < len(value) else None
        else:
            value = value.get(key or quoted) if isinstance(value, dict) else None
    return value
