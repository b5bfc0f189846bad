"""A rule or search as SQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rulescope.api.load_report import load_notes, load_report
from rulescope.api.notes import Note, and_refusal, diagnostic_of, note, note_json, query_notes
from rulescope.api.query import Query
from rulescope.api.strict import Strict, strict_notes
from rulescope.errors import EngineError
from rulescope.hunt.settings import Settings


@dataclass(frozen=True, slots=True)
class SqlAnswer:
    """The plan of one rule. `sql` is None where the rule can't be read or planned; `notes` say why."""

    rule: str
    language: str
    dialect: str
    sql: str | None
    notes: tuple[Note, ...]

    def strict_failure(self, strict: Strict | None) -> str | None:
        """Why a strict call fails, in words; None where it doesn't."""
        return strict_notes(strict, self.notes)


def sql_of(
    query: Query,
    dialect: str,
    *,
    logs: Sequence[Path] = (),
    settings: Settings = Settings(),  # noqa: B008
) -> SqlAnswer:
    """The plan of a query or rule, with the time range, the clock, macros and lookup tables of the settings.

    With `logs`, fields are resolved over the columns that those logs have. Raises `InputError` for a dialect, settings
    or paths that can't be used.
    """
    from rulescope.corpus.macro_libraries import load_macros
    from rulescope.hunt.bound_rule import bind_rule, read_query
    from rulescope.hunt.knowledge import knowledge_for, logs_of
    from rulescope.hunt.scheduled_range import in_scheduled_range
    from rulescope.hunt.search import absences
    from rulescope.hunt.settings import check_settings, options_of
    from rulescope.hunt.sql_plan import check_dialect, plan_sql

    check_dialect(dialect)
    check_settings(settings)
    source = query.source
    parsed = read_query(source, query.language, query.library(load_macros(settings.macros)), query.frame)
    parsed, options = in_scheduled_range(parsed, query.frame, options_of(settings))
    notes = [*query_notes(query), *(note(found, source) for found in parsed.diagnostics)]
    try:
        bound = bind_rule(parsed, query.language)
        if not logs:
            knowledge = knowledge_for(settings, lookups=query.lookups)
            printed, findings = plan_sql(bound, dialect, knowledge=knowledge, options=options)
        else:
            from rulescope.logs import load_logs, words_of

            with load_logs(logs, wanted=lambda: words_of([source.text])) as store:
                notes += load_notes(load_report(store))
                loaded = logs_of(store)
                knowledge = knowledge_for(settings, loaded, query.lookups)
                printed, findings = plan_sql(bound, dialect, logs=loaded, knowledge=knowledge, options=options)
                findings += tuple(absences(bound.pipeline, loaded, knowledge, bound.vocabulary))
    except EngineError as error:
        if all(one.message != error.message for one in notes):
            notes = and_refusal(notes, note(diagnostic_of(error), source))
        return SqlAnswer(query.name, query.language, dialect, None, tuple(notes))
    notes += [note(found, source) for found in findings]
    return SqlAnswer(query.name, query.language, dialect, printed, tuple(notes))


def sql_json(answer: SqlAnswer) -> dict[str, Any]:
    """The JSON of `sql`: the statement, and what is to be said of it."""
    return {
        "rule": answer.rule,
        "language": answer.language,
        "dialect": answer.dialect,
        "sql": answer.sql,
        "diagnostics": [note_json(one) for one in answer.notes],
    }
