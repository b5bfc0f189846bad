"""What the events of each file were taken for, how many are of no kind that is known, and how many have no time."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rulescope.logs.store import TABLE

if TYPE_CHECKING:
    import duckdb

_MOST_KINDS = 3
"""So many kinds of a file are named."""


@dataclass(slots=True)
class _File:
    kinds: Counter[str] = field(default_factory=Counter)
    unplaced: int = 0
    without_time: int = 0


def take_census(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, Any]]:
    """By file: `kind`, `unplaced` and `without_time`, as `FileReport` has them."""
    from rulescope.knowledge.log_directory import is_known_sourcetype

    files: dict[str, _File] = {}
    rows = connection.execute(
        "SELECT _file, _channel, _provider IS NULL, sourcetype, count(*), count(*) - count(_time) "
        f"FROM {TABLE} GROUP BY ALL"
    ).fetchall()
    for label, channel, unnamed, sourcetype, count, without_time in rows:
        found = files.setdefault(label, _File())
        found.without_time += without_time
        if (kind := channel or _text(sourcetype)) is not None:
            found.kinds[kind] += count
        if channel is None and unnamed and not is_known_sourcetype(_text(sourcetype)):
            found.unplaced += count
    return {
        label: {"kind": _name(found.kinds), "unplaced": found.unplaced, "without_time": found.without_time}
        for label, found in files.items()
    }


def _text(value: str | list[str] | None) -> str | None:
    # A field that some event has several values of is a list for all events.
    return value[0] if isinstance(value, list) else value


def _name(kinds: Counter[str]) -> str | None:
    ordered = sorted(kinds, key=lambda kind: (-kinds[kind], kind))
    if not ordered:
        return None
    more = ", …" if len(ordered) > _MOST_KINDS else ""
    return ", ".join(ordered[:_MOST_KINDS]) + more
