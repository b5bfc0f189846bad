"""Reads files and rules in several processes."""

from __future__ import annotations

import gc
import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import TypeVar

import msgspec

from rulescope.catalog.libraries import Libraries
from rulescope.catalog.rule_records import read_rule
from rulescope.corpus import FileContent, FoundFile, RuleFile, read_file
from rulescope.errors import CatalogError
from rulescope.system.processes import begin_worker

Task = TypeVar("Task")
Answer = TypeVar("Answer")

ReadRule = tuple[bytes, str]
"""A record as msgpack, and the hash over its macros."""

FEW = 48
"""Below so many tasks, processes cost more time than they save."""

_CHUNK = 24
_ATTEMPTS = 2

_libraries: Libraries | None = None
_encoder = msgspec.msgpack.Encoder()


def available_processes() -> int:
    """How many processes this one may keep busy; more than eight gain nothing, as one gathers what they make."""
    return max(1, min(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1, 8))


def read_files(found: Sequence[FoundFile], processes: int, done: Callable[[int], None]) -> Iterator[FileContent]:
    """The content of each file, in order; `done` is told how many are."""
    yield from _spread(read_file, found, processes, done, None)


def read_rules(
    rules: Sequence[RuleFile], libraries: Libraries, processes: int, done: Callable[[int], None]
) -> Iterator[ReadRule]:
    """The record of each rule, in order; `done` is told how many are."""
    yield from _spread(_read, rules, processes, done, libraries)


def _read(rule: RuleFile) -> ReadRule:
    assert _libraries is not None
    record = read_rule(rule, _libraries.of(rule.info.repository))
    return _encoder.encode(record), _libraries.hash_of(rule.info.repository, {*record.macros, *record.unknown_macros})


def _spread(
    work: Callable[[Task], Answer],
    tasks: Sequence[Task],
    processes: int,
    done: Callable[[int], None],
    libraries: Libraries | None,
) -> Iterator[Answer]:
    """Where a process dies, the tasks that are left are given out once more. Raises `CatalogError` where one dies then,
    too."""
    number = 0
    for _ in range(_ATTEMPTS):
        with _workers(processes if len(tasks) > FEW else 1, libraries) as pool:
            left = tasks[number:]
            try:
                answers = map(work, left) if pool is None else pool.map(work, left, chunksize=_CHUNK)
                for answer in answers:
                    number += 1
                    done(number)
                    yield answer
                return
            except BrokenProcessPool:
                continue
    hint = "a system short of memory ends processes so: give it fewer rules at a time"
    raise CatalogError("a process that read rules was ended by the system", code="RSC205", hint=hint)


@contextmanager
def _workers(processes: int, libraries: Libraries | None) -> Iterator[ProcessPoolExecutor | None]:
    """A pool, or None where this process is to do the work.

    Forked workers have everything loaded and all macros at hand at once, but a fork of a process with threads may
    hang: there, and where there is no fork, workers start afresh. What ends the work ends them.
    """
    if processes < 2:
        _prepare(libraries)
        yield None
        return
    can_fork = "fork" in multiprocessing.get_all_start_methods() and threading.active_count() == 1
    context = multiprocessing.get_context("fork" if can_fork else "spawn")
    pool = ProcessPoolExecutor(processes, context, _prepare_worker, (libraries, os.getpid()))
    try:
        yield pool
    except BaseException:
        for process in multiprocessing.active_children():
            process.kill()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def _prepare(libraries: Libraries | None) -> None:
    """Keeps what all tasks need where they find it: a process pool has no other way to hand it over once."""
    global _libraries
    _libraries = libraries


def _prepare_worker(libraries: Libraries | None, parent: int) -> None:
    # A worker lives for some seconds and makes trees without cycles: collecting would only walk them.
    gc.disable()
    # Whoever stops the build stops it in one place: the parent ends its workers, and they go with it.
    begin_worker(parent)
    _prepare(libraries)
