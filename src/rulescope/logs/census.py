"""What the events of each file were taken for, how many are of no kind that is known, and how many have no time."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rulescope.logs.store import TABLE
from rulescope.logs.windows_xml import SOURCETYPE

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
    files: dict[str, _File] = {}
    rows = connection.execute(
        "SELECT _file, _channel, _event_id IS NULL, sourcetype, "
        "coalesce(lower(CAST(source AS VARCHAR)), $source) = $source, count(*), count(*) - count(_time) "
        f"FROM {TABLE} GROUP BY ALL",
        {"source": SOURCETYPE.casefold()},
    ).fetchall()
    for label, channel, unnumbered, sourcetype, unsaid, count, without_time in rows:
        found = files.setdefault(label, _File())
        found.without_time += without_time
        if (kind := channel or _text(sourcetype)) is not None:
            found.kinds[kind] += count
        if not _is_placed(channel, unnumbered, _text(sourcetype), unsaid):
            found.unplaced += count
    return {
        label: {"kind": _name(found.kinds), "unplaced": found.unplaced, "without_time": found.without_time}
        for label, found in files.items()
    }


def _is_placed(channel: str | None, unnumbered: bool, sourcetype: str | None, unsaid: bool) -> bool:
    """Whether rules find the events: Windows' by channel and event id (`unnumbered`: there is none that is a number),
    others by a source type. That of all Windows events is not enough where the source names no channel (`unsaid`)."""
    from rulescope.knowledge.log_directory import is_known_sourcetype

    if channel is not None:
        return not unnumbered
    general = unsaid and sourcetype is not None and sourcetype.casefold() == SOURCETYPE.casefold()
    return is_known_sourcetype(sourcetype) and not general


def _text(value: str | list[str] | None) -> str | None:
    # A field that some event has several values of is a list for all events.
    return value[0] if isinstance(value, list) else value


def _name(kinds: Counter[str]) -> str | None:
    ordered = sorted(kinds, key=lambda kind: (-kinds[kind], kind))
    if not ordered:
        return None
    more = ", …" if len(ordered) > _MOST_KINDS else ""
    return ", ".join(ordered[:_MOST_KINDS]) + more
