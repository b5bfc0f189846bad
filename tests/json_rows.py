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
    names: dict[str, None] = dict.fromkeys(["_time", "_raw"])
    for row in rows:
        names.update(dict.fromkeys(row))
    used = {"_row"}
    fields: dict[str, Column] = {}
    arrays: list[Any] = [arrow.array(list(range(len(rows))), type=arrow.int64())]
    physical_names = ["_row"]
    for name in names:
        values = [row.get(name) for row in rows]
        physical = free_name(name, used)
        if name == "_time":
            fields[name] = Column(physical, Type.NUMBER)
            arrays.append(arrow.array([None if v is None else float(v) for v in values], type=arrow.float64()))
        elif any(isinstance(value, list) for value in values):
            fields[name] = Column(physical, Type.MULTI)
            lists = [None if v is None else [spelt(x) for x in (v if isinstance(v, list) else [v])] for v in values]
            arrays.append(arrow.array(lists, type=arrow.list_(arrow.string())))
        else:
            fields[name] = Column(physical, Type.AUTO)
            arrays.append(arrow.array([None if v is None else spelt(v) for v in values], type=arrow.string()))
        physical_names.append(physical)
    connection = duckdb.connect()
    connection.register("_arrow", arrow.Table.from_arrays(arrays, names=physical_names))
    connection.execute("CREATE TABLE events AS SELECT * FROM _arrow")
    connection.unregister("_arrow")
    return Logs(connection, EventsTable("events", fields))


def spelt(value: Any) -> str:
    """A JSON value as a log's text."""
    if isinstance(value, str):
        return value
    return json.dumps(value)
