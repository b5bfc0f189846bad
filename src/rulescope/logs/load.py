"""Paths to an event store."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from rulescope.logs.collect import Collector, Tally
from rulescope.logs.discover import find_inputs
from rulescope.logs.inputs import FoundInputs
from rulescope.logs.model import LoadLimits, Progress
from rulescope.logs.names import NameRanks, choose_columns
from rulescope.logs.read import read_input
from rulescope.logs.report import make_report, number_rows
from rulescope.logs.store import EventStore

if TYPE_CHECKING:
    import duckdb


def load_logs(
    paths: Iterable[Path | str],
    *,
    connection: duckdb.DuckDBPyConnection | None = None,
    cache: Path | None = None,
    progress: Callable[[Progress], None] | None = None,
    limits: LoadLimits | None = None,
    wanted: Callable[[], Collection[str]] = tuple,
) -> EventStore:
    """Read log files and folders into a relation `events`; see `EventStore` for its columns.

    `connection` is where the relation is made; by default a new database that `open_connection` gives. `cache` is a
    folder in which the events of large inputs are kept as Parquet, keyed by the content of the files and the version
    of the readers. `wanted` gives fields that must be columns however many others there are (words that are none do no
    harm: see `words_of`); it is asked where it matters.
    `progress` is called after each input. Bad records and files are counted and reported in the store, never raised.
    Raises NotFoundError for a path that does not exist, and LogFileError where the events can't be written.
    """
    limits = limits or LoadLimits()
    ranks = NameRanks(wanted)
    found = find_inputs([Path(path) for path in paths], limits)
    if sum(item.size for item in found.inputs) > limits.in_process_bytes:
        from rulescope.logs.parallel import load_large

        return load_large(found, connection, cache, progress, limits, ranks)
    return _load_small(found, connection, progress, limits, ranks)


def _load_small(
    found: FoundInputs,
    connection: duckdb.DuckDBPyConnection | None,
    progress: Callable[[Progress], None] | None,
    limits: LoadLimits,
    ranks: NameRanks,
) -> EventStore:
    from rulescope.logs.connection import open_connection
    from rulescope.logs.tables import create_table

    inputs = found.inputs
    collector = Collector(limits, ranks=ranks)
    tallies: list[Tally] = []
    total = sum(item.size for item in inputs)
    done = 0
    for unit, item in enumerate(inputs):
        tallies.append(read_input(unit, item, collector, limits))
        done += item.size
        if progress is not None:
            progress(Progress(unit + 1, len(inputs), done, total, sum(tally.good for tally in tallies)))
    owns = connection is None
    if connection is None:
        connection = open_connection()
    family = collector.family()
    names, left_out = choose_columns(family.columns, family.counts, limits.columns, ranks)
    left_out.merge(collector.dropped)
    columns = create_table(connection, family, *number_rows(inputs, tallies), names)
    files, problems = make_report(connection, found, tallies, left_out, limits)
    count = sum(tally.good for tally in tallies)
    return EventStore(connection, columns, files, problems, count, owns_connection=owns, dropped=left_out)
