"""Reads the data files that lie beside the loaders."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

DATA = Path(__file__).resolve().parent / "data"


def load_rows(name: str) -> Iterator[list[str]]:
    """The rows of the CSV file `data/name` without its header, each with as many cells as the header."""
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        yield from rows


def split_cell(cell: str) -> tuple[str, ...]:
    """The values of a cell that holds several, parted by semicolons; an empty cell has none."""
    return tuple(cell.split(";")) if cell else ()
