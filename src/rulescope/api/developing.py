"""What those who work on Rulescope look at: the tree of a query, the plan of each stage, the events of a load, and what
is supported of a language."""

from __future__ import annotations

import dataclasses
import textwrap
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from rulescope import ir
from rulescope.api.load_report import load_notes, load_report
from rulescope.api.notes import Note, and_refusal, diagnostic_of, note, query_notes
from rulescope.api.query import Query
from rulescope.engines.engine import Part, Support, SupportTable
from rulescope.errors import EngineError, UsageError
from rulescope.ir.lossless import tree_json
from rulescope.text import Span

_SHOWN_KINDS = 40
_MOST_FIELDS = 60
_LISTS: dict[str, Any] = {"width": 118, "subsequent_indent": "  ", "break_on_hyphens": False}


@dataclass(frozen=True, slots=True)
class Shown:
    """Something to look at: as text, as JSON (one document), and what is to be said beside it."""

    text: str
    document: dict[str, Any]
    notes: tuple[Note, ...] = ()
    whole: bool = True


def show_tree(query: Query) -> Shown:
    """The tree of a query, macros put in: a line a node, or the lossless document. Raises `Refusal` for a language that
    isn't read."""
    from rulescope.hunt.bound_rule import read_query

    parsed = read_query(query.source, query.language, query.library(()), query.frame)
    notes = [*query_notes(query), *(note(found, query.source) for found in parsed.diagnostics)]
    text = "\n".join(_tree_lines(parsed.expanded)) + "\n"
    return Shown(text, tree_json(parsed.expanded), tuple(notes), parsed.status != "failed")


def _tree_lines(root: object) -> Iterator[str]:
    """A line a node, indented by its depth; nothing recurses."""
    waiting: list[tuple[int, str, object]] = [(0, "", root)]
    while waiting:
        depth, name, value = waiting.pop()
        head = "  " * depth + (f"{name}: " if name else "")
        if _holds_nodes(value):
            assert isinstance(value, tuple)
            yield f"{head}"
            waiting.extend((depth + 1, "-", one) for one in reversed(value))
        elif dataclasses.is_dataclass(value) and not isinstance(value, type):
            plain, inner = _parts(value)
            yield f"{head}{type(value).__name__}{plain}"
            waiting.extend((depth + 1, part, held) for part, held in reversed(inner))
        else:
            yield f"{head}{value!r}"


def _holds_nodes(value: object) -> bool:
    return isinstance(value, tuple) and any(map(dataclasses.is_dataclass, value))


def _parts(node: Any) -> tuple[str, list[tuple[str, object]]]:
    """The parts of a node that differ from their defaults: those that are no nodes as text, and the others."""
    plain: list[str] = []
    inner: list[tuple[str, object]] = []
    for part in dataclasses.fields(node):
        value = getattr(node, part.name)
        if isinstance(value, Span):
            plain.append(f"@{value.start}-{value.end}" if part.name == "span" else f"{part.name}={tuple(value)}")
        elif part.name in ("text", "value_spans") or value == part.default:
            continue
        elif dataclasses.is_dataclass(value) or _holds_nodes(value):
            inner.append((part.name, value))
        else:
            plain.append(f"{part.name}={value!r}")
    return "".join(f" {one}" for one in plain), inner


def show_plan(query: Query, logs: Sequence[Path] = (), lookups: Sequence[Path] = ()) -> Shown:
    """The plan of a query stage by stage: the fields after each, with their types, and the SQL of its CTEs."""
    from rulescope.hunt.bound_rule import bind_rule, read_query
    from rulescope.hunt.knowledge import knowledge_for, logs_of
    from rulescope.hunt.settings import Settings

    parsed = read_query(query.source, query.language, query.library(()), query.frame)
    notes = [*query_notes(query), *(note(found, query.source) for found in parsed.diagnostics)]
    settings = Settings(lookups=tuple(lookups))
    stages: list[dict[str, Any]] = []
    whole = True
    try:
        bound = bind_rule(parsed, query.language)
        if logs:
            from rulescope.logs import load_logs, words_of

            with load_logs(logs, wanted=lambda: words_of([query.source.text])) as store:
                notes += load_notes(load_report(store))
                loaded = logs_of(store)
                stages.extend(
                    _stages(bound, loaded.events, knowledge_for(settings, loaded, query.lookups), store.connection)
                )
        else:
            from rulescope.hunt.sql_plan import assumed_events

            events = assumed_events(bound.pipeline, bound.vocabulary)
            stages.extend(_stages(bound, events, knowledge_for(settings, lookups=query.lookups), None))
    except EngineError as error:
        whole = False
        if all(one.message != error.message for one in notes):
            notes = and_refusal(notes, note(diagnostic_of(error), query.source))
    text = "\n".join(map(_stage_text, stages))
    return Shown(text, {"language": query.language, "stages": stages}, tuple(notes), whole)


def _stages(bound: Any, events: Any, knowledge: Any, connection: Any) -> Iterator[dict[str, Any]]:
    from rulescope.engines.duckdb import Database
    from rulescope.engines.sql.compiling import walk_stages
    from rulescope.engines.sql.context import Options

    database = Database(connection) if connection is not None else None
    try:
        context = bound.vocabulary.context(bound.pipeline, events, knowledge, Options(now=time.time()), database)
        way = walk_stages(bound.pipeline, context)
        yield _described(0, "events", "", way.frame, context.words)
        for step in way:
            yield _described(step.number, ir.stage_kind(step.stage), step.stage.text, step.frame, context.words)
    finally:
        if database is not None:
            database.close()


def _described(number: int, kind: str, text: str, frame: Any, words: frozenset[str]) -> dict[str, Any]:
    """The rows after a stage. Of wide events, the fields that the query may name are shown."""
    from rulescope.engines.sql.build import column

    every = frame.schema.fields
    shown = {name: entry for name, entry in every.items() if len(every) <= _MOST_FIELDS or name in words}
    selected = [column(entry.physical) for entry in shown.values()]
    return {
        "number": number,
        "kind": kind,
        "text": text.strip(),
        "relation": frame.relation,
        "events": frame.events,
        "fields": {name: entry.type.name.lower() for name, entry in shown.items()},
        "more_fields": len(every) - len(shown),
        "sql": frame.program.assemble(frame.source().select(*selected)).sql(dialect="duckdb", pretty=True),
    }


def _stage_text(stage: dict[str, Any]) -> str:
    fields = ", ".join(f"{name} {kind}" for name, kind in stage["fields"].items())
    if stage["more_fields"]:
        fields += f", and {stage['more_fields']:,} more"
    rows = "events" if stage["events"] else "rows"
    head = f"{stage['number']} {stage['kind']}  {stage['text']}".rstrip()
    return f"{head}\n  {rows} in {stage['relation']}: {fields or 'no fields'}\n{_indented(stage['sql'])}\n"


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())


def show_events(logs: Sequence[Path], most: int = 3) -> Shown:
    """What a load made of logs: the columns, the kinds of events with their counts, and the first events."""
    from rulescope.logs import load_logs

    with load_logs(logs) as store:
        keys = "_channel, _provider, _event_id"
        label = next((f'"{one.physical}"' for one in store.columns if one.name == "sourcetype"), "NULL")
        counted = store.connection.execute(
            f"SELECT {keys}, {label}, count(*) FROM events GROUP BY ALL ORDER BY 5 DESC, 1, 2, 3, 4"
        ).fetchall()
        columns = {one.name: "several values" if one.multivalue else "text" for one in store.columns}
        found = store.connection.execute(f"SELECT * FROM events ORDER BY _row LIMIT {int(most)}")
        names = [one[0] for one in found.description or ()]
        events = [
            {name: value for name, value in zip(names, row, strict=True) if value is not None}
            for row in found.fetchall()
        ]
        notes = tuple(load_notes(load_report(store)))
        count = store.count
    kinds = [
        {"channel": row[0], "provider": row[1], "event_id": row[2], "sourcetype": row[3], "events": row[4]}
        for row in counted
    ]
    document = {"events": count, "columns": columns, "kinds": kinds, "first": events}
    return Shown(_events_text(document), document, notes)


def _events_text(document: dict[str, Any]) -> str:
    lines = [f"{document['events']:,} events, {len(document['columns']):,} columns", "", "Kinds of events"]
    for kind in document["kinds"][:_SHOWN_KINDS]:
        names = "  ".join(str(kind[key] or "-") for key in ("channel", "provider", "event_id", "sourcetype"))
        lines.append(f"  {kind['events']:>9,}  {names}")
    if len(document["kinds"]) > _SHOWN_KINDS:
        lines.append(f"  and {len(document['kinds']) - _SHOWN_KINDS:,} more; --json lists them")
    for number, event in enumerate(document["first"], 1):
        lines += ["", f"Event {number}", *(f"  {name} = {value}" for name, value in event.items())]
    return "\n".join(lines) + "\n"


def show_support(language: str, database: str = "duckdb") -> Shown:
    """How each part of a language is run in a database, or by the reference: simple, lowered or unsupported.

    Raises `UsageError` for a language that isn't read, and a database that no table was made of.
    """
    from rulescope.hunt.vocabularies import vocabulary_of
    from rulescope.languages.registry import check_language

    check_language(language)
    table = _support(vocabulary_of(language).dialect_for(language), database)
    parts = {
        part: {support: list(table.names(part, support)) for support in get_args(Support)} for part in get_args(Part)
    }
    listed = [
        f"\n{part}s, {support} ({len(names):,})\n{textwrap.fill('  '.join(names), initial_indent='  ', **_LISTS)}\n"
        for part, found in parts.items()
        for support, names in found.items()
        if names
    ]
    document = {"language": language, "database": database, "parts": parts}
    return Shown(f"{language} in {database}\n{''.join(listed)}", document)


def _support(dialect: Any, database: str) -> SupportTable:
    from rulescope.engines.options import Options
    from rulescope.engines.reference import ReferenceEngine
    from rulescope.engines.sql.build import DIALECT
    from rulescope.engines.sql.support import support_for, support_of
    from rulescope.hunt.sql_plan import check_dialect
    from rulescope.knowledge.sql_databases import sql_databases

    if database == "reference":
        return ReferenceEngine(dialect.name, (), Options(now=0.0)).support()
    check_dialect(database)
    if database == DIALECT:
        return support_of(dialect)
    if database not in sql_databases():
        hint = f"one of: duckdb, {', '.join(sql_databases())}, reference"
        raise UsageError(f"no table was made of what {database} supports", code="RSC101", hint=hint)
    return support_for(dialect, sql_databases()[database])


__all__ = ["Shown", "show_events", "show_plan", "show_support", "show_tree"]
