"""Run a search on log files."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rulescope.errors import EngineError, Refusal
from rulescope.hunt.settings import Settings
from rulescope.system.deadline import Deadline
from rulescope.text import NO_SPAN, Diagnostic, Source, render_diagnostic

if TYPE_CHECKING:
    from rulescope.hunt.event_trace import EventTrace
    from rulescope.hunt.search import StageCount
    from rulescope.logs import EventStore, Progress

SEARCH_NAME = "<search>"
"""What messages call the text of a search."""

MOST_LOG_PROBLEMS = 20
"""How many bad records and files are told one by one; all are counted."""


@dataclass(frozen=True, slots=True)
class Note:
    """A diagnostic with its place and its drawing for terminals; line and column are None where it has no place."""

    code: str
    severity: str
    message: str
    line: int | None
    column: int | None
    hint: str | None
    drawing: str


@dataclass(frozen=True, slots=True)
class SearchAnswer:
    """What a search gave. `failed` says that it could not be run (the reason is the last of `notes`).

    `events` and `bad` count the records read and those that could not be; `load_seconds` and `search_seconds` are
    wall time. `trace` are the rows after each stage, `event` where one event went, where they were asked for.
    """

    fields: tuple[str, ...]
    rows: tuple[dict[str, Any], ...]
    notes: tuple[Note, ...]
    failed: bool
    truncated: bool
    events: int
    bad: int
    load_seconds: float
    search_seconds: float
    trace: tuple[StageCount, ...] = ()
    event: EventTrace | None = None
    statements: tuple[str, ...] = ()


def search(
    text: str,
    logs: Sequence[Path],
    settings: Settings = Settings(),  # noqa: B008
    *,
    language: str = "spl",
    traced: bool = False,
    event: str | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> SearchAnswer:
    """The rows that a search in SPL, or a query or rule in another `language`, gives on log files and folders.

    `traced` counts the rows out of each stage; `event` (`FILE#RECORD`) asks where that event went. A search that can't
    be read or run gives an answer that says so. Raises `InputError` for settings, paths and languages it can't use.
    """
    from rulescope.hunt.bound_rule import read_query
    from rulescope.hunt.macro_libraries import load_macros, pack_macros
    from rulescope.hunt.settings import check_settings, options_of
    from rulescope.languages.registry import check_language
    from rulescope.languages.spl import MacroLibrary
    from rulescope.logs import load_logs

    check_language(language)
    check_settings(settings)
    options = options_of(settings)
    library = MacroLibrary((*load_macros(settings.macros), *(pack_macros() if "`" in text else ())))
    source = Source(text, SEARCH_NAME)
    deadline = Deadline(settings.seconds)
    with deadline:
        parsed = read_query(source, language, library)
    notes = [note(found, source) for found in parsed.diagnostics]
    if parsed.status != "full" and any(found.severity == "error" for found in parsed.diagnostics):
        return SearchAnswer((), (), tuple(notes), True, False, 0, 0, 0.0, 0.0)
    start = time.perf_counter()
    with load_logs(logs, cache=settings.cache, progress=progress) as store:
        loaded = time.perf_counter()
        notes += log_notes(store)
        return _run(parsed, language, source, store, options, settings, notes, traced, event, loaded - start, deadline)


def out_of_time(settings: Settings) -> SearchAnswer:
    """The answer for a search that was ended with its process, since it did not notice that its time was up."""
    notes = (note(diagnostic_of(Deadline(settings.seconds).error()), Source("")),)
    return SearchAnswer((), (), notes, True, False, 0, 0, 0.0, 0.0)


def _run(
    parsed: Any,
    language: str,
    source: Source,
    store: EventStore,
    options: Any,
    settings: Settings,
    notes: list[Note],
    traced: bool,
    event: str | None,
    load_seconds: float,
    deadline: Deadline,
) -> SearchAnswer:
    from rulescope.engines.duckdb import Limits
    from rulescope.hunt.bound_rule import bind_rule
    from rulescope.hunt.event_trace import trace_event, written_text
    from rulescope.hunt.search import SearchResult, logs_of, run_search
    from rulescope.hunt.settings import knowledge_for

    start = time.perf_counter()
    limits = Limits(settings.seconds, settings.rows)
    result = SearchResult((), ())
    followed = None
    failed = False
    pipeline = parsed.expanded
    try:
        rule = bind_rule(parsed, language)
        pipeline = rule.pipeline
        logs = logs_of(store)
        knowledge = knowledge_for(settings, logs)
        if event is not None:
            followed = trace_event(rule, source, logs, event, options=options, knowledge=knowledge, deadline=deadline)
        result = run_search(
            pipeline,
            logs,
            options=options,
            knowledge=knowledge,
            limits=limits,
            deadline=deadline,
            traced=traced,
            vocabulary=rule.vocabulary,
        )
        notes += [note(found, source) for found in result.diagnostics]
    except EngineError as error:
        failed = True
        notes.append(note(diagnostic_of(error), source))
    if result.truncated:
        message = f"there are more than {settings.rows:,} rows; the rest is not shown"
        notes.append(note(Diagnostic("RUN001", message, severity="warning", hint="raise --limit"), source))
    return SearchAnswer(
        result.fields,
        result.rows,
        tuple(notes),
        failed,
        result.truncated,
        store.count,
        store.bad,
        load_seconds,
        time.perf_counter() - start,
        tuple(replace(one, text=written_text(pipeline.stages[one.number - 1], source)) for one in result.trace),
        followed,
        result.statements,
    )


def diagnostic_of(error: EngineError) -> Diagnostic:
    """An error of an engine as a diagnostic, at the stage where it has one."""
    span = error.span if isinstance(error, Refusal) else NO_SPAN
    return Diagnostic(error.code, error.message, span, hint=error.hint)


def note(found: Diagnostic, source: Source) -> Note:
    """A diagnostic with its place worked out."""
    if found.span == NO_SPAN:
        drawing = f"{found.severity}[{found.code}]: {found.message}"
        if found.hint:
            drawing += f"\n  = hint: {found.hint}"
        return Note(found.code, found.severity, found.message, None, None, found.hint, drawing)
    place = source.position(found.span.start)
    drawing = render_diagnostic(found, source)
    return Note(found.code, found.severity, found.message, place.line, place.column, found.hint, drawing)


def log_notes(store: EventStore) -> list[Note]:
    """What could not be read of the logs: the first problems with their place, and how many there are."""
    from rulescope.logs.discover import LOG_SUFFIXES

    notes: list[Note] = []
    for problem in store.problems[:MOST_LOG_PROBLEMS]:
        place = problem.path if problem.record is None else f"{problem.path}#{problem.record}"
        message = f"{place}: {problem.message}" if place else problem.message
        notes.append(note(Diagnostic("LOG001", message, severity="warning"), Source("")))
    more = len(store.problems) - MOST_LOG_PROBLEMS
    if more > 0:
        notes.append(
            note(Diagnostic("LOG001", f"{more:,} more problems in these logs", severity="warning"), Source(""))
        )
    unread = [report for report in store.files if report.skipped is not None]
    for report in unread[:MOST_LOG_PROBLEMS]:
        message = f"{report.path}: not read: {report.skipped}"
        notes.append(note(Diagnostic("LOG002", message, severity="info"), Source("")))
    if len(unread) == len(store.files) and not store.problems:
        hint = f"in folders, names of logs end in {', '.join(sorted(LOG_SUFFIXES))}, also with .gz, or .zip"
        nothing = Diagnostic("LOG003", "there is no log file here: no event was read", severity="warning", hint=hint)
        notes.append(note(nothing, Source("")))
    return notes


def answer_json(answer: SearchAnswer) -> dict[str, Any]:
    """The contract's shape of `search`; `trace` and `event` are there where they were asked for."""
    document: dict[str, Any] = {
        "fields": list(answer.fields),
        "rows": list(answer.rows),
        "diagnostics": [note_json(one) for one in answer.notes],
    }
    if answer.trace:
        document["trace"] = [
            {"stage": one.number, "kind": one.kind, "text": one.text, "rows": one.rows} for one in answer.trace
        ]
    if answer.event is not None:
        document["event"] = _event_json(answer.event)
    return document


def note_json(one: Note) -> dict[str, Any]:
    """A diagnostic in the contract's shape."""
    return {
        "code": one.code,
        "severity": one.severity,
        "message": one.message,
        "line": one.line,
        "column": one.column,
        "hint": one.hint,
    }


def _event_json(event: EventTrace) -> dict[str, Any]:
    return {
        "file": event.file,
        "record": event.record,
        "outcome": event.outcome,
        "stage": event.number,
        "kind": event.kind,
        "text": event.text,
        "condition": None if event.condition is None else _truth_json(event.condition),
    }


def _truth_json(truth: Any) -> dict[str, Any]:
    return {
        "kind": truth.kind,
        "text": truth.text,
        "truth": truth.truth,
        "values": dict(truth.values),
        "parts": [_truth_json(part) for part in truth.parts],
    }
