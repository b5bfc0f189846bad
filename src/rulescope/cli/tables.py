"""Tables of results as aligned text; no wider than the terminal, and quick to start."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Sequence
from unicodedata import east_asian_width

from rulescope.cli.terminal import WIDTH_WITHOUT_TERMINAL, one_line

_GAP = "  "
_LEAST = 8
_MEASURED_ROWS = 1000
"""Rows that columns are measured by; later ones are cut to what these need."""


def colours(stream: object = None) -> bool:
    """Whether styles may be used on stdout (or another stream): it is a terminal, and NO_COLOR is not set."""
    target = sys.stdout if stream is None else stream
    return bool(getattr(target, "isatty", lambda: False)()) and not os.environ.get("NO_COLOR")


def styled(text: str, style: str, *, on: bool) -> str:
    """The text in an ANSI style (`1` bold, `2` dim, `31` red …), where styles are on."""
    return f"\x1b[{style}m{text}\x1b[0m" if on and text else text


def terminal_width() -> int:
    """Columns of the terminal on stdout, or of the pages we print without one."""
    if sys.stdout.isatty() or "COLUMNS" in os.environ:
        return shutil.get_terminal_size((WIDTH_WITHOUT_TERMINAL, 24)).columns
    return 0


def cell_text(value: object) -> str:
    """A value on one line: several values joined by commas, nothing for NULL, control characters made harmless."""
    if value is None:
        return ""
    if isinstance(value, list):
        return one_line(", ".join(map(str, value)))
    return one_line(value if isinstance(value, str) else json.dumps(value))


def draw_table(headings: Sequence[str], rows: Sequence[Sequence[object]], *, numbers: Sequence[int] = ()) -> str:
    """The table as text; columns whose index is in `numbers` stand to the right.

    On a terminal the widest columns are cut to fit; elsewhere nothing is cut.
    """
    texts = [[cell_text(value) for value in row] for row in rows]
    heads = [one_line(heading) for heading in headings]
    widths = [
        max([_width(heads[index]), *(_width(row[index]) for row in texts[:_MEASURED_ROWS])], default=0)
        for index in range(len(heads))
    ]
    limit = terminal_width()
    if limit:
        widths = _fitted(widths, limit - len(_GAP) * (len(widths) - 1))
    on = colours()
    lines = [styled(_line(heads, widths, numbers), "1", on=on)]
    lines += [_line(row, widths, numbers) for row in texts]
    return "\n".join(lines)


def _fitted(widths: list[int], room: int) -> list[int]:
    """The widths cut, the widest first, until their sum fits; no column below its least."""
    total = sum(widths)
    if total <= room:
        return widths
    low, high = _LEAST, max(widths)
    while low < high:
        middle = (low + high + 1) // 2
        if sum(min(width, middle) for width in widths) <= room:
            low = middle
        else:
            high = middle - 1
    return [min(width, low) for width in widths]


def _line(cells: Sequence[str], widths: Sequence[int], numbers: Sequence[int]) -> str:
    placed = [
        _placed(cell, width, index in numbers) for index, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]
    return _GAP.join(placed).rstrip()


def _placed(text: str, width: int, right: bool) -> str:
    used = _width(text)
    if used > width:
        text = _cut(text, width)
        used = _width(text)
    room = " " * (width - used)
    return room + text if right else text + room


def _cut(text: str, width: int) -> str:
    kept: list[str] = []
    used = 0
    for character in text:
        used += _character_width(character)
        if used > width - 1:
            break
        kept.append(character)
    return "".join(kept) + "…"


def _width(text: str) -> int:
    return len(text) if text.isascii() else sum(map(_character_width, text))


def _character_width(character: str) -> int:
    return 2 if east_asian_width(character) in "WF" else 1
