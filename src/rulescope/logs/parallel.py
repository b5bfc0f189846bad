"""Large inputs: several reading processes write Parquet files, and a view over these is the relation of events."""

from __future__ import annotations

import json
import os
import queue
import shutil
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from rulescope.logs.cache import Manifest, find_cached, keep
from rulescope.logs.collect import Collector, Tally
from rulescope.logs.discover import LogInput
from rulescope.logs.load import Progress, number_rows, report
from rulescope.logs.model import FileReport, Limits, Part, Problem
from rulescope.logs.parts import PartSource
from rulescope.logs.read import read_input
from rulescope.logs.store import EventStore
from rulescope.logs.worker import Writer, input_to_json, part_from_json
from rulescope.system.temporary import TemporaryFolder

if TYPE_CHECKING:
    import duckdb

_MAXIMUM_PROCESSES = 8


def load_large(
    inputs: list[LogInput],
    skipped: list[FileReport],
    connection: duckdb.DuckDBPyConnection | None,
    cache: Path | None,
    progress: Callable[[Progress], None] | None,
    limits: Limits,
) -> EventStore:
    """As `load_logs`, by way of Parquet files in a temporary folder (or in the cache)."""
    from rulescope.logs.connection import open_connection
    from rulescope.logs.tables import create_view

    folder: TemporaryFolder | None = None
    key, found = find_cached(cache, inputs, limits) if cache is not None else (None, None)
    if found is not None:
        tallies, manifest = found
    else:
        folder = TemporaryFolder("logs")
        try:
            tallies, manifest = read_all(inputs, folder.path, limits, progress)
            if cache is not None and key is not None:
                manifest = keep(cache, key, tallies, manifest)
        except BaseException:
            folder.remove()
            raise
    owns = connection is None
    if connection is None:
        connection = open_connection(part.file for part in manifest.parts)
    labels, base, lines = number_rows(inputs, tallies)
    source = PartSource(manifest.parts, base, lines) if manifest.parts else None
    if source is not None:
        columns = create_view(connection, source)
    else:
        from rulescope.logs.tables import create_table

        columns = create_table(connection, None, labels, base, lines)
    files, problems = report(inputs, tallies, skipped, set(manifest.dropped), limits)
    count = sum(tally.good for tally in tallies)
    return EventStore(connection, columns, files, problems, count, owns_connection=owns, folder=folder, source=source)


def read_all(
    inputs: list[LogInput], folder: Path, limits: Limits, progress: Callable[[Progress], None] | None
) -> tuple[list[Tally], Manifest]:
    """Read all inputs into Parquet files under a folder, on all processors."""
    processes = min(os.cpu_count() or 1, _MAXIMUM_PROCESSES, len(inputs))
    if processes < 2 or not sys.executable:
        return _read_here(inputs, folder, limits, progress)
    return _Crew(inputs, folder, limits, progress).work(processes)


def _read_here(
    inputs: list[LogInput], folder: Path, limits: Limits, progress: Callable[[Progress], None] | None
) -> tuple[list[Tally], Manifest]:
    writer = Writer(folder)
    collector = Collector(limits, writer.write)
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
    return tallies, Manifest(tuple(writer.parts), tuple(sorted(collector.dropped)))


class _Worker:
    """A reading process, the folder it writes to, and what it has done."""

    def __init__(self, number: int, folder: Path, limits: Limits, messages: queue.Queue[tuple[_Worker, Any]]) -> None:
        self.folder = folder / f"w{number:03d}"
        self.folder.mkdir()
        self.current: int | None = None
        self.done: list[int] = []
        self.finished = False
        self.process = subprocess.Popen(
            [sys.executable, "-m", "rulescope.logs.worker", str(self.folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        self.send(asdict(limits))
        threading.Thread(target=_listen, args=(self, messages), daemon=True).start()

    def send(self, message: object) -> None:
        """Hand over one message; a worker that is gone is noticed by its listener."""
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(json.dumps(message) + "\n")
            self.process.stdin.flush()
        except OSError:
            return

    def stop(self) -> None:
        """End the process and wait for it."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            _close(stream)


def _close(stream: IO[str] | None) -> None:
    if stream is not None:
        try:
            stream.close()
        except OSError:
            return


def _listen(worker: _Worker, messages: queue.Queue[tuple[_Worker, Any]]) -> None:
    assert worker.process.stdout is not None
    for line in worker.process.stdout:
        messages.put((worker, json.loads(line)))
    messages.put((worker, None))


class _Crew:
    """Hands inputs to workers, largest first, and survives a worker that dies on an input."""

    def __init__(
        self, inputs: list[LogInput], folder: Path, limits: Limits, progress: Callable[[Progress], None] | None
    ) -> None:
        self._inputs = inputs
        self._folder = folder
        self._limits = limits
        self._progress = progress
        self._messages: queue.Queue[tuple[_Worker, Any]] = queue.Queue()
        self._tallies: dict[int, Tally] = {}
        self._jobs = deque(sorted(range(len(inputs)), key=lambda unit: -inputs[unit].size))
        self._started = 0
        self._parts: list[Part] = []
        self._dropped: set[str] = set()

    def work(self, processes: int) -> tuple[list[Tally], Manifest]:
        """Read everything; gives the tallies in input order."""
        workers = {self._start() for _ in range(processes)}
        try:
            while workers:
                worker, message = self._messages.get()
                if message is None:
                    workers.discard(worker)
                    worker.stop()
                    if not worker.finished:
                        self._bury(worker)
                        if self._jobs:
                            workers.add(self._start())
                elif "parts" in message:
                    self._take_files(worker, message)
                else:
                    self._take_tally(worker, message)
                    self._next(worker)
        finally:
            for worker in workers:
                worker.stop()
        tallies = [self._tallies[unit] for unit in range(len(self._inputs))]
        parts = sorted(self._parts, key=lambda part: part.file)
        return tallies, Manifest(tuple(parts), tuple(sorted(self._dropped)))

    def _start(self) -> _Worker:
        worker = _Worker(self._started, self._folder, self._limits, self._messages)
        self._started += 1
        self._next(worker)
        return worker

    def _next(self, worker: _Worker) -> None:
        if not self._jobs:
            worker.current = None
            worker.send(None)
            return
        unit = self._jobs.popleft()
        worker.current = unit
        worker.send({"unit": unit, "input": input_to_json(self._inputs[unit])})

    def _take_tally(self, worker: _Worker, message: dict[str, Any]) -> None:
        unit = message["unit"]
        values = message["tally"]
        values["problems"] = [Problem(**problem) for problem in values["problems"]]
        self._tallies[unit] = Tally(**values)
        worker.done.append(unit)
        if self._progress is not None:
            done = sum(self._inputs[unit].size for unit in self._tallies)
            total = sum(item.size for item in self._inputs)
            events = sum(tally.good for tally in self._tallies.values())
            self._progress(Progress(len(self._tallies), len(self._inputs), done, total, events))

    def _take_files(self, worker: _Worker, message: dict[str, Any]) -> None:
        worker.finished = True
        self._parts += [part_from_json(part) for part in message["parts"]]
        self._dropped.update(message["dropped"])

    def _bury(self, worker: _Worker) -> None:
        """A worker died: its files are incomplete, so what it had done is read again, without the input it died on."""
        shutil.rmtree(worker.folder, ignore_errors=True)
        for unit in worker.done:
            del self._tallies[unit]
            self._jobs.append(unit)
        if worker.current is None:
            return
        message = f"the reading process died on this file (exit status {worker.process.returncode}); it is left out"
        label = self._inputs[worker.current].label
        self._tallies[worker.current] = Tally(bad=1, problems=[Problem(label, message)], failure=message)
