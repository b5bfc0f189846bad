"""Many rules on many events, in one process or several."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from rulescope.hunt.outcome import RuleOutcome
from rulescope.hunt.rule_run import HuntRule
from rulescope.hunt.run_plan import RunPlan, plan_run
from rulescope.hunt.worker import RuleWorker, WorkerShare, kinds_of
from rulescope.logs import EventStore

FEW = 60
"""Up to so many rules, starting processes costs more than it saves."""

_MEMORY_SHARE = 2200
"""Megabytes that the databases of all processes may use together."""


def run_rules(
    plan: RunPlan, store: EventStore, *, jobs: int = 0, done: Callable[[RuleOutcome], None] = lambda outcome: None
) -> list[RuleOutcome]:
    """The outcome of each rule, in the order of the rules. `done` is told of each as it comes.

    `jobs` is the number of processes; 0 chooses.
    """
    processes = min(jobs or available_processes(), len(plan.rules))
    apart = plan.settings.apart or (processes > 1 and len(plan.rules) > FEW)
    found = _run_apart(plan, store, processes) if apart else _run_here(plan, store)
    outcomes = [_told(outcome, done) for outcome in found]
    return sorted(outcomes, key=lambda outcome: outcome.number)


def available_processes() -> int:
    """How many processes this one may keep busy; each holds events in memory, so no more than eight."""
    return max(1, min(_processors(), 8))


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _told(outcome: RuleOutcome, done: Callable[[RuleOutcome], None]) -> RuleOutcome:
    done(outcome)
    return outcome


def _run_here(plan: RunPlan, store: EventStore) -> Iterator[RuleOutcome]:
    worker = RuleWorker(plan, store)
    for rule in _ordered(plan.rules):
        yield worker.run(rule)


def _ordered(rules: Sequence[HuntRule]) -> list[HuntRule]:
    """Rules that begin alike stand together: they read the same events, which are then at hand."""
    return sorted(rules, key=lambda rule: (rule.language, rule.text.strip()[:60], rule.number))


def _run_apart(plan: RunPlan, store: EventStore, processes: int) -> Iterator[RuleOutcome]:
    from rulescope.hunt.crew import Crew, RuleProcess
    from rulescope.logs.share import share_events
    from rulescope.system.processes import child_environment, module_command
    from rulescope.system.temporary import TemporaryFolder

    if not plan.rules:
        return
    counted = kinds_of(plan, store).counts()
    with TemporaryFolder("run") as folder:
        share = WorkerShare(
            replace(plan, rules=()),
            share_events(store, folder),
            counted,
            f"{_MEMORY_SHARE // processes}MB",
            max(1, _processors() // processes),
            folder,
            os.getpid(),
        )
        start = partial(RuleProcess, module_command("rulescope.hunt.worker"), child_environment(), share)
        yield from Crew(_ordered(plan.rules), processes, start, plan.settings.seconds).work()


__all__ = ["FEW", "RunPlan", "available_processes", "plan_run", "run_rules"]
