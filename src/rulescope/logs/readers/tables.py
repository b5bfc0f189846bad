"""CSV and Parquet: one row an event."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from rulescope.errors import LogFileError
from rulescope.logs.model import Limits
from rulescope.logs.readers.sink import Sink
from rulescope.logs.readers.streams import Meter, bounded_lines
from rulescope.logs.shapes import shape_object


def read_csv(meter: Meter, source: str, sink: Sink, limits: Limits) -> None:
    """CSV with a header line; comma, semicolon or tab, whichever the header has most of. An empty cell is no value.

    `_raw` is the row as CSV again, where the table has no such column. `number` counts rows from 1.
    """
    csv.field_size_limit(limits.line_bytes)
    lines = _text_lines(meter, sink, limits)
    header_line = next(lines, "")
    delimiter = max(",;\t", key=header_line.count)
    header = next(csv.reader([header_line], delimiter=delimiter), [])
    rows = csv.reader(lines, delimiter=delimiter)
    number = 0
    while True:
        try:
            row = next(rows)
        except StopIteration:
            break
        except csv.Error as error:
            number += 1
            sink.problem(str(error), record=number)
            continue
        if not row:
            continue
        number += 1
        if len(row) > len(header):
            sink.problem(f"{len(row)} cells under {len(header)} names", record=number)
            continue
        record = {name: cell for name, cell in zip(header, row, strict=False) if name and cell}
        text = io.StringIO()
        csv.writer(text, delimiter=delimiter, lineterminator="").writerow(row)
        try:
            sink.event(shape_object(record, number, text.getvalue(), source, limits, sourcetype="csv"))
        except ValueError as error:
            sink.problem(str(error), record=number)


def _text_lines(meter: Meter, sink: Sink, limits: Limits) -> Iterator[str]:
    for number, offset, line in bounded_lines(meter, limits.line_bytes):
        if line is None:
            sink.problem(f"the line is longer than {limits.line_bytes:,} bytes", record=number, offset=offset)
        elif b"\0" not in line:
            yield line.decode("utf-8-sig" if number == 1 else "utf-8", "replace") + "\n"


def read_parquet(path: Path, source: str, sink: Sink, limits: Limits) -> None:
    """A Parquet file, in batches. Cells become text as JSON would spell them; times are ISO 8601 in UTC.

    Raises LogFileError if it is none.
    """
    import pyarrow as arrow
    import pyarrow.parquet as parquet

    try:
        table = parquet.ParquetFile(path)
        number = 0
        for batch in table.iter_batches(batch_size=4096):
            for record in batch.to_pylist():
                number += 1
                cells = {key: _plain(value) for key, value in record.items() if value is not None}
                try:
                    raw = str(cells["_raw"]) if "_raw" in cells else _json(cells)
                    sink.event(shape_object(cells, number, raw, source, limits))
                except ValueError as error:
                    sink.problem(str(error), record=number)
    except (arrow.ArrowException, OSError) as error:
        raise LogFileError(str(error).splitlines()[0][:300], code="LOG012") from error


def _plain(value: object) -> object:
    from datetime import date, datetime

    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)


def _json(value: object) -> str:
    import msgspec

    return msgspec.json.encode(value).decode()
