"""Reading processes: each takes one input after the other and writes Parquet files."""

from __future__ import annotations

import json
import queue
import shutil
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

from rulescope.logs.cache import LoadManifest
from rulescope.logs.collect import Tally, WriteFailed
from rulescope.logs.inputs import LogInput
from rulescope.logs.model import LoadLimits, Part, Problem, Progress
from rulescope.logs.names import Dropped, NameRanks
from rulescope.logs.readers.streams import explain_break
from rulescope.logs.worker import dropped_from_json, input_to_json, part_from_json, tally_from_json

_MOST_TRIES = 2


class _Worker:
    """A reading process, the folder it writes to, and what it has done. `alone`: it reads one input and no more."""

    def __init__(self, number: int, folder: Path, settings: object, messages: queue.Queue[tuple[_Worker, Any]]) -> None:
        self.folder = folder / f"w{number:03d}"
        self.folder.mkdir()
        self.current: int | None = None
        self.done: list[int] = []
        self.alone = False
        self.finished = False
        self.process = subprocess.Popen(
            [sys.executable, "-m", "rulescope.logs.worker", str(self.folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # How it ended is told by its exit status; its traceback is of no use to who reads logs.
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
        )
        self.send(settings)
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
    try:
        for line in worker.process.stdout:
            messages.put((worker, json.loads(line)))
    except ValueError:
        # Half a message: it died while it wrote.
        pass
    messages.put((worker, None))


class LoadCrew:
    """Hands inputs to workers, largest first, and survives a worker that dies.

    What a dead worker had read is read again by others. The input that it died on gets one more try in a process of its
    own, since another process may have used up the memory; then it is left out, and that is said.
    """

    def __init__(
        self,
        inputs: list[LogInput],
        folder: Path,
        limits: LoadLimits,
        progress: Callable[[Progress], None] | None,
        ranks: NameRanks,
    ) -> None:
        self._inputs = inputs
        self._folder = folder
        self._settings = {"limits": asdict(limits), "wanted": sorted(ranks.wanted)}
        self._progress = progress
        self._messages: queue.Queue[tuple[_Worker, Any]] = queue.Queue()
        self._tallies: dict[int, Tally] = {}
        self._jobs = deque(sorted(range(len(inputs)), key=lambda unit: -inputs[unit].size))
        self._suspects: deque[int] = deque()
        self._tries: dict[int, int] = {}
        self._started = 0
        self._parts: list[Part] = []
        self._dropped = Dropped()

    def work(self, processes: int) -> LoadManifest:
        """Read everything; gives the tallies in input order. Raises WriteFailed where the files can't be written."""
        workers: set[_Worker] = set()
        try:
            for _ in range(processes):
                workers.add(self._start())
            while workers:
                worker, message = self._messages.get()
                if message is not None:
                    self._take(worker, message)
                    continue
                workers.discard(worker)
                worker.stop()
                if not worker.finished:
                    self._bury(worker)
                while len(workers) < processes and (self._jobs or self._suspects):
                    workers.add(self._start())
        finally:
            for worker in workers:
                worker.stop()
        tallies = tuple(self._tallies[unit] for unit in range(len(self._inputs)))
        return LoadManifest(tallies, tuple(sorted(self._parts, key=lambda part: part.file)), self._dropped)

    def _start(self) -> _Worker:
        try:
            worker = _Worker(self._started, self._folder, self._settings, self._messages)
        except OSError as error:
            raise WriteFailed(explain_break(error)) from error
        self._started += 1
        if not self._jobs and self._suspects:
            worker.alone = True
        self._next(worker)
        return worker

    def _next(self, worker: _Worker) -> None:
        jobs = self._suspects if worker.alone else self._jobs
        if not jobs or (worker.alone and worker.done):
            worker.current = None
            worker.send(None)
            return
        unit = jobs.popleft()
        worker.current = unit
        worker.send({"unit": unit, "input": input_to_json(self._inputs[unit])})

    def _take(self, worker: _Worker, message: dict[str, Any]) -> None:
        if "unwritten" in message:
            raise WriteFailed(message["unwritten"])
        if "parts" in message:
            worker.finished = True
            self._parts += [part_from_json(part) for part in message["parts"]]
            self._dropped.merge(dropped_from_json(message["dropped"]))
            return
        self._tallies[message["unit"]] = tally_from_json(message["tally"])
        worker.done.append(message["unit"])
        self._tell_progress()
        self._next(worker)

    def _tell_progress(self) -> None:
        if self._progress is None:
            return
        done = sum(self._inputs[unit].size for unit in self._tallies)
        total = sum(item.size for item in self._inputs)
        events = sum(tally.good for tally in self._tallies.values())
        self._progress(Progress(len(self._tallies), len(self._inputs), done, total, events))

    def _bury(self, worker: _Worker) -> None:
        """A worker died: its files are incomplete, so what it had done is read again."""
        shutil.rmtree(worker.folder, ignore_errors=True)
        for unit in worker.done:
            del self._tallies[unit]
        if worker.current is not None:
            self._jobs.extend(worker.done)
            self._suspect(worker.current, worker)
        else:
            # It died over the last of its files, and any of its inputs may be why.
            for unit in worker.done:
                self._suspect(unit, worker)

    def _suspect(self, unit: int, worker: _Worker) -> None:
        tries = self._tries[unit] = self._tries.get(unit, 0) + 1
        if tries < _MOST_TRIES:
            self._suspects.append(unit)
            return
        message = f"the reading process died on this file (exit status {worker.process.returncode}); it is left out"
        label = self._inputs[unit].label
        self._tallies[unit] = Tally(bad=1, told=1, problems=[Problem(label, message, code="LOG042")])
