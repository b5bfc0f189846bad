"""Result rows as a Parquet file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as arrow
from pyarrow import parquet


def parquet_bytes(fields: Sequence[str], rows: Sequence[dict[str, Any]]) -> bytes:
    """The rows as a Parquet file: a column a field, of doubles, lists of texts, or texts."""
    arrays = []
    for name in fields:
        values = [row.get(name) for row in rows]
        present = [value for value in values if value is not None]
        if present and all(isinstance(value, int | float) for value in present):
            arrays.append(arrow.array([None if value is None else float(value) for value in values], arrow.float64()))
        elif any(isinstance(value, list) for value in present):
            lists = [_texts(value) for value in values]
            arrays.append(arrow.array(lists, arrow.list_(arrow.string())))
        else:
            texts = [None if value is None else str(value) for value in values]
            arrays.append(arrow.array(texts, arrow.string()))
    sink = arrow.BufferOutputStream()
    parquet.write_table(arrow.Table.from_arrays(arrays, names=list(fields)), sink)
    return bytes(sink.getvalue())


def _texts(value: Any) -> list[str] | None:
    if value is None:
        return None
    return list(map(str, value)) if isinstance(value, list) else [str(value)]
