"""Rows of results as a table, JSON, CSV or Parquet, to stdout or a file."""

from __future__ import annotations

import csv
import errno
import io
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rulescope.errors import InputError
from rulescope.system.files import write_whole

if TYPE_CHECKING:
    from rulescope.api.search import SearchAnswer


_RUN_BY_SPREADSHEETS = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that spreadsheets take for a formula: OWASP, "CSV Injection"."""

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?\Z")


def write_rows(answer: SearchAnswer, form: str, output: Path | None, *, raw: bool = False) -> None:
    """Writes the rows in that form; `raw` as `rows_bytes` has it. Raises `InputError` where the file can't be
    written."""
    if form == "json":
        from rulescope.api.json_form import encode_json
        from rulescope.api.search import answer_json

        write_bytes(encode_json(answer_json(answer)) + b"\n", output)
    else:
        write_bytes(rows_bytes(answer.fields, answer.rows, form, raw=raw), output)


def rows_bytes(fields: Sequence[str], rows: Sequence[dict[str, Any]], form: str, *, raw: bool = False) -> bytes:
    """Rows as `csv`, `parquet` or an aligned `table` (which leaves out columns without values).

    A text that spreadsheets would run as a formula stands in CSV behind an apostrophe, unless `raw`.
    """
    if form == "csv":
        return _csv(fields, rows, raw).encode("utf-8", "surrogatepass")
    if form == "parquet":
        from rulescope.engines.duckdb.parquet import parquet_bytes

        return parquet_bytes(fields, rows)
    from rulescope.cli.tables import draw_table

    if not rows:
        return b""
    names = [name for name in fields if any(row.get(name) is not None for row in rows)]
    numbers = [index for index, name in enumerate(names) if _all_numbers(rows, name)]
    table = draw_table(names, [[row.get(name) for name in names] for row in rows], numbers=numbers)
    return table.encode("utf-8", "replace") + b"\n"


def write_bytes(data: bytes, output: Path | None) -> None:
    """To the file, whole or not at all, or to stdout where there is none. Raises `InputError`."""
    if output is None:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    try:
        write_whole(output, data)
    except OSError as error:
        raise _unwritable(output, error.errno or 0) from error


def check_place(output: Path) -> None:
    """Raises `InputError` where no file can be written there."""
    if output.is_dir():
        raise _unwritable(output, errno.EISDIR)
    if not output.parent.exists():
        raise _unwritable(output, errno.ENOENT)


def _unwritable(output: Path, number: int) -> InputError:
    hints = {
        errno.EISDIR: "name a file in it",
        errno.ENOENT: f"there is no folder {output.parent}: make it first, or name another",
        errno.ENOSPC: "the disk is full: make room, or name another place",
        errno.EACCES: "it may not be written by this user",
    }
    return InputError(f"{output} can't be written: {os.strerror(number)}", code="RSC160", hint=hints.get(number))


def _all_numbers(rows: Sequence[dict[str, Any]], name: str) -> bool:
    return all(isinstance(row[name], int | float) for row in rows if name in row)


def _csv(fields: Sequence[str], rows: Sequence[dict[str, Any]], raw: bool) -> str:
    stream = io.StringIO()
    plain = csv.writer(stream, lineterminator="\n")
    # A carriage return ends a row as well for those who read CSV, but not for this writer, which leaves it unquoted.
    quoted = csv.writer(stream, lineterminator="\n", quoting=csv.QUOTE_ALL)
    for values in (fields, *([row.get(name) for name in fields] for row in rows)):
        cells = [_csv_cell(value, raw) for value in values]
        returns = any(isinstance(cell, str) and "\r" in cell for cell in cells)
        (quoted if returns else plain).writerow(cells)
    return stream.getvalue()


def _csv_cell(value: Any, raw: bool) -> Any:
    cell = "\n".join(map(str, value)) if isinstance(value, list) else value
    if raw or not isinstance(cell, str) or not cell.lstrip(" ").startswith(_RUN_BY_SPREADSHEETS):
        return cell
    return cell if _NUMBER.match(cell) else f"'{cell}"
