"""Paths to an event store."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING

from rulescope.logs.collect import Collector, Tally
from rulescope.logs.discover import LogInput, find_inputs
from rulescope.logs.model import FileReport, Limits, Problem
from rulescope.logs.read import read_input
from rulescope.logs.store import EventStore

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a load is: inputs done of all, their size in bytes (estimated for compressed ones), and events so far."""

    inputs_done: int
    inputs: int
    bytes_done: int
    bytes: int
    events: int


def load_logs(
    paths: Iterable[Path | str],
    *,
    connection: duckdb.DuckDBPyConnection | None = None,
    cache: Path | None = None,
    progress: Callable[[Progress], None] | None = None,
    limits: Limits | None = None,
) -> EventStore:
    """Read log files and folders into a relation `events`; see `EventStore` for its columns.

    `connection` is where the relation is made; by default a new database that `open_connection` gives. `cache` is a
    folder in which the events of large inputs are kept as Parquet, keyed by the content of the files and the version
    of the readers.
    `progress` is called after each input. Bad records and files are counted and reported in the store, never raised.
    Raises NotFoundError for a path that does not exist.
    """
    limits = limits or Limits()
    inputs, skipped = find_inputs([Path(path) for path in paths], limits)
    total = sum(item.size for item in inputs)
    if total > limits.in_process_bytes:
        from rulescope.logs.parallel import load_large

        return load_large(inputs, skipped, connection, cache, progress, limits)
    return _load_small(inputs, skipped, connection, progress, limits, total)


def _load_small(
    inputs: list[LogInput],
    skipped: list[FileReport],
    connection: duckdb.DuckDBPyConnection | None,
    progress: Callable[[Progress], None] | None,
    limits: Limits,
    total: int,
) -> EventStore:
    from rulescope.logs.connection import open_connection
    from rulescope.logs.tables import create_table

    collector = Collector(limits)
    tallies: list[Tally] = []
    done = 0
    for unit, item in enumerate(inputs):
        tallies.append(read_input(unit, item, collector, limits))
        done += item.size
        if progress is not None:
            progress(Progress(unit + 1, len(inputs), done, total, sum(tally.good for tally in tallies)))
    owns = connection is None
    if connection is None:
        connection = open_connection()
    labels, base, lines = number_rows(inputs, tallies)
    columns = create_table(connection, collector.families.get((None, None)), labels, base, lines)
    files, problems = report(inputs, tallies, skipped, collector.dropped, limits)
    return EventStore(connection, columns, files, problems, sum(tally.good for tally in tallies), owns_connection=owns)


def number_rows(inputs: Sequence[LogInput], tallies: Sequence[Tally]) -> tuple[list[str], list[int], list[int]]:
    """For each input: its label, the number of its first row, and how many lines of its file come before it."""
    base = [0, *accumulate(tally.good for tally in tallies)][: len(inputs)]
    lines: list[int] = []
    for unit, item in enumerate(inputs):
        lines.append(lines[-1] + tallies[unit - 1].lines if item.start else 0)
    return [item.label for item in inputs], base, lines


def report(
    inputs: Sequence[LogInput],
    tallies: Sequence[Tally],
    skipped: Sequence[FileReport],
    dropped: set[str],
    limits: Limits,
) -> tuple[list[FileReport], list[Problem]]:
    """The reports by file (slices of a file put together), and all located problems."""
    _, _, lines = number_rows(inputs, tallies)
    reports: dict[str, FileReport] = {}
    problems: list[Problem] = []
    for item, tally, before in zip(inputs, tallies, lines, strict=True):
        earlier = reports.get(item.label)
        reports[item.label] = FileReport(
            item.label,
            item.format.value,
            tally.good + (earlier.good if earlier else 0),
            tally.bad + (earlier.bad if earlier else 0),
        )
        for problem in tally.problems:
            record = problem.record + before if problem.record is not None else None
            offset = problem.offset + item.start if problem.offset is not None else None
            problems.append(Problem(problem.path, problem.message, record, offset))
    if dropped:
        some = ", ".join(sorted(dropped)[:5])
        problems.append(
            Problem("", f"more than {limits.columns:,} different field names; not made columns: {some[:300]} …")
        )
    return [*reports.values(), *skipped], problems
