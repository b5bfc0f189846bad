"""One process that runs rules: `python -m rulescope.hunt.worker`, started by `rulescope.hunt.crew`.

What it is given stands pickled on its standard input: the parts of the run, then lists of rules. Each rule is answered
with its outcome, pickled on standard output. A plain child process, because a pool of `multiprocessing` would run the
caller's main module again.
"""

from __future__ import annotations

import os
import pickle
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from rulescope.engines.duckdb import Limits
from rulescope.hunt.event_slices import Slices
from rulescope.hunt.kind_counts import KindCounts
from rulescope.hunt.kinds import Kinds
from rulescope.hunt.knowledge import derived_fields, knowledge_for, logs_of
from rulescope.hunt.outcome import RuleOutcome
from rulescope.hunt.rule_run import HuntRule, RuleRunner
from rulescope.hunt.run_plan import RunPlan
from rulescope.hunt.settings import user_fields
from rulescope.logs import EventStore
from rulescope.logs.share import SharedEvents, open_shared
from rulescope.system.processes import begin_worker

READY = "ready"
"""The first answer of a process: it has what it needs."""


@dataclass(frozen=True, slots=True)
class NotReady:
    """The only answer of a process that could not get what it needs."""

    reason: str


class RuleWorker:
    """What a process needs to run rules of a plan."""

    def __init__(self, plan: RunPlan, store: EventStore, counted: KindCounts | None = None) -> None:
        self._plan = plan
        kinds = kinds_of(plan, store, counted)
        self._runner = RuleRunner(
            Slices(store, kinds),
            kinds,
            knowledge_for(plan.settings, lookups=plan.lookups),
            plan.options,
            Limits(plan.settings.seconds, 0),
            plan.most_events,
        )

    def run(self, rule: HuntRule) -> RuleOutcome:
        """What becomes of the rule."""
        return self._runner.run(rule, self._plan.macros.of(rule.repository))


def kinds_of(plan: RunPlan, store: EventStore, counted: KindCounts | None = None) -> Kinds:
    """The kinds of events in a store, as rules of the plan tell them."""
    return Kinds(store, derived_fields(logs_of(store)), user_fields(plan.settings), counted)


@dataclass(frozen=True, slots=True)
class WorkerShare:
    """What a process is given of a run beside the rules: `memory` (as DuckDB writes it) and `threads` are its part of
    the machine's, `spill` a folder for what does not fit, `parent` the process that it works for."""

    plan: RunPlan
    events: SharedEvents
    counted: KindCounts
    memory: str
    threads: int
    spill: Path
    parent: int


def main() -> int:
    """Runs rules until standard input ends."""
    given, answers = sys.stdin.buffer, _answers()
    share: WorkerShare = pickle.load(given)
    begin_worker(share.parent)
    try:
        spill = share.spill / f"spill-{os.getpid()}"
        store = open_shared(share.events, threads=share.threads, memory=share.memory, spill=spill)
        worker = RuleWorker(share.plan, store, share.counted)
    except Exception as error:  # noqa: BLE001 - the process that waits for us tells it
        _answer(answers, NotReady(" ".join(f"{type(error).__name__}: {error}".split())[:300]))
        return 1
    _answer(answers, READY)
    while True:
        try:
            rules: list[HuntRule] = pickle.load(given)
        except EOFError:
            return 0
        for rule in rules:
            _answer(answers, worker.run(rule))


def _answers() -> IO[bytes]:
    """Standard output, kept for answers: what a library prints goes where errors do."""
    kept = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return kept


def _answer(answers: IO[bytes], what: object) -> None:
    pickle.dump(what, answers)
    answers.flush()


if __name__ == "__main__":
    raise SystemExit(main())
