"""Run a search on log files."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rulescope.api.load_report import NO_LOAD, LoadReport, load_json, load_notes, load_report
from rulescope.api.notes import Note, and_refusal, diagnostic_of, note, note_json, query_notes
from rulescope.api.query import Query, text_query
from rulescope.api.strict import Strict, strict_failure
from rulescope.errors import EngineError
from rulescope.hunt.settings import Settings
from rulescope.logs.timestamps import iso_text
from rulescope.system.deadline import Deadline
from rulescope.text import Diagnostic, Source

if TYPE_CHECKING:
    from rulescope.hunt.event_trace import EventTrace
    from rulescope.hunt.search import SearchResult, StageCount
    from rulescope.logs import EventStore, Progress


@dataclass(frozen=True, slots=True)
class SearchAnswer:
    """What a search gave. `failed` says that it could not be run (the reason is the last of `notes`).

    Times of a language that has a type for them (Kusto, Snowflake) are ISO 8601 text.
    `load` tells of the logs; `load_seconds` and `search_seconds` are wall time. `trace` are the rows after each stage,
    `event` where one event went, where they were asked for.
    """

    fields: tuple[str, ...]
    rows: tuple[dict[str, Any], ...]
    notes: tuple[Note, ...]
    failed: bool
    truncated: bool
    load: LoadReport
    load_seconds: float
    search_seconds: float
    trace: tuple[StageCount, ...] = ()
    event: EventTrace | None = None
    statements: tuple[str, ...] = ()

    @property
    def events(self) -> int:
        """Records that were read."""
        return self.load.events

    def strict_failure(self, strict: Strict | None) -> str | None:
        """Why a strict search fails, in words; None where it doesn't."""
        severities = [one.severity for one in self.notes]
        errors = {
            "errors": severities.count("error"),
            "log files not read": len(self.load.skipped),
            "bad records": self.load.bad,
            "problems in logs": self.load.losses,
        }
        return strict_failure(strict, errors, {"warnings": severities.count("warning")})


def search(
    query: Query | str,
    logs: Sequence[Path],
    settings: Settings = Settings(),  # noqa: B008
    *,
    language: str = "spl",
    traced: bool = False,
    event: str | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> SearchAnswer:
    """The rows that a query or rule, or a text in the `language`, gives on log files and folders.

    `traced` counts the rows out of each stage; `event` (`FILE#RECORD`) asks where that event went. A search that can't
    be read or run gives an answer that says so. Raises `InputError` for settings, paths and languages it can't use.
    """
    from rulescope.corpus.macro_libraries import load_macros
    from rulescope.hunt.bound_rule import read_query
    from rulescope.hunt.scheduled_range import in_scheduled_range
    from rulescope.hunt.settings import check_settings, options_of
    from rulescope.logs import load_logs, words_of

    if isinstance(query, str):
        query = text_query(query, language)
    check_settings(settings)
    options = options_of(settings)
    given = load_macros(settings.macros)
    deadline = Deadline(settings.seconds)
    with deadline:
        parsed = read_query(query.source, query.language, query.library(given), query.frame)
    parsed, options = in_scheduled_range(parsed, query.frame, options)
    notes = [*query_notes(query), *(note(found, query.source) for found in parsed.diagnostics)]
    if any(found.severity == "error" for found in parsed.diagnostics):
        return SearchAnswer((), (), tuple(notes), True, False, NO_LOAD, 0.0, 0.0)
    start = time.perf_counter()

    def words() -> frozenset[str]:
        return words_of((query.source.text, *(macro.body for macro in given)))

    with load_logs(logs, cache=settings.cache, progress=progress, wanted=words) as store:
        loaded = time.perf_counter()
        load = load_report(store)
        notes += load_notes(load)
        if load.nothing_read and not parsed.expanded.generating:
            return SearchAnswer((), (), tuple(notes), True, False, load, loaded - start, 0.0)
        return _run(parsed, query, store, options, settings, notes, traced, event, loaded - start, deadline)


def out_of_time(settings: Settings) -> SearchAnswer:
    """The answer for a search that was ended with its process, since it did not notice that its time was up."""
    notes = (note(diagnostic_of(Deadline(settings.seconds).error()), Source("")),)
    return SearchAnswer((), (), notes, True, False, NO_LOAD, 0.0, 0.0)


def _run(
    parsed: Any,
    query: Query,
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
    from rulescope.hunt.knowledge import any_table, knowledge_for, logs_of
    from rulescope.hunt.search import SearchResult, run_search

    start = time.perf_counter()
    source = query.source
    limits = Limits(settings.seconds, settings.rows)
    result = SearchResult((), ())
    followed = None
    failed = False
    pipeline = parsed.expanded
    try:
        logs = logs_of(store)
        knowledge = knowledge_for(settings, logs, query.lookups)
        rule = bind_rule(parsed, query.language, any_table=any_table(knowledge))
        pipeline = rule.pipeline
        common: Any = {"options": options, "knowledge": knowledge, "deadline": deadline}
        if event is not None:
            followed = trace_event(rule, source, logs, event, **common)
        result = run_search(pipeline, logs, limits=limits, traced=traced, vocabulary=rule.vocabulary, **common)
        notes += [note(found, source) for found in result.diagnostics]
    except EngineError as error:
        failed = True
        notes = and_refusal(notes, note(diagnostic_of(error), source))
    if result.truncated:
        message = f"there are more than {settings.rows:,} rows; the rest is not shown"
        notes.append(note(Diagnostic("RUN001", message, severity="warning", hint="raise --limit"), source))
    return SearchAnswer(
        result.fields,
        _written(result),
        tuple(notes),
        failed,
        result.truncated,
        load_report(store),
        load_seconds,
        time.perf_counter() - start,
        tuple(replace(one, text=written_text(pipeline.stages[one.number - 1], source)) for one in result.trace),
        followed,
        result.statements,
    )


def _written(result: SearchResult) -> tuple[dict[str, Any], ...]:
    """The rows as people read them: a time that is one by its type is ISO 8601 text, no number of seconds."""
    if not result.moments:
        return result.rows
    return tuple(
        {name: iso_text(value) if name in result.moments else value for name, value in row.items()}
        for row in result.rows
    )


def answer_json(answer: SearchAnswer) -> dict[str, Any]:
    """The contract's shape of `search`; `trace` and `event` are there where they were asked for."""
    document: dict[str, Any] = {
        "fields": list(answer.fields),
        "rows": list(answer.rows),
        "diagnostics": [note_json(one) for one in answer.notes],
        "logs": load_json(answer.load),
    }
    if answer.trace:
        document["trace"] = [
            {"stage": one.number, "kind": one.kind, "text": one.text, "rows": one.rows} for one in answer.trace
        ]
    if answer.event is not None:
        document["event"] = _event_json(answer.event)
    return document


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
