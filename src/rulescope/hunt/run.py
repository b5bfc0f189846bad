"""Many rules on many events, in one process or several."""

from __future__ import annotations

import multiprocessing
import os
import signal
import tempfile
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from rulescope.corpus import LookupDefinition
from rulescope.engines.duckdb import Limits
from rulescope.engines.sql.context import Options
from rulescope.hunt.kinds import KindCounts, Kinds
from rulescope.hunt.lookups import LookupTables
from rulescope.hunt.macro_libraries import MacroLibraries
from rulescope.hunt.models import KnowledgeModels
from rulescope.hunt.outcome import RuleOutcome
from rulescope.hunt.rule_run import HuntRule, RuleRunner
from rulescope.hunt.search import Knowledge, knowledge_of, logs_of
from rulescope.hunt.settings import Settings, options_of, user_fields
from rulescope.hunt.slices import Slices
from rulescope.logs import EventStore
from rulescope.logs.share import SharedEvents, open_shared, share_events

FEW = 60
"""Up to so many rules, starting processes costs more than it saves."""

_CHUNK = 16
_MEMORY_SHARE = 2200
"""Megabytes that the databases of all processes may use together."""


@dataclass(frozen=True, slots=True)
class RunPlan:
    """What a run is made of, beside the events: it can be pickled."""

    rules: tuple[HuntRule, ...]
    macros: MacroLibraries
    lookups: tuple[LookupDefinition, ...]
    settings: Settings
    options: Options
    most_events: int


def plan_run(
    rules: Sequence[HuntRule],
    macros: MacroLibraries,
    lookups: Sequence[LookupDefinition],
    settings: Settings,
    most_events: int,
) -> RunPlan:
    """A run of these rules. The clock is read once, so that `now()` is the same for all of them."""
    return RunPlan(tuple(rules), macros, tuple(lookups), settings, options_of(settings), most_events)


def run_rules(
    plan: RunPlan, store: EventStore, *, jobs: int = 0, done: Callable[[RuleOutcome], None] = lambda outcome: None
) -> list[RuleOutcome]:
    """The outcome of each rule, in the order of the rules. `done` is told of each as it comes.

    `jobs` is the number of processes; 0 chooses.
    """
    processes = jobs or available_processes()
    if processes < 2 or len(plan.rules) <= FEW:
        outcomes = [_told(outcome, done) for outcome in _run_here(plan, store)]
    else:
        outcomes = [_told(outcome, done) for outcome in _run_spread(plan, store, processes)]
    return sorted(outcomes, key=lambda outcome: outcome.number)


def available_processes() -> int:
    """How many processes this one may keep busy; each holds events in memory, so no more than eight."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(allowed, 8))


def _told(outcome: RuleOutcome, done: Callable[[RuleOutcome], None]) -> RuleOutcome:
    done(outcome)
    return outcome


def _run_here(plan: RunPlan, store: EventStore) -> Iterator[RuleOutcome]:
    worker = _Worker(plan, store, None)
    for rule in _ordered(plan.rules):
        yield worker.run(rule)


def _ordered(rules: Sequence[HuntRule]) -> list[HuntRule]:
    """Rules that begin alike stand together: they read the same events, which are then at hand."""
    return sorted(rules, key=lambda rule: (rule.language, rule.text.strip()[:60], rule.number))


class _Worker:
    """What a process needs to run rules of a plan."""

    def __init__(self, plan: RunPlan, store: EventStore, counted: KindCounts | None) -> None:
        self.plan = plan
        self.store = store
        fields = user_fields(plan.settings)
        known = knowledge_of(logs_of(store)).fields
        self.kinds = Kinds(store, known, frozenset(rule.target for rule in fields), counted)
        places = None
        if plan.settings.geo_database is not None:
            from rulescope.hunt.places import PlaceFile

            places = PlaceFile(plan.settings.geo_database)
        tables = LookupTables(plan.lookups, plan.settings.lookups)
        self.runner = RuleRunner(
            Slices(store, self.kinds),
            self.kinds,
            Knowledge(None, tables, KnowledgeModels(), places, fields),
            plan.options,
            Limits(plan.settings.seconds, 0),
            plan.most_events,
        )

    def run(self, rule: HuntRule) -> RuleOutcome:
        return self.runner.run(rule, self.plan.macros.of(rule.repository))


_worker: _Worker | None = None


def _start(plan: RunPlan, shared: SharedEvents, counted: KindCounts, memory: str) -> None:
    """What a process does first. Interrupts are the parent's business."""
    global _worker
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _worker = _Worker(plan, open_shared(shared, threads=1, memory=memory), counted)


def _work(rules: list[HuntRule]) -> list[RuleOutcome]:
    assert _worker is not None
    return [_worker.run(rule) for rule in rules]


def _run_spread(plan: RunPlan, store: EventStore, processes: int) -> Iterator[RuleOutcome]:
    fields = user_fields(plan.settings)
    known = knowledge_of(logs_of(store)).fields
    counted = Kinds(store, known, frozenset(rule.target for rule in fields)).counts()
    lean = replace(plan, rules=())
    memory = f"{_MEMORY_SHARE // processes}MB"
    work = _Shares(_ordered(plan.rules), processes)
    # Threads of the database don't survive a fork: processes start afresh.
    context = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory(prefix="rulescope-run-") as folder, ExitStack() as stack:
        given = (lean, share_events(store, Path(folder)), counted, memory)
        executors = [
            stack.enter_context(ProcessPoolExecutor(1, context, initializer=_start, initargs=given))
            for _ in range(processes)
        ]
        running: dict[Future[list[RuleOutcome]], int] = {}
        for number, executor in enumerate(executors):
            running[executor.submit(_work, work.next(number))] = number
        while running:
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                number = running.pop(future)
                following = work.next(number)
                if following:
                    running[executors[number].submit(_work, following)] = number
                yield from future.result()


class _Shares:
    """Rules parted among processes: each has a run of rules that begin alike, and helps another when it is done."""

    def __init__(self, rules: Sequence[HuntRule], processes: int) -> None:
        size = -(-len(rules) // processes)
        self._left = [deque(rules[start : start + size]) for start in range(0, size * processes, size)]

    def next(self, number: int) -> list[HuntRule]:
        """The next few rules for that process; none where all are given out."""
        own = self._left[number]
        if own:
            return [own.popleft() for _ in range(min(_CHUNK, len(own)))]
        other = max(self._left, key=len)
        return [other.pop() for _ in range(min(_CHUNK, len(other)))]
