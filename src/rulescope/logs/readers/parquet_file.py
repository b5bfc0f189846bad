"""Parquet: one row an event."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rulescope.errors import LogFileError
from rulescope.logs.model import LoadLimits
from rulescope.logs.readers.sink import NOT_ITS_ENCODING, Sink
from rulescope.logs.shapes import shape_object

_BATCH = 4096


def read_parquet(path: Path, source: str, sink: Sink, limits: LoadLimits) -> None:
    """A Parquet file, in batches. Cells become text as JSON would spell them; times are ISO 8601 in UTC.

    A row group that is damaged costs its rows only. Raises LogFileError if the file is none.
    """
    import pyarrow as arrow
    import pyarrow.parquet as parquet

    try:
        with parquet.ParquetFile(path) as table:
            names = list(table.schema_arrow.names)
            if not names and table.metadata.num_rows:
                raise LogFileError("a table without columns", code="LOG012")
            if len(set(names)) < len(names):
                sink.note("LOG032", "the table has several columns of one name: the last one is read")
            reader = _Rows(names, source, sink, limits)
            for group in range(table.num_row_groups):
                reader.read_group(table, group)
            reader.finish(table.metadata.num_rows)
    except (arrow.ArrowException, OSError, UnicodeDecodeError) as error:
        raise LogFileError(_first_line(error), code="LOG012") from error


class _Rows:
    """The rows of a table as events."""

    def __init__(self, names: Sequence[str], source: str, sink: Sink, limits: LoadLimits) -> None:
        self._names = names
        self._source = source
        self._sink = sink
        self._limits = limits
        self._number = 0

    def read_group(self, table: Any, group: int) -> None:
        """The rows of a row group; if it is damaged, those before the damage."""
        import pyarrow as arrow

        last = self._number + table.metadata.row_group(group).num_rows
        reason = "fewer rows than the file states"
        try:
            for batch in table.iter_batches(batch_size=_BATCH, row_groups=[group]):
                columns = [self._values(column) for column in batch.columns]
                for row in zip(*columns, strict=True):
                    self._take(row)
        except (arrow.ArrowException, OSError) as error:
            reason = _first_line(error)
        lost = last - self._number
        if lost > 0:
            message = f"a row group is damaged, {lost:,} of its rows are not read: {reason}"
            self._sink.problem(message, record=self._number + 1, count=lost, code="LOG012")
            self._number = last

    def finish(self, stated: int) -> None:
        """Hold the number of rows against what the file states."""
        if stated > self._number:
            lost = stated - self._number
            self._sink.problem(f"the file states {lost:,} more rows than it has", count=lost, code="LOG012")

    def _take(self, row: Sequence[Any]) -> None:
        self._number += 1
        cells = {name: _plain(value) for name, value in zip(self._names, row, strict=True) if value is not None}
        try:
            raw = str(cells["_raw"]) if "_raw" in cells else _json(cells)
            self._sink.event(shape_object(cells, self._number, raw, self._source, self._limits))
        except (ValueError, RecursionError) as error:
            self._sink.problem(str(error)[:300], record=self._number)

    def _values(self, column: Any) -> list[Any]:
        """The values of a column as Python's own."""
        import pyarrow as arrow

        try:
            values: list[Any] = column.to_pylist()
        except (ValueError, OverflowError):
            kind = column.type
            if arrow.types.is_string(kind) or arrow.types.is_large_string(kind):
                self._sink.note("LOG030", NOT_ITS_ENCODING)
                values = column.cast(arrow.large_binary()).to_pylist()
            elif arrow.types.is_timestamp(kind):
                # Nanoseconds, and years that Python has not.
                texts = column.cast(arrow.string()).to_pylist()
                values = [text and text.replace(" ", "T", 1) for text in texts]
            else:
                values = [self._value(value) for value in column]
        return values

    def _value(self, value: Any) -> Any:
        try:
            return value.as_py()
        except (ValueError, OverflowError):
            self._sink.note("LOG035", "a value that can't be read: it is left out")
            return None


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


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:300]
