"""Collected events into DuckDB: a table for small inputs, a view over Parquet files for large ones."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rulescope.logs.collect import MULTIVALUE_SUFFIX, Family, column_key
from rulescope.logs.columns import name_columns, quoted
from rulescope.logs.model import EventColumn
from rulescope.logs.parts import PartSource
from rulescope.logs.store import TABLE

if TYPE_CHECKING:
    import duckdb

_HIDDEN_TYPES = (
    ("_row", "BIGINT"),
    ("_file", "VARCHAR"),
    ("_record", "BIGINT"),
    ("_provider", "VARCHAR"),
    ("_channel", "VARCHAR"),
    ("_event_id", "VARCHAR"),
    ("_rebuilt", "BOOLEAN"),
)
_SMALL_CELLS = 150_000
"""Up to so many cells, binding Python lists is quicker than importing pyarrow."""


def _hidden(family: Family, labels: Sequence[str], base: Sequence[int], lines: Sequence[int]) -> list[list[Any]]:
    return [
        [base[unit] + row for unit, row in zip(family.units, family.rows, strict=True)],
        [labels[unit] for unit in family.units],
        [lines[unit] + record for unit, record in zip(family.units, family.records, strict=True)],
        family.providers,
        family.channels,
        family.event_ids,
        family.rebuilt,
    ]


def create_table(
    connection: duckdb.DuckDBPyConnection,
    family: Family | None,
    labels: Sequence[str],
    base: Sequence[int],
    lines: Sequence[int],
    names: Collection[str],
) -> list[EventColumn]:
    """The table `events` from one family in input order, with these of its fields. Gives its columns."""
    family = family or Family()
    family.pad()
    columns = name_columns(names, family.multivalue)
    types = list(_HIDDEN_TYPES)
    data = _hidden(family, labels, base, lines)
    empty: list[None] = [None] * family.count
    for column in columns:
        if column.name == "_time":
            types.append((column.physical, "DOUBLE"))
            data.append(family.times)
            continue
        values = family.columns.get(column.name, empty)
        types.append((column.physical, "VARCHAR[]" if column.multivalue else "VARCHAR"))
        if column.multivalue:
            values = [value if value is None or value.__class__ is list else [value] for value in values]
        data.append(values)
    definition = ", ".join(f"{quoted(name)} {kind}" for name, kind in types)
    connection.execute(f"CREATE OR REPLACE TABLE {TABLE} ({definition})")
    if not family.count:
        return columns
    if family.count * len(types) <= _SMALL_CELLS:
        selection = ", ".join(f"unnest(?::{kind}[])" for _, kind in types)
        connection.execute(f"INSERT INTO {TABLE} SELECT {selection}", data)
        return columns
    import pyarrow as arrow

    arrays = [arrow.array(values, _arrow_type(kind)) for (_, kind), values in zip(types, data, strict=True)]
    rows = arrow.Table.from_arrays(arrays, names=[f"c{number}" for number in range(len(types))])
    connection.register("rulescope_rows", rows)
    connection.execute(f"INSERT INTO {TABLE} SELECT * FROM rulescope_rows")
    connection.unregister("rulescope_rows")
    return columns


def _arrow_type(kind: str) -> Any:
    import pyarrow as arrow

    return {
        "BIGINT": arrow.int64(),
        "DOUBLE": arrow.float64(),
        "BOOLEAN": arrow.bool_(),
        "VARCHAR": arrow.string(),
        "VARCHAR[]": arrow.list_(arrow.string()),
    }[kind]


def write_families(families: list[Family], path: Path, labels: dict[int, str]) -> dict[str, int]:
    """One Parquet file of families, in the given order. Columns are named by `column_key`; a field's lists stand in a
    second column, so that all files agree on types. Gives how many events have each field."""
    import pyarrow as arrow
    import pyarrow.parquet as parquet

    tables = []
    counts: dict[str, int] = {}
    for family in families:
        family.pad()
        names = ["_unit", "_row", "_file", "_record", "_provider", "_channel", "_event_id", "_rebuilt", "_time"]
        text = arrow.string()
        arrays = [
            arrow.array(family.units, arrow.int32()),
            arrow.array(family.rows, arrow.int64()),
            arrow.array([labels[unit] for unit in family.units], text),
            arrow.array(family.records, arrow.int64()),
            arrow.array(family.providers, text),
            arrow.array(family.channels, text),
            arrow.array(family.event_ids, text),
            arrow.array(family.rebuilt, arrow.bool_()),
            arrow.array(family.times, arrow.float64()),
        ]
        for name, values in family.columns.items():
            key = column_key(name)
            if name in family.multivalue:
                lists = [value if value.__class__ is list else None for value in values]
                values = [None if value.__class__ is list else value for value in values]
                names.append(key + MULTIVALUE_SUFFIX)
                arrays.append(arrow.array(lists, arrow.list_(text)))
                counts[name] = counts.get(name, 0) + family.count - arrays[-1].null_count
            names.append(key)
            arrays.append(arrow.array(values, text))
            counts[name] = counts.get(name, 0) + family.count - arrays[-1].null_count
        tables.append(arrow.Table.from_arrays(arrays, names=names))
    table = tables[0] if len(tables) == 1 else arrow.concat_tables(tables, promote_options="default")
    parquet.write_table(table, path, compression="lz4", row_group_size=16_384, write_page_index=False)
    return counts


def create_view(connection: duckdb.DuckDBPyConnection, source: PartSource, names: Collection[str]) -> list[EventColumn]:
    """The view `events` over files that `write_families` wrote, with these of their fields. Gives its columns."""
    columns = name_columns(names, source.multivalue)
    connection.execute(f"CREATE OR REPLACE VIEW {TABLE} AS {source.select(columns)}")
    return columns
