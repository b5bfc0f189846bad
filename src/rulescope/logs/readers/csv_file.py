"""CSV: one row an event."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter, deque
from collections.abc import Iterator

from rulescope.logs.model import Event, LoadLimits
from rulescope.logs.readers.sink import NOT_ITS_ENCODING, Sink
from rulescope.logs.readers.streams import Meter, bounded_lines
from rulescope.logs.shapes import shape_object

_READ_AGAIN = 64 << 20
"""Characters of a file that may be read once more because a quote before them was not closed."""
_VALUE = re.compile(
    r"""\s*(?:
    [+-]?\d+(?:[.,]\d+)?                                    # a number
    | \d{4}[-/]\d\d?[-/]\d\d?(?:[T\s].*)?                   # a date, with a time or without
    | \d\d?[-/.]\d\d?[-/.]\d{4}(?:[T\s,].*)?
    | \d{1,3}(?:\.\d{1,3}){3}                               # an address
    | [A-Za-z]:\\.* | \\\\.*                                # a path of Windows
    | \{?[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\}?
    )\s*""",
    re.VERBOSE,
)
"""What no column is called: a header that has such a cell is the first row of a table without header."""


def read_csv(meter: Meter, source: str, sink: Sink, limits: LoadLimits) -> None:
    """CSV with a header line; comma, semicolon or tab, whichever the header has most of. An empty cell is no value.

    `_raw` is the row as CSV again, where the table has no such column. `number` counts rows from 1. A name that the
    header has twice is a multivalue field. A row that is the header again, as in files that were joined, is none.
    """
    csv.field_size_limit(limits.line_bytes)
    lines = _Lines(_text_lines(meter, sink, limits))
    header_line = next(lines, "")
    delimiter = max(",;\t", key=header_line.count)
    names = next(csv.reader([header_line], delimiter=delimiter), [])
    if not _is_sound([header_line], delimiter):
        sink.note("LOG034", "the quotes of the header are not in pairs: its names are read as they stand")
        names = [name.rstrip("\n") for name in names]
    header = _Header(names, delimiter, source, sink, limits)
    number = 0
    for row in _rows(lines, delimiter, sink):
        number += 1
        if row is None:
            count, message = lines.unsound
            sink.problem(message, record=number, count=count, code="LOG034")
            number += count - 1
        elif row == header.names:
            sink.note("LOG055", "the header line once more: it is no event", number)
        elif len(row) > len(header.names):
            sink.problem(f"{len(row)} cells under {len(header.names)} names", record=number)
        else:
            try:
                sink.event(header.event(row, number))
            except ValueError as error:
                sink.problem(str(error), record=number)


class _Header:
    """The names of a table, and its rows as events."""

    def __init__(self, names: list[str], delimiter: str, source: str, sink: Sink, limits: LoadLimits) -> None:
        self.names = names
        self._delimiter = delimiter
        self._source = source
        self._sink = sink
        self._limits = limits
        self._twice = sorted(name for name, count in Counter(names).items() if count > 1 and name)
        self._plain = not self._twice and "" not in names
        value = next(filter(_VALUE.fullmatch, names), None)
        if value is not None:
            message = f"the header line holds a value ('{value[:80]}'): the first row is taken for the names of columns"
            sink.note("LOG054", message)
        if self._twice:
            listed = ", ".join(self._twice[:5])[:300]
            message = f"the header has names more than once ({listed}): such a field has the values of all its columns"
            sink.note("LOG032", message)

    def event(self, row: list[str], number: int) -> Event:
        """The event of a row. Raises ValueError for one beyond the limits."""
        if len(row) < len(self.names):
            self._sink.note("LOG033", "a row with fewer cells than names: the last are taken for empty", number)
        record = {name: cell for name, cell in zip(self.names, row, strict=False) if name and cell}
        text = io.StringIO()
        csv.writer(text, delimiter=self._delimiter, lineterminator="").writerow(row)
        event = shape_object(record, number, text.getvalue(), self._source, self._limits, sourcetype="csv")
        if not self._plain:
            self._add_others(event, row, number)
        return event

    def _add_others(self, event: Event, row: list[str], number: int) -> None:
        """What a record with one value a name has no room for."""
        for name in self._twice:
            values = [cell for known, cell in zip(self.names, row, strict=False) if known == name and cell]
            if len(values) > 1 and name in event.fields and name != "_raw":
                event.fields[name] = values
        if any(cell and not name for name, cell in zip(self.names, row, strict=False)):
            self._sink.note("LOG035", "a value in a column without a name: it is in _raw only", number)


class _Lines:
    """The lines of a file, with those of the row that is being read, so that they can be read once more."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._again: deque[str] = deque()
        self._reread = 0
        self.taken: list[str] = []
        self.unsound = (0, "")
        self.ended = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else next(self._lines, None)
        if line is None:
            self.ended = True
            raise StopIteration
        self.taken.append(line)
        return line

    def give_back(self) -> None:
        """Have the lines of this row but the first read as rows of their own, and say what became of the row."""
        size = sum(map(len, self.taken))
        if self._reread + size > _READ_AGAIN:
            self.unsound = (len(self.taken), f"quotes that are not in pairs: {len(self.taken):,} lines are not read")
            return
        self._reread += size
        self._again.extendleft(reversed(self.taken[1:]))
        self.unsound = (1, "a quote is opened in this row and not closed as it should be: the row is not read")


def _rows(lines: _Lines, delimiter: str, sink: Sink) -> Iterator[list[str] | None]:
    """The rows that are not empty; None for one that goes over several lines for no other reason than that a quote is
    missing in it. The lines after its first are then read anew."""
    rows = csv.reader(lines, delimiter=delimiter, strict=True)
    number = 0
    row: list[str] | None
    while True:
        lines.taken = []
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error:
            row = _loose_row(lines, delimiter)
            rows = csv.reader(lines, delimiter=delimiter, strict=True)
            if row is None:
                lines.give_back()
                number += lines.unsound[0]
                yield None
                continue
            sink.note("LOG034", "quotes that are not in pairs: the row is read as it stands", number + 1)
        if row:
            number += 1
            yield row


def _loose_row(lines: _Lines, delimiter: str) -> list[str] | None:
    """The cells of a line whose quotes are not where the rules for them allow it; None where one is not closed, unless
    the file was cut off there."""
    if len(lines.taken) > 1:
        return None
    try:
        row = next(csv.reader(lines.taken, delimiter=delimiter))
    except csv.Error:
        return None
    if row[-1].endswith("\n") and not lines.ended:
        return None
    return [*row[:-1], row[-1].removesuffix("\n")]


def _is_sound(lines: list[str], delimiter: str) -> bool:
    """Whether these lines are one row by the strict reading of the rules for quotes."""
    try:
        return len(list(csv.reader(lines, delimiter=delimiter, strict=True))) == 1
    except csv.Error:
        return False


def _text_lines(meter: Meter, sink: Sink, limits: LoadLimits) -> Iterator[str]:
    for number, offset, line in bounded_lines(meter, limits.line_bytes):
        if line is None:
            sink.problem(f"the line is longer than {limits.line_bytes:,} bytes", record=number, offset=offset)
            continue
        encoding = "utf-8-sig" if number == 1 else "utf-8"
        try:
            text = line.decode(encoding)
        except UnicodeDecodeError:
            sink.note("LOG030", NOT_ITS_ENCODING)
            text = line.decode(encoding, "replace")
        # Some programs end lines with CR alone.
        yield from (f"{part}\n" for part in text.split("\r"))
