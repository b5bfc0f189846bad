"""One search over loaded logs: rows, fields, and where each event went."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from rulescope import ir
from rulescope.engines.duckdb import Database, Limits
from rulescope.engines.duckdb.engine import DuckDBEngine
from rulescope.engines.sql.context import (
    Context,
    Options,
)
from rulescope.hunt.engine_errors import engine_errors
from rulescope.hunt.knowledge import Knowledge, Logs
from rulescope.hunt.reached_bounds import given_up_notes
from rulescope.hunt.time_ranges import event_times, has_range, unmet_ranges
from rulescope.hunt.untimed_events import untimed_notes
from rulescope.hunt.vocabularies import SPLUNK, Vocabulary
from rulescope.ir import stages
from rulescope.ir.walk import walk
from rulescope.system.deadline import Deadline
from rulescope.text import Diagnostic

if TYPE_CHECKING:
    from rulescope.hunt.field_knowledge import LoadedFields


@dataclass(frozen=True, slots=True)
class StageCount:
    """How many rows came out of a stage; stage 0 is the events."""

    number: int
    kind: str
    text: str
    rows: int


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What a search gives.

    `fields` are the names in order. A row has a key for each field that has a value; several values are a list; numbers
    that the search computed are numbers, values from logs text; `_time` is epoch seconds, and so are the fields that
    the language has a type of times for, the `moments`. `truncated` tells that there were more rows than the limit.
    """

    fields: tuple[str, ...]
    rows: tuple[dict[str, Any], ...]
    diagnostics: tuple[Diagnostic, ...] = ()
    truncated: bool = False
    trace: tuple[StageCount, ...] = ()
    statements: tuple[str, ...] = ()
    moments: frozenset[str] = frozenset()


def run_search(
    pipeline: ir.Pipeline,
    logs: Logs,
    *,
    options: Options | None = None,
    knowledge: Knowledge | None = None,
    limits: Limits = Limits(),  # noqa: B008
    deadline: Deadline | None = None,
    traced: bool = False,
    vocabulary: Vocabulary = SPLUNK,
) -> SearchResult:
    """Runs the pipeline over the logs; its fields, functions and stages mean what they do in the `vocabulary`.

    `deadline` is there where the search began before; else it begins here, and `limits` say how long it may take.
    Raises `Refusal` where a stage can't be run, `LimitError` where a bound was reached, `ExecutionError` where the
    database failed.
    """
    knowledge = knowledge or Knowledge()
    database = Database(logs.connection, deadline or Deadline(limits.seconds))
    try:
        with database.deadline, engine_errors():
            context = vocabulary.context(
                pipeline, logs.events, knowledge, options or Options(now=time.time()), database
            )
            found = DuckDBEngine(context, database).plan(pipeline, traced=traced).run(limits.rows)
            trace = tuple(_trace(context, database)) if traced else ()
        context.diagnostics += given_up_notes(pipeline, database.given_up())
        if has_range(pipeline, context.options):
            times = event_times(logs.connection, logs.events.relation)
            context.diagnostics += unmet_ranges(pipeline, context.options, times)
        if found.rows:
            context.diagnostics += untimed_notes(pipeline, logs, newest_first=context.newest_first)
        context.diagnostics += absences(pipeline, logs, knowledge, vocabulary, len(found.rows))
    finally:
        database.close()
    return SearchResult(
        found.fields,
        found.rows,
        tuple(dict.fromkeys(context.diagnostics)),
        found.truncated,
        trace,
        tuple(database.statements),
        found.moments,
    )


def absences(
    pipeline: ir.Pipeline, logs: Logs, knowledge: Knowledge, vocabulary: Vocabulary, rows: int = 0
) -> list[Diagnostic]:
    """A warning for each thing that a search of so many rows asks for in vain.

    The events are looked at only where it may be so: that takes longer than most searches.
    """
    if logs.store is None or (vocabulary.tables and rows > 1 and not logs.store.dropped):
        return []
    from rulescope.hunt.field_knowledge import LoadedFields

    own = knowledge.user_fields
    loaded = LoadedFields(logs.store, partial(vocabulary.rules_of, own=own))
    fires = rows > 1 or (rows == 1 and not _counts_nothing(pipeline))
    if fires and not vocabulary.tables and _reads_loaded(pipeline, loaded, knowledge):
        from rulescope.hunt.unknown_sources import unknown_sources

        return unknown_sources(pipeline)
    from rulescope.hunt.absences import Absences
    from rulescope.hunt.kinds import Kinds
    from rulescope.hunt.language_kinds import LanguageKinds

    kinds = Kinds(logs.store, knowledge.fields, own)
    return Absences(LanguageKinds(kinds, own), knowledge.models).of(pipeline, vocabulary, alone=True)


_NAMING = (stages.Origin, stages.Search, stages.Where, stages.Dedup, stages.Head, stages.Reverse)
"""Stages that change no field, and all of whose names of fields are nodes of the tree."""

_LAST = (*_NAMING, stages.Stats, stages.Table, stages.Fields, stages.Top)
"""Those that also do where no stage follows, so that nobody reads what they leave out."""


def _reads_loaded(pipeline: ir.Pipeline, loaded: LoadedFields, knowledge: Knowledge) -> bool:
    """Whether the load has all that the search reads; without a look at what the stages make of the fields, where it
    has every one that is named."""
    from rulescope.hunt.row_fields import is_internal

    *before, last = pipeline.stages or (None,)
    if not loaded.dropped and all(isinstance(stage, _NAMING) for stage in before) and isinstance(last, _LAST):
        nodes = list(walk(pipeline))
        names = {node.field for node in nodes if isinstance(node, ir.Compare)}
        names |= {node.name for node in nodes if isinstance(node, ir.FieldReference)}
        nested = any(isinstance(node, ir.Subsearch) for node in nodes)
        if not nested and not any(loaded.lacking(name, 1) for name in names if not is_internal(name)):
            return True
    from rulescope.hunt.absent_values import asks_for_values
    from rulescope.hunt.field_uses import read_fields

    reading = read_fields(pipeline, loaded, knowledge.models)
    # Of several sources, one may have no event though there are rows.
    return not reading.uses and not reading.patterns and not (len(reading.sources) > 1 and asks_for_values(reading))


def _counts_nothing(pipeline: ir.Pipeline) -> bool:
    """Whether the search gives a row where no event is found, too: `stats count` does."""
    return any(isinstance(stage, stages.Stats | stages.TStats) and not stage.by for stage in pipeline.stages)


def _trace(context: Context, database: Database) -> list[StageCount]:
    """The rows that come out of each stage. Stages of one program are counted in one statement."""
    counts: dict[int, int] = {}
    by_program: dict[int, list[int]] = {}
    for index, entry in enumerate(context.trace):
        by_program.setdefault(id(entry.frame.program), []).append(index)
    for indexes in by_program.values():
        selects = [
            exp.select(exp.alias_(exp.Literal.number(index), "i"), exp.alias_(exp.Count(this=exp.Star()), "n")).from_(
                exp.Table(this=exp.to_identifier(context.trace[index].frame.relation, quoted=True))
            )
            for index in indexes
        ]
        query: exp.Expression = selects[0]
        for select in selects[1:]:
            query = exp.Union(this=query, expression=select, distinct=False)
        outer = exp.select("i", "n").from_(exp.Subquery(this=query).as_("c"))
        program = context.trace[indexes[0]].frame.program
        counts.update(dict(database.fetch(program.assemble(outer))))
    return [
        StageCount(entry.number, ir.stage_kind(entry.stage), entry.stage.text, counts.get(index, 0))
        for index, entry in enumerate(context.trace)
    ]


__all__ = ["SearchResult", "StageCount", "absences", "run_search"]
