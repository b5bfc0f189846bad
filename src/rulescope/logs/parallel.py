"""Large inputs: several reading processes write Parquet files, and a view over these is the relation of events."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from rulescope.errors import LogFileError
from rulescope.logs.cache import LoadManifest, cache_key, find_cached, keep
from rulescope.logs.collect import Collector, Tally, WriteFailed
from rulescope.logs.crew import LoadCrew
from rulescope.logs.inputs import FoundInputs, LogInput
from rulescope.logs.model import LoadLimits, Problem, Progress
from rulescope.logs.names import Dropped, NameRanks, choose_columns
from rulescope.logs.parts import PartSource
from rulescope.logs.readers.streams import explain_break
from rulescope.logs.report import make_report, number_rows
from rulescope.logs.store import EventStore
from rulescope.logs.worker import Writer
from rulescope.system.temporary import TemporaryFolder

if TYPE_CHECKING:
    import duckdb

_MAXIMUM_PROCESSES = 8

_OF_THIS_TIME = frozenset(("LOG042", "LOG044"))
"""Problems that another load of the same files need not have: a reading process that was killed, too little memory."""


def load_large(
    found: FoundInputs,
    connection: duckdb.DuckDBPyConnection | None,
    cache: Path | None,
    progress: Callable[[Progress], None] | None,
    limits: LoadLimits,
    ranks: NameRanks,
) -> EventStore:
    """As `load_logs`, by way of Parquet files in a temporary folder (or in the cache).

    Raises LogFileError where there is no room for these files.
    """
    key, manifest = (None, None) if cache is None else _find(cache, found, limits, ranks)
    folder: TemporaryFolder | None = None
    if manifest is None:
        folder = _temporary_folder()
        try:
            manifest = _read_all(found.inputs, folder.path, limits, progress, ranks)
            if cache is not None and key is not None:
                manifest = _keep(cache, key, manifest, found)
            return _open(found, manifest, connection, limits, ranks, folder)
        except BaseException:
            folder.remove()
            raise
    return _open(found, manifest, connection, limits, ranks, folder)


def _open(
    found: FoundInputs,
    manifest: LoadManifest,
    connection: duckdb.DuckDBPyConnection | None,
    limits: LoadLimits,
    ranks: NameRanks,
    folder: TemporaryFolder | None,
) -> EventStore:
    """The store over the files of a load."""
    from rulescope.logs.connection import open_connection
    from rulescope.logs.tables import create_table, create_view

    owns = connection is None
    if connection is None:
        connection = open_connection(part.file for part in manifest.parts)
    labels, base, lines = number_rows(found.inputs, manifest.tallies)
    left_out = Dropped()
    source: PartSource | None = None
    if manifest.parts:
        source = PartSource(manifest.parts, base, lines)
        counts = source.counts
        names, left_out = choose_columns(counts, lambda: counts, limits.columns, ranks)
        columns = create_view(connection, source, names)
    else:
        columns = create_table(connection, None, labels, base, lines, ())
    left_out.merge(manifest.dropped)
    files, problems = make_report(connection, found, manifest.tallies, left_out, limits)
    count = sum(tally.good for tally in manifest.tallies)
    return EventStore(
        connection,
        columns,
        files,
        problems,
        count,
        owns_connection=owns,
        folder=folder,
        source=source,
        dropped=left_out,
    )


def _find(
    cache: Path, found: FoundInputs, limits: LoadLimits, ranks: NameRanks
) -> tuple[str | None, LoadManifest | None]:
    """The key of these inputs (None if one can't be read), and what an earlier load left under it."""
    try:
        key = cache_key(found.inputs, limits)
    except OSError:
        # A file has gone since it was found. Reading says so.
        return None, None
    manifest, damage = find_cached(cache, key)
    if damage is not None:
        found.problems.append(Problem("", f"{damage}: the logs were read anew", code="LOG041"))
    if manifest is None or len(manifest.tallies) != len(found.inputs):
        return key, None
    # A field that is wanted now may have been left out then.
    left_out = manifest.dropped
    if left_out and ranks.wanted and (left_out.more or left_out.names & ranks.wanted):
        return key, None
    return key, manifest


def _keep(cache: Path, key: str, manifest: LoadManifest, found: FoundInputs) -> LoadManifest:
    """Keep a load for the next time. Where that can't be done, it is said, and the load is used as it is."""
    if any(problem.code in _OF_THIS_TIME for tally in manifest.tallies for problem in tally.problems):
        return manifest
    try:
        return keep(cache, key, manifest)
    except OSError as error:
        message = f"the events can't be kept in {cache}: {explain_break(error)}"
        found.problems.append(Problem("", message, code="LOG040"))
        return manifest


def _temporary_folder() -> TemporaryFolder:
    try:
        return TemporaryFolder("logs")
    except OSError as error:
        raise _no_room(explain_break(error)) from error


def _no_room(reason: str) -> LogFileError:
    hint = "name a folder with more room in the environment variable TMPDIR"
    message = f"the events of large logs are written to a temporary folder, and that failed: {reason}"
    return LogFileError(message, code="LOG043", hint=hint)


def _read_all(
    inputs: list[LogInput],
    folder: Path,
    limits: LoadLimits,
    progress: Callable[[Progress], None] | None,
    ranks: NameRanks,
) -> LoadManifest:
    """Read all inputs into Parquet files under a folder, on all processors."""
    processes = min(os.cpu_count() or 1, _MAXIMUM_PROCESSES, len(inputs))
    try:
        if processes < 2 or not sys.executable:
            return _read_here(inputs, folder, limits, progress, ranks)
        return LoadCrew(inputs, folder, limits, progress, ranks).work(processes)
    except WriteFailed as error:
        raise _no_room(str(error)) from error


def _read_here(
    inputs: list[LogInput],
    folder: Path,
    limits: LoadLimits,
    progress: Callable[[Progress], None] | None,
    ranks: NameRanks,
) -> LoadManifest:
    from rulescope.logs.read import read_input

    writer = Writer(folder)
    collector = Collector(limits, writer.write, ranks)
    tallies: list[Tally] = []
    total = sum(item.size for item in inputs)
    done = 0
    for unit, item in enumerate(inputs):
        writer.labels[unit] = item.label
        tallies.append(read_input(unit, item, collector, limits))
        done += item.size
        if progress is not None:
            progress(Progress(unit + 1, len(inputs), done, total, sum(tally.good for tally in tallies)))
    collector.finish()
    return LoadManifest(tuple(tallies), tuple(writer.parts), collector.dropped)
