"""Whether the tests nearest to a function notice its mutants.

`functions.toml` names the functions, and the tests that are nearest to each. A process imports the program and these
tests once; a child of it for each mutant gives the function the mutant's code and runs the tests. No file is changed.
What fails, or does not end in time, has noticed the mutant.

    python tests/mutation/trial.py --sample 20 --only compile_time_bound
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import resource
import signal
import sys
import time
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parents[1]
SEED = "rulescope"
SIZE = 4
"""Mutants of each function, unless told otherwise."""
_QUIET = ("-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist")
_SLOWEST = 45.0
"""Seconds after which a mutant's tests are ended: it may loop for ever."""
_MOST_MEMORY = 8 << 30


@dataclass(frozen=True)
class Subject:
    """A function, `module:name`, and pytest's arguments for the tests nearest to it."""

    function: str
    tests: tuple[str, ...]


@dataclass(frozen=True)
class Trial:
    """A mutant (an empty `change` is the function as it is) with what its tests said."""

    function: str
    change: str
    noticed: bool
    seconds: float


def subjects() -> list[Subject]:
    """The functions of `functions.toml`."""
    document = _document()
    sets = document["tests"]
    return [
        Subject(f"rulescope.{group['module']}:{name}", tuple(sets[group["tests"]]))
        for group in document["group"]
        for name in group["functions"]
    ]


def equivalents() -> dict[tuple[str, str], str]:
    """Mutants that no test can notice, by function and change, and why that is so."""
    return {
        (f"rulescope.{group['module']}:{one['function']}", one["change"]): one["why"]
        for group in _document()["group"]
        for one in group.get("equivalent", [])
    }


def _document() -> dict[str, Any]:
    return tomllib.loads((HERE / "functions.toml").read_text("utf-8"))


def run(chosen: Sequence[Subject], size: int, jobs: int) -> Iterator[Trial]:
    """The trial of each distinct set of tests without a fault, then those of the mutants."""
    from mutants import Mutant, mutants_of, sample

    known = equivalents()
    waiting: list[tuple[Subject, Mutant | None]] = []
    for subject in chosen:
        found = [one for one in mutants_of(subject.function) if (one.function, one.change) not in known]
        waiting += [(subject, one) for one in sample(found, size, SEED)]
    firsts = {subject.tests: subject for subject in reversed(chosen)}
    waiting += [(subject, None) for subject in firsts.values()]
    _import_tests(chosen)
    running: dict[int, tuple[Subject, Mutant | None, float]] = {}
    while waiting or running:
        while waiting and len(running) < jobs:
            subject, mutant = waiting.pop()
            running[_start(subject, mutant)] = (subject, mutant, time.monotonic())
        yield from _ended(running)


def _import_tests(chosen: Sequence[Subject]) -> None:
    import pytest

    files = dict.fromkeys(part for subject in chosen for part in subject.tests if part.endswith(".py"))
    with contextlib.redirect_stdout(io.StringIO()) as said:
        status = pytest.main([*files, "--collect-only", *_QUIET])
    if status != 0:
        raise SystemExit(f"the tests can't be collected:\n{said.getvalue()}")


def _start(subject: Subject, mutant: Any) -> int:
    sys.stdout.flush()
    child = os.fork()
    if child:
        return child
    status = 3
    try:
        os.setsid()
        resource.setrlimit(resource.RLIMIT_DATA, (_MOST_MEMORY, _MOST_MEMORY))
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 1)
        os.dup2(silence, 2)
        if mutant is not None:
            from mutants import target_of

            target_of(mutant.function).__code__ = mutant.code
        import pytest

        status = int(pytest.main([*subject.tests, *_QUIET]))
    finally:
        os._exit(status)


def _ended(running: dict[int, tuple[Subject, Any, float]]) -> Iterator[Trial]:
    """The trials that have ended, or have had their time."""
    time.sleep(0.02)
    for child, (subject, mutant, start) in list(running.items()):
        ended, status = os.waitpid(child, os.WNOHANG)
        late = time.monotonic() - start > _SLOWEST
        if not ended and not late:
            continue
        if not ended:
            os.killpg(child, signal.SIGKILL)
            _, status = os.waitpid(child, 0)
        del running[child]
        code = os.waitstatus_to_exitcode(status)
        if code == 4 or code == 5:
            raise SystemExit(f"no tests are run by {' '.join(subject.tests)}")
        change = "" if mutant is None else mutant.change
        yield Trial(subject.function, change, code != 0, time.monotonic() - start)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sample", type=int, default=SIZE, help="mutants of each function")
    parser.add_argument("--only", action="append", help="functions whose names have this in them")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--json", action="store_true", help="one trial a line")
    options = parser.parse_args()
    os.chdir(PROJECT)
    wanted = options.only or [""]
    chosen = [one for one in subjects() if any(part in one.function for part in wanted)]
    trials: list[Trial] = []
    for trial in run(chosen, options.sample, options.jobs):
        trials.append(trial)
        if options.json:
            print(json.dumps(vars(trial)), flush=True)
        elif not trial.change or not trial.noticed:
            word = ("FAILS UNCHANGED" if trial.noticed else "passes") if not trial.change else "lives"
            print(f"{word:8} {trial.seconds:5.1f} s  {trial.function}  {trial.change}", flush=True)
    if not options.json:
        mutants = [one for one in trials if one.change]
        print(f"{sum(one.noticed for one in mutants)} of {len(mutants)} noticed")


if __name__ == "__main__":
    main()
