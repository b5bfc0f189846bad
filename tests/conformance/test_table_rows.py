"""Every case of `conformance/{kusto,snowflake}/rows.toml`: a query over small tables, and the rows that it gives."""

from __future__ import annotations

import json
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from json_rows import load_rows
from rulescope.engines.sql.context import Options
from rulescope.errors import Refusal
from rulescope.hunt.knowledge import Knowledge
from rulescope.hunt.search import run_search
from rulescope.hunt.table_binding import bind_tables
from rulescope.hunt.vocabularies import vocabulary_of
from rulescope.knowledge.log_tables import LogColumn, LogTable
from rulescope.languages.registry import parser_of
from rulescope.text import Source

PROJECT = Path(__file__).resolve().parents[2]
LANGUAGES = ("kusto", "snowflake")
# 2024-05-01T12:00:00Z, a Wednesday.
OPTIONS = Options(now=1_714_564_800.0, time_zone="UTC")


@cache
def document(language: str) -> dict[str, Any]:
    return tomllib.loads((PROJECT / "conformance" / language / "rows.toml").read_text("utf-8"))


def cases() -> list[Any]:
    return [
        pytest.param(language, case, id=f"{language}:{case['id']}")
        for language in LANGUAGES
        for case in document(language)["case"]
    ]


def tables_of(language: str) -> tuple[str, dict[str, LogTable]]:
    """All tables of the file as one text of events, and what they are: rows say in `Type` which one they are of."""
    lines: list[str] = []
    tables: dict[str, LogTable] = {}
    for name, table in document(language)["tables"].items():
        pairs = [part.split(":") for part in table["columns"].split(",")]
        columns = tuple(LogColumn(column.strip(), kind.strip(), ()) for column, kind in pairs)
        tables[name] = LogTable(language, name, (), columns)
        lines += [json.dumps({"Type": name, **json.loads(line)}) for line in table["rows"].splitlines() if line.strip()]
    return "\n".join(lines), tables


@pytest.mark.parametrize(("language", "case"), cases())
def test_rows(language: str, case: dict[str, Any]) -> None:
    events, tables = tables_of(language)
    parsed = parser_of(language)(Source(case["query"]), None)
    assert parsed.status == "full", parsed.diagnostics

    def run() -> list[dict[str, Any]]:
        pipeline = bind_tables(parsed.expanded, language, lambda _, name: tables.get(name))
        vocabulary = vocabulary_of(language)
        found = run_search(pipeline, load_rows(events), options=OPTIONS, knowledge=Knowledge(), vocabulary=vocabulary)
        return list(found.rows)

    if "refused" in case:
        with pytest.raises(Refusal) as caught:
            run()
        assert case["refused"] in caught.value.message
        return
    wanted = [json.loads(line) for line in case["expect"].splitlines() if line.strip()]
    rows = run()
    if not case.get("ordered"):
        rows, wanted = (sorted(part, key=lambda row: json.dumps(row, sort_keys=True)) for part in (rows, wanted))
    assert rows == wanted


def test_there_are_enough_cases_and_each_says_why() -> None:
    for language in LANGUAGES:
        listed = document(language)["case"]
        assert len(listed) >= 60
        assert len({case["id"] for case in listed}) == len(listed)
        assert all(case["why"] for case in listed)
