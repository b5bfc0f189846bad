"""Run rules on log files."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rulescope.api.given_rules import GivenRules, read_given_rules
from rulescope.api.load_report import LoadReport, load_notes, load_report
from rulescope.api.notes import Note, note
from rulescope.api.selection import SEVERITIES, Selection, severity_of
from rulescope.api.strict import Strict, strict_failure
from rulescope.corpus import PassedOver, RuleFile
from rulescope.corpus.rule_paths import file_of_rule
from rulescope.errors import UsageError
from rulescope.hunt.outcome import RuleOutcome
from rulescope.hunt.settings import Settings
from rulescope.text import NO_SPAN, Severity

if TYPE_CHECKING:
    from rulescope.logs import EventStore, Progress

ENGINES = ("duckdb",)
"""The engines that rules run on here."""


@dataclass(frozen=True, slots=True)
class RuleRun:
    """A rule and what became of it.

    `severity` is one of `SEVERITIES`, or None where the rule has none. `line` and `column` say where in its file it was
    refused or failed, where that has a place.
    """

    path: str
    identifier: str | None
    title: str
    severity: str | None
    techniques: tuple[str, ...]
    author: str | None
    license: str | None
    outcome: RuleOutcome
    line: int | None = None
    column: int | None = None


@dataclass(frozen=True, slots=True)
class RunWarning:
    """A warning that rules share, told once: the rules' paths, and what may be missing from their results; or one of a
    file of rules, with its path, which is an error where macros are lost."""

    rules: tuple[str, ...]
    code: str
    message: str
    hint: str | None
    severity: Severity = "warning"


@dataclass(frozen=True, slots=True)
class RunReport:
    """What a run gave: each rule in order of path, and what was found out on the way.

    Every rule that was given is in `rules` or in `unreadable`. `not_opened` are links, pipes and the like, and
    `other_files` counts the files without a rule by the ending of their name. `load` tells of the logs; `load_seconds`
    and `run_seconds` are wall time. `notes` tell of rule files and logs that could not be read, `file_warnings` what
    was passed over in files that were.
    """

    rules: tuple[RuleRun, ...]
    unreadable: tuple[PassedOver, ...]
    not_opened: tuple[PassedOver, ...]
    other_files: dict[str, int]
    notes: tuple[Note, ...]
    load: LoadReport
    load_seconds: float
    run_seconds: float
    file_warnings: tuple[RunWarning, ...] = ()

    @property
    def events(self) -> int:
        """Records that were read."""
        return self.load.events

    @property
    def hits(self) -> list[RuleRun]:
        """The rules that gave rows: the most severe first, then those with most rows."""
        found = [one for one in self.rules if one.outcome.count]
        order = {name: place for place, name in enumerate(SEVERITIES)}
        return sorted(
            found, key=lambda one: (order.get(one.severity or "", len(order)), -one.outcome.count, one.title, one.path)
        )

    def with_status(self, status: str) -> list[RuleRun]:
        """The rules of that outcome, in order of path."""
        return [one for one in self.rules if one.outcome.status == status]

    def counts(self) -> dict[str, int]:
        """How many rules ran, were refused, failed, and could not be read; each is in one of these. `no_log` stays 0
        until kinds of logs tell which rules have none of theirs here."""
        found = Counter(one.outcome.status for one in self.rules)
        counts = {status: found[status] for status in ("run", "refused", "failed")}
        return {**counts, "unreadable": len(self.unreadable), "no_log": 0}

    @property
    def nothing_run(self) -> str | None:
        """What is to be said where no rule came to its end, since an empty answer would look like an all-clear."""
        counts = self.counts()
        if counts["run"]:
            return None
        others = ", ".join(f"{counts[one]:,} {one}" for one in ("refused", "failed", "unreadable") if counts[one])
        return f"no rule was run to its end ({others}): that none fired says nothing about these logs"

    def warnings(self) -> list[RunWarning]:
        """The warnings of rules that ran, each with all rules that it holds for; then those of files."""
        found: dict[tuple[str, str, str | None], dict[str, None]] = {}
        for one in self.rules:
            for warning in one.outcome.warnings:
                found.setdefault((warning.code, warning.message, warning.hint), {})[one.path] = None
        return [*(RunWarning(tuple(rules), *key) for key, rules in found.items()), *self.file_warnings]

    def strict_failure(self, strict: Strict | None) -> str | None:
        """Why a strict run fails, in words; None where it doesn't."""
        counts = self.counts()
        lost = sum(one.severity == "error" for one in self.file_warnings)
        errors = {
            "failed rules": counts["failed"],
            "unreadable rules and rule files": counts["unreadable"],
            "rules refused for an error in their own text": sum(one.outcome.broken for one in self.rules),
            "errors beside the rules": lost,
            "log files not read": len(self.load.skipped),
            "bad records": self.load.bad,
            "problems in logs": self.load.losses,
        }
        others = {
            "refused rules": counts["refused"],
            "links and other things not opened": sum(one.severity != "info" for one in self.not_opened),
            "warnings": len(self.warnings()) - lost + sum(one.severity == "warning" for one in self.notes),
        }
        return strict_failure(strict, errors, others)


@dataclass(frozen=True, slots=True)
class Stages:
    """What a run tells of itself while it goes on: each is called where it is given."""

    loading: Callable[[Progress], None] | None = None
    running: Callable[[int, int], None] | None = None


def run(
    rules: Sequence[Path],
    logs: Sequence[Path],
    settings: Settings = Settings(),  # noqa: B008
    *,
    engine: str = "duckdb",
    selection: Selection = Selection(),  # noqa: B008
    jobs: int = 0,
    most_events: int = 10_000,
    told: Stages = Stages(),
) -> RunReport:
    """Runs every rule under `rules` on the events under `logs`.

    A rule that can't be read or run is counted with its reason; parts of a correlation are no rules of their own.
    `most_events` bounds the evidence listed for each rule.
    Raises `InputError` for paths, settings and engines that can't be used, `UsageError` where no rule is chosen.
    """
    from rulescope.hunt.settings import check_settings
    from rulescope.logs import load_logs

    if engine not in ENGINES:
        raise UsageError(f"there is no engine '{engine}' here", hint=f"engines: {', '.join(ENGINES)}")
    check_settings(settings)
    given = read_given_rules(rules, selection, settings.macros)
    start = time.perf_counter()
    with load_logs(logs, cache=settings.cache, progress=told.loading, wanted=given.words) as store:
        loaded = time.perf_counter()
        outcomes = _run(given, store, settings, jobs, most_events, told)
        load = load_report(store)
    found = tuple(_rule_run(rule, outcome) for rule, outcome in zip(given.chosen, outcomes, strict=True))
    return RunReport(
        found,
        given.counted_as("unreadable"),
        given.counted_as("not opened"),
        given.other_files,
        (*_rule_notes(given), *load_notes(load)),
        load,
        loaded - start,
        time.perf_counter() - loaded,
        (*_file_warnings(given, found), *_unclear_warnings(given)),
    )


def _run(
    given: GivenRules, store: EventStore, settings: Settings, jobs: int, most_events: int, told: Stages
) -> list[RuleOutcome]:
    from rulescope.hunt.rule_run import HuntRule
    from rulescope.hunt.run import plan_run, run_rules

    hunted = [
        HuntRule(number, rule.info.language, rule.info.repository, rule.source.text, rule.frame)
        for number, rule in enumerate(given.chosen)
    ]
    plan = plan_run(hunted, given.macros, given.lookups, settings, most_events)
    finished = 0

    def done(outcome: RuleOutcome) -> None:
        nonlocal finished
        finished += 1
        if told.running is not None:
            told.running(finished, len(hunted))

    return run_rules(plan, store, jobs=jobs, done=done)


def _rule_run(rule: RuleFile, outcome: RuleOutcome) -> RuleRun:
    info = rule.info
    techniques = tuple(dict.fromkeys(one.technique_id for one in info.attack if one.technique_id))
    place = None if outcome.span == NO_SPAN else rule.source.position(outcome.span.start)
    return RuleRun(
        info.path,
        info.identifier,
        info.title,
        severity_of(info.severity),
        techniques,
        info.author,
        info.license,
        outcome,
        place.line if place else None,
        place.column if place else None,
    )


def _file_warnings(given: GivenRules, rules: Sequence[RuleRun]) -> Iterator[RunWarning]:
    """What was passed over in files, but for what the rules of the file that ran tell themselves."""
    told = {
        (file_of_rule(one.path), warning.code, warning.message) for one in rules for warning in one.outcome.warnings
    }
    for one in given.counted_as("noted"):
        if one.severity != "info" and (one.path, one.code, one.message) not in told:
            where = one.path if one.line is None else f"{one.path}, line {one.line}"
            yield RunWarning((one.path,), one.code, f"{where}: {one.message}", one.hint, one.severity)


def _unclear_warnings(given: GivenRules) -> Iterator[RunWarning]:
    """The rules that a choice by severity passed over for want of one: misspelt, or none at all."""
    for written in (True, False):
        paths = tuple(rule.info.path for rule in given.unclear if (rule.info.severity is not None) == written)
        if paths:
            many = f"{len(paths):,} rule{'' if len(paths) == 1 else 's'}"
            reason = "their severity is none that is known" if written else "they say no severity"
            yield RunWarning(
                paths, "RUL028", f"{many} not chosen by severity: {reason}", None, "warning" if written else "info"
            )


def _rule_notes(given: GivenRules) -> list[Note]:
    return [
        note(problem.diagnostic, problem.source) for problem in given.problems if problem.diagnostic.severity == "error"
    ]
