"""Run rules on log files."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rulescope.api.search import Note, log_notes
from rulescope.corpus import Corpus, RuleFile, assemble, find_rule_files, read_file
from rulescope.errors import InputError
from rulescope.hunt.outcome import RuleOutcome
from rulescope.hunt.settings import Settings

if TYPE_CHECKING:
    from rulescope.hunt.macro_libraries import MacroLibraries
    from rulescope.logs import EventStore, Progress

ENGINES = ("duckdb",)
"""The engines that rules run on here."""

SEVERITIES = ("critical", "high", "medium", "low", "informational")
"""In the order of summaries. Other words that repositories use are put under these; see `severity_of`."""

_SAME_SEVERITY = {"info": "informational", "severe": "high", "fatal": "critical", "error": "high", "warning": "medium"}


@dataclass(frozen=True, slots=True)
class Selection:
    """Which rules are run: all that meet every part that is given.

    `include` are words of which one must be in the rule's path, title or identifier (or match one as a pattern with
    `*`); `severities` as in `SEVERITIES`; `techniques` are ATT&CK ids (`T1059` takes its sub-techniques in).
    """

    include: tuple[str, ...] = ()
    severities: tuple[str, ...] = ()
    techniques: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RuleRun:
    """A rule and what became of it. `severity` is one of `SEVERITIES`, or None where the rule has none."""

    path: str
    identifier: str | None
    title: str
    severity: str | None
    techniques: tuple[str, ...]
    outcome: RuleOutcome


@dataclass(frozen=True, slots=True)
class RunReport:
    """What a run gave: each rule in order of path, and what was found out on the way.

    `events` and `bad` count records read and not read; `load_seconds` and `run_seconds` are wall time. `notes` tell of
    rule files and records that could not be read.
    """

    rules: tuple[RuleRun, ...]
    notes: tuple[Note, ...]
    events: int
    bad: int
    load_seconds: float
    run_seconds: float

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
        """How many rules ran, were refused, and failed."""
        found = Counter(one.outcome.status for one in self.rules)
        return {status: found[status] for status in ("run", "refused", "failed")}


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
    selection: Selection = Selection(),
    jobs: int = 0,
    most_events: int = 10_000,
    told: Stages = Stages(),
) -> RunReport:
    """Runs every rule under `rules` on the events under `logs`.

    A rule that can't be read or run is counted with its reason; parts of a correlation are no rules of their own.
    `most_events` bounds the evidence listed for each rule.
    Raises `InputError` for paths, settings and engines that can't be used.
    """
    from rulescope.hunt.macro_libraries import MacroLibraries, filter_macros, load_macros
    from rulescope.hunt.settings import check_settings
    from rulescope.logs import load_logs, words_of

    if engine not in ENGINES:
        raise InputError(f"there is no engine '{engine}' here", hint=f"engines: {', '.join(ENGINES)}")
    check_settings(settings)
    given = load_macros(settings.macros)
    contents = [read_file(found) for found in find_rule_files(list(rules))]
    corpus = assemble(contents)
    macros = MacroLibraries(corpus.macros, filter_macros(contents), given)
    chosen = [rule for rule in corpus.rules if _chosen(rule, selection)]
    start = time.perf_counter()

    def words() -> frozenset[str]:
        texts = (*(macro.definition for macro in corpus.macros), *(macro.body for macro in given))
        return words_of((*(rule.query_text for rule in chosen), *texts))

    with load_logs(logs, cache=settings.cache, progress=told.loading, wanted=words) as store:
        loaded = time.perf_counter()
        outcomes = _run(chosen, corpus, macros, store, settings, jobs, most_events, told)
        notes = (*_rule_notes(corpus), *log_notes(store))
        events, bad = store.count, store.bad
    runs = tuple(_rule_run(rule, outcome) for rule, outcome in zip(chosen, outcomes, strict=True))
    return RunReport(runs, notes, events, bad, loaded - start, time.perf_counter() - loaded)


def _run(
    chosen: Sequence[RuleFile],
    corpus: Corpus,
    macros: MacroLibraries,
    store: EventStore,
    settings: Settings,
    jobs: int,
    most_events: int,
    told: Stages,
) -> list[RuleOutcome]:
    from rulescope.hunt.rule_run import HuntRule
    from rulescope.hunt.run import plan_run, run_rules

    hunted = [
        HuntRule(number, rule.info.language, rule.info.repository, rule.source.text, rule.frame)
        for number, rule in enumerate(chosen)
    ]
    plan = plan_run(hunted, macros, corpus.lookups, settings, most_events)
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
    return RuleRun(info.path, info.identifier, info.title, severity_of(info.severity), techniques, outcome)


def severity_of(written: str | None) -> str | None:
    """A rule's severity as one of `SEVERITIES`; a word that is none of them stays as it is."""
    if written is None:
        return None
    folded = written.strip().lower()
    return _SAME_SEVERITY.get(folded, folded) or None


def _chosen(rule: RuleFile, selection: Selection) -> bool:
    info = rule.info
    if not rule.alone:
        return False
    if selection.severities and severity_of(info.severity) not in {severity_of(one) for one in selection.severities}:
        return False
    if selection.techniques:
        wanted = [one.strip().upper() for one in selection.techniques]
        have = [one.technique_id.upper() for one in info.attack if one.technique_id]
        if not any(had == want or had.startswith(f"{want}.") for had in have for want in wanted):
            return False
    if not selection.include:
        return True
    texts = [text.lower() for text in (info.path, info.title, info.identifier) if text]
    return any(_included(word.lower(), text) for word in selection.include for text in texts)


def _included(word: str, text: str) -> bool:
    return fnmatchcase(text, word) if "*" in word else word in text


def _rule_notes(corpus: Corpus) -> list[Note]:
    from rulescope.api.search import note

    return [
        note(problem.diagnostic, problem.source)
        for problem in corpus.problems
        if problem.diagnostic.severity == "error"
    ]


def run_json(report: RunReport) -> dict[str, Any]:
    """The contract's shape of `run`; `failed` lists failed rules as `refused` does the refused ones."""
    return {
        "events": report.events,
        "rules": report.counts(),
        "hits": [
            {
                "rule": one.path,
                "id": one.identifier,
                "title": one.title,
                "severity": one.severity,
                "techniques": list(one.techniques),
                "count": one.outcome.count,
                "events": [{"file": event.file, "record": event.record} for event in one.outcome.events],
                **({"more_events": True} if one.outcome.more else {}),
            }
            for one in report.rules
            if one.outcome.count
        ],
        "refused": [_reason(one) for one in report.with_status("refused")],
        "failed": [_reason(one) for one in report.with_status("failed")],
        "warnings": [
            {"rule": one.path, "code": found.code, "message": found.message, "hint": found.hint}
            for one in report.rules
            for found in one.outcome.warnings
        ],
        "bad_records": report.bad,
        "seconds": {"load": round(report.load_seconds, 3), "run": round(report.run_seconds, 3)},
    }


def _reason(one: RuleRun) -> dict[str, Any]:
    return {"rule": one.path, "code": one.outcome.code, "message": one.outcome.message}
