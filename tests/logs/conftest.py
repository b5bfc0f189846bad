"""What the tests of the readers share."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rulescope.logs import EventStore, LoadLimits, load_logs

Rows = list[dict[str, Any]]


def rows_of(store: EventStore, *, hidden: bool = False) -> Rows:
    """The events in input order, by field name, without the fields that are missing."""
    names = {column.physical: column.name for column in store.columns}
    result = store.connection.execute("SELECT * FROM events ORDER BY _row")
    physical = [part[0] for part in result.description]
    rows = []
    for values in result.fetchall():
        row = {}
        for name, value in zip(physical, values, strict=True):
            if value is not None and (hidden or name in names):
                row[names.get(name, name)] = value
        rows.append(row)
    return rows


def said(store: EventStore) -> list[tuple[str, int | None, str]]:
    """The problems that were told: code, record, message."""
    return [(problem.code, problem.record, problem.message) for problem in store.problems]


def lines(count: int) -> bytes:
    """So many events as JSON Lines."""
    return b"".join(b'{"_time": %d, "n": "%d"}\n' % (number, number * 7919 % 1000) for number in range(count))


@pytest.fixture
def load(tmp_path: Path) -> Callable[..., EventStore]:
    """Write a file and load it: `load("x.jsonl", records or text or bytes)`."""

    def write_and_load(name: str, content: object, limits: LoadLimits | None = None) -> EventStore:
        path = tmp_path / name
        if isinstance(content, bytes):
            path.write_bytes(content)
        elif isinstance(content, str):
            path.write_text(content, "utf-8")
        else:
            assert isinstance(content, list)
            path.write_text("".join(json.dumps(record) + "\n" for record in content), "utf-8")
        return load_logs([path], limits=limits)

    return write_and_load
