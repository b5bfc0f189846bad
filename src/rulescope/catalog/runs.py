"""What the rules of a catalogue found when they were last run on logs: kept in tables of their own.

A build that writes the catalogue anew leaves these tables empty, since what other rules found says nothing of the new
ones; so the same rules still give the same bytes.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rulescope.catalog.fired_record import FiredRecord
from rulescope.catalog.store import Catalog, open_catalog
from rulescope.errors import CatalogError

MOST_EVENTS = 100
"""Events of evidence that are kept for each rule."""


@dataclass(frozen=True, slots=True)
class RunRow:
    """One rule's part in a run: `status` is `run`, `refused` or `failed`, `events` the evidence as (file, record)."""

    path: str
    status: str
    rows: int
    events: int
    message: str | None
    places: tuple[tuple[str, int], ...]


def write_run(path: Path, at: str, logs: Sequence[str], events: int, rows: Sequence[RunRow]) -> int:
    """Puts a run into the catalogue in place of the one before; gives the number of rules that the catalogue knows.

    Raises `NotFoundError` or `CatalogError` where there is no catalogue that can be written.
    """
    open_catalog(path).close()
    try:
        connection = sqlite3.connect(path)
        try:
            with connection:
                return _write(connection, at, logs, events, rows)
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise CatalogError(f"{path} can't be written: {error}", code="RSC203") from error


def _write(connection: sqlite3.Connection, at: str, logs: Sequence[str], events: int, rows: Sequence[RunRow]) -> int:
    numbers = dict(connection.execute("SELECT path, rule_id FROM rule").fetchall())
    known = [(numbers[row.path], row) for row in rows if row.path in numbers]
    for table in ("run_event", "run_rule", "run"):
        connection.execute(f"DELETE FROM {table}")
    connection.execute("INSERT INTO run VALUES (1, ?, ?, ?)", (at, json.dumps(list(logs)), events))
    connection.executemany(
        "INSERT INTO run_rule VALUES (?, ?, ?, ?, ?)",
        [(number, row.status, row.rows, row.events, row.message) for number, row in known],
    )
    connection.executemany(
        "INSERT INTO run_event VALUES (?, ?, ?, ?)",
        [
            (number, position, file, record)
            for number, row in known
            for position, (file, record) in enumerate(row.places[:MOST_EVENTS], 1)
        ],
    )
    return len(known)


def fired(catalog: Catalog, rule_id: int) -> FiredRecord | None:
    """What a rule found in the last run; None where it was not part of one."""
    found = next(iter(catalog.rows("rule_fired", rule_id=rule_id)), None)
    if found is None:
        return None
    places = tuple((row["file"], row["record"]) for row in catalog.rows("rule_fired_events", rule_id=rule_id))
    return FiredRecord(
        found["at"],
        tuple(json.loads(found["logs"])),
        found["total_events"],
        found["status"],
        found["rows"],
        found["events"],
        found["message"],
        places,
    )
