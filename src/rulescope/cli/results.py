"""Rows of results as a table, JSON, CSV or Parquet, to stdout or a file."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rulescope.errors import InputError

if TYPE_CHECKING:
    from rulescope.api.search import SearchAnswer


def write_rows(answer: SearchAnswer, form: str, output: Path | None) -> None:
    """Writes the rows in that form. Raises `InputError` where the file can't be written."""
    if form == "json":
        from rulescope.api.json_form import encode_json
        from rulescope.api.search import answer_json

        write_bytes(encode_json(answer_json(answer)) + b"\n", output)
    else:
        write_bytes(rows_bytes(answer.fields, answer.rows, form), output)


def rows_bytes(fields: Sequence[str], rows: Sequence[dict[str, Any]], form: str) -> bytes:
    """Rows as `csv`, `parquet` or an aligned `table` (which leaves out columns without values)."""
    if form == "csv":
        return _csv(fields, rows).encode("utf-8", "surrogatepass")
    if form == "parquet":
        return _parquet(fields, rows)
    from rulescope.cli.tables import draw_table

    if not rows:
        return b""
    names = [name for name in fields if any(row.get(name) is not None for row in rows)]
    numbers = [index for index, name in enumerate(names) if _all_numbers(rows, name)]
    table = draw_table(names, [[row.get(name) for name in names] for row in rows], numbers=numbers)
    return table.encode("utf-8", "replace") + b"\n"


def write_bytes(data: bytes, output: Path | None) -> None:
    """To the file, or to stdout where there is none."""
    if output is None:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    try:
        output.write_bytes(data)
    except OSError as error:
        raise InputError(f"{output} can't be written: {error.strerror}") from error


def _all_numbers(rows: Sequence[dict[str, Any]], name: str) -> bool:
    return all(isinstance(row[name], int | float) for row in rows if name in row)


def _csv(fields: Sequence[str], rows: Sequence[dict[str, Any]]) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(fields)
    for row in rows:
        writer.writerow([_csv_cell(row.get(name)) for name in fields])
    return stream.getvalue()


def _csv_cell(value: Any) -> Any:
    return "\n".join(map(str, value)) if isinstance(value, list) else value


def _parquet(fields: Sequence[str], rows: Sequence[dict[str, Any]]) -> bytes:
    import pyarrow as arrow
    import pyarrow.parquet as parquet

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
