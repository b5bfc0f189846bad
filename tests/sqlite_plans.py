"""Plans printed for SQLite, run there and in DuckDB over one table `events`, as `rulescope sql` takes it."""

from __future__ import annotations

import json
import sqlite3
import textwrap
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from rulescope.engines.duckdb import Database
from rulescope.engines.sql.context import EventsTable, Options
from rulescope.engines.sql.schema import ROW
from rulescope.engines.sql.values import Type
from rulescope.errors import EngineError
from rulescope.hunt.bound_rule import BoundRule, bind_rule, read_query
from rulescope.hunt.sql_plan import plan_sql, planned_table
from rulescope.hunt.table_binding import bind_tables
from rulescope.hunt.vocabularies import vocabulary_of
from rulescope.knowledge.log_tables import LogColumn, LogTable
from rulescope.languages.registry import LANGUAGES, parser_of
from rulescope.languages.spl import MacroLibrary
from rulescope.text import Source

CASES = Path(__file__).resolve().parents[1] / "conformance"
OPTIONS = Options(now=1_714_564_800.0, time_zone="UTC")
"""2024-05-01T12:00:00Z, a Wednesday."""

Row = tuple[Any, ...]


@dataclass(frozen=True)
class Planned:
    """A rule bound to a table of events, that table, and the plan for SQLite with the codes and words of its notes."""

    rule: BoundRule
    events: EventsTable
    printed: str
    notes: dict[str, str]


def plan(rule: BoundRule) -> Planned:
    """The plan of a rule for SQLite. Raises what planning raises."""
    printed, notes = plan_sql(rule, "sqlite", options=OPTIONS)
    return Planned(rule, planned_table(rule), printed, {note.code: note.message for note in notes})


def columns_of(events: EventsTable) -> list[tuple[str, str, str]]:
    """Name of the field, name of the column, and whether it holds text or a number."""
    kinds = {Type.NUMBER: "DOUBLE"}
    return [(ROW, ROW, "INTEGER")] + [
        (name, entry.physical, kinds.get(entry.type, "TEXT")) for name, entry in events.fields.items()
    ]


def create_table(planned: Planned) -> str:
    """The statement that makes the table."""
    parts = (f'"{physical.replace(chr(34), chr(34) * 2)}" {kind}' for _, physical, kind in columns_of(planned.events))
    return f'CREATE TABLE "events" ({", ".join(parts)})'


def values_of(planned: Planned, events: Sequence[dict[str, Any]]) -> list[list[Any]]:
    """The rows of the table: what the events have of the columns, as text but for times."""
    return [
        [number if name == ROW else _spelt(event.get(name), kind) for name, _, kind in columns_of(planned.events)]
        for number, event in enumerate(events)
    ]


def _spelt(value: Any, kind: str) -> Any:
    if value is None or kind == "DOUBLE":
        return value
    return value if isinstance(value, str) else json.dumps(value)


def in_sqlite(planned: Planned, events: Sequence[dict[str, Any]] = ()) -> list[Row]:
    """The rows that SQLite gives. Raises `sqlite3.Error` where it does not take the plan."""
    with sqlite3.connect(":memory:") as connection:
        connection.execute(create_table(planned))
        places = ", ".join("?" * len(columns_of(planned.events)))
        connection.executemany(f'INSERT INTO "events" VALUES ({places})', values_of(planned, events))
        return connection.execute(planned.printed).fetchall()


def in_duckdb(planned: Planned, events: Sequence[dict[str, Any]]) -> list[Row]:
    """The rows that our own engine gives for the plan."""
    printed, _ = plan_sql(planned.rule, "duckdb", options=OPTIONS)
    connection = _engine().connection
    connection.execute(create_table(planned).replace("CREATE", "CREATE OR REPLACE", 1))
    places = ", ".join("?" * len(columns_of(planned.events)))
    rows = values_of(planned, events)
    if rows:
        connection.executemany(f'INSERT INTO "events" VALUES ({places})', rows)
    return connection.execute(printed).fetchall()


@cache
def _engine() -> Database:
    return Database(duckdb.connect())


def unnamed_need(planned: Planned) -> str | None:
    """What SQLite says of a plan that it does not take, where the plan's note does not name it."""
    lacking = planned.notes.get("RUN111", "").upper()
    try:
        in_sqlite(planned)
    except (sqlite3.Error, sqlite3.Warning, ValueError) as error:
        # SQLite's operator REGEXP calls a function of that name, which it has not.
        function = str(error).partition("no such function: ")[2].upper()
        named = "REGULAR EXPRESSIONS" if function == "REGEXP" else function
        return None if lacking and named in lacking else str(error)
    return None


def comparable(rows: Sequence[Row]) -> list[Row]:
    """Rows as they compare over both: SQLite has no BOOLEAN, and no other number than INTEGER and REAL."""
    return [tuple(_plain(value) for value in row) for row in rows]


def _plain(value: Any) -> Any:
    if isinstance(value, bool | int | float):
        return round(float(value), 9)
    return value


Case = tuple[BoundRule, list[dict[str, Any]]]


def cases(step: int = 1) -> Iterator[tuple[str, BoundRule, list[dict[str, Any]]]]:
    """Every `step`-th conformance case that can be read, is run and has events: its name, the rule, and the events."""
    paths = [path for path in sorted(CASES.glob("*/*.toml")) if path.parent.name in LANGUAGES]
    documents = [(path, tomllib.loads(path.read_text("utf-8"))) for path in paths]
    listed = [(path, document, case) for path, document in documents for case in document.get("case", [])]
    for path, document, case in listed[::step]:
        try:
            made = _case(path.parent.name, document, case)
        except EngineError:
            continue
        if made is not None:
            yield f"{path.parent.name}:{path.stem}:{case['id']}", *made


def _case(language: str, document: dict[str, Any], case: dict[str, Any]) -> Case | None:
    given = case.get("data")
    events = case.get("events") or (document.get("data", {}).get(given) if given else None)
    if "tables" in document:
        return _over_tables(language, document["tables"], case)
    if events is None or "refused" in case:
        return None
    text = case.get("search") or case.get("query") or case.get("rule")
    if text is None:
        text = f"logsource:\n    category: test\ndetection:\n{textwrap.indent(case['detection'], '    ')}\n"
    parsed = read_query(Source(text), language, MacroLibrary())
    if parsed.status != "full":
        return None
    return bind_rule(parsed, language), _rows(events)


def _rows(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines() if line.strip()]


def _over_tables(language: str, described: dict[str, Any], case: dict[str, Any]) -> Case:
    tables: dict[str, LogTable] = {}
    events: list[dict[str, Any]] = []
    for name, table in described.items():
        pairs = [part.split(":") for part in table["columns"].split(",")]
        columns = tuple(LogColumn(column.strip(), kind.strip(), ()) for column, kind in pairs)
        tables[name] = LogTable(language, name, (), columns)
        events += [{"Type": name, **row} for row in _rows(table["rows"])]
    parsed = parser_of(language)(Source(case["query"]), None)
    bound = bind_tables(parsed.expanded, language, lambda _, name: tables.get(name))
    return BoundRule(bound, parsed.expanded, vocabulary_of(language)), events
