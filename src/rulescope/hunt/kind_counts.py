"""What a load is asked for to tell its kinds of events: which there are, what they name, and which fields they have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlglot import exp

from rulescope.logs import EventStore

KEYS = ("_channel", "_event_id", "_provider")
"""The columns that every load has, and that kinds are told by first."""

_ID_TOKEN = r"(?i)(?:eventid|eventcode)[>=][0-9]+"


@dataclass(frozen=True, slots=True)
class KindCounts:
    """What is read of a load to tell its kinds: the fields, one row a kind, the ids that raw events name, and which
    fields the events of each channel and event id have."""

    fields: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    tokens: dict[str, int]
    present: dict[tuple[str | None, str | None], frozenset[str]]


def count_rows(store: EventStore, fields: Sequence[str]) -> list[tuple[Any, ...]]:
    """One row a kind: its keys, its values of these fields, how many events it has, and the characters of their
    `_raw`."""
    columns = [_physical(store, name) for name in (*KEYS, *fields)]
    listed = ", ".join(columns)
    # The order is fixed, so that processes that count anew agree on what each bit stands for.
    return store.connection.execute(
        f"SELECT {listed}, count(*), CAST(coalesce(sum(length(_raw)), 0) AS BIGINT) "
        f"FROM ({store.relation([*fields, '_raw'])}) GROUP BY {listed} ORDER BY {listed}"
    ).fetchall()


def find_present(store: EventStore) -> dict[tuple[str | None, str | None], frozenset[str]]:
    """Which fields the events of a channel and event id have. The names of the store's files are too coarse for
    this: kinds with few events share one."""
    names = [entry.name for entry in store.columns]
    counts = ", ".join(f"count({_physical(store, name)})" for name in names)
    rows = store.connection.execute(
        f"SELECT _channel, _event_id, {counts} FROM ({store.relation()}) GROUP BY _channel, _event_id"
    ).fetchall()
    return {
        (row[0], row[1]): frozenset(name for name, count in zip(names, row[2:], strict=True) if count) for row in rows
    }


def find_tokens(store: EventStore, fields: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> dict[str, int]:
    """Which kinds (those of `rows`) have events whose raw text names an event id in one of the ways that rules look
    for."""
    columns = ", ".join(_physical(store, name) for name in (*KEYS, *fields))
    relation = store.relation([*fields, "_raw"])
    found = store.connection.execute(
        f"SELECT DISTINCT {columns}, lower(t) FROM (SELECT {columns}, "
        f"unnest(list_distinct(regexp_extract_all(_raw, '{_ID_TOKEN}'))) AS t FROM ({relation}))"
    ).fetchall()
    numbers = {row[: len(KEYS) + len(fields)]: index for index, row in enumerate(rows)}
    tokens: dict[str, int] = {}
    for row in found:
        tokens[row[-1]] = tokens.get(row[-1], 0) | 1 << numbers[row[:-1]]
    return tokens


def _physical(store: EventStore, name: str) -> str:
    entry = store.column(name)
    return exp.to_identifier(entry.physical if entry is not None else name, quoted=True).sql(dialect="duckdb")
