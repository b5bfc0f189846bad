"""JSON rows as loaded events, without readers: what engine tests run on."""

from __future__ import annotations

import json
from typing import Any

import duckdb
import pyarrow as arrow

from rulescope.engines.sql.context import EventsTable
from rulescope.engines.sql.schema import Column, free_name
from rulescope.engines.sql.values import Type
from rulescope.hunt.knowledge import Logs


def load_rows(text: str) -> Logs:
    """Each line of JSON as an event; a list is a multivalue field, `_time` a number, everything else text."""
    rows: list[dict[str, Any]] = [json.loads(line) for line in text.splitlines() if line.strip()]
    connection = duckdb.connect()
    fields = fields_of(rows)
    fill(connection, rows, fields)
    return Logs(connection, EventsTable("events", fields))


def fields_of(rows: list[dict[str, Any]]) -> dict[str, Column]:
    """The columns of rows, by the names of their fields."""
    names: dict[str, None] = dict.fromkeys(["_time", "_raw"])
    several: set[str] = set()
    for row in rows:
        names.update(dict.fromkeys(row))
        several |= {name for name, value in row.items() if isinstance(value, list)}
    used = {"_row"}
    return {
        name: Column(
            free_name(name, used),
            Type.NUMBER if name == "_time" else Type.MULTI if name in several else Type.AUTO,
        )
        for name in names
    }


def fill(connection: duckdb.DuckDBPyConnection, rows: list[dict[str, Any]], fields: dict[str, Column]) -> None:
    """Makes the table `events` of rows that have these columns."""
    connection.register("_arrow", arrow_table(rows, fields))
    connection.execute("CREATE TABLE events AS SELECT * FROM _arrow")
    connection.unregister("_arrow")


def arrow_table(rows: list[dict[str, Any]], fields: dict[str, Column]) -> arrow.Table:
    """Rows that have these columns, and their places."""
    arrays: list[Any] = [arrow.array(list(range(len(rows))), type=arrow.int64())]
    for name, entry in fields.items():
        values = [row.get(name) for row in rows]
        if entry.type is Type.NUMBER:
            arrays.append(arrow.array([None if v is None else float(v) for v in values], type=arrow.float64()))
        elif entry.type is Type.MULTI:
            lists = [None if v is None else [spelt(x) for x in (v if isinstance(v, list) else [v])] for v in values]
            arrays.append(arrow.array(lists, type=arrow.list_(arrow.string())))
        else:
            arrays.append(arrow.array([None if v is None else spelt(v) for v in values], type=arrow.string()))
    names = ["_row", *(entry.physical for entry in fields.values())]
    return arrow.Table.from_arrays(arrays, names=names)


def spelt(value: Any) -> str:
    """A JSON value as a log's text."""
    if isinstance(value, str):
        return value
    return json.dumps(value)
