"""Every case of `conformance/{kusto,snowflake}/rows.toml`: a query over small tables, and the rows that it gives."""

from __future__ import annotations

import json
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from rulescope.errors import Refusal
from rulescope.knowledge.log_tables import LogTable
from rulescope.languages.registry import parser_of
from rulescope.text import Source
from table_runs import log_table, run_over

PROJECT = Path(__file__).resolve().parents[2]
LANGUAGES = ("kusto", "snowflake")


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
        tables[name] = log_table(language, name, table["columns"])
        lines += [json.dumps({"Type": name, **json.loads(line)}) for line in table["rows"].splitlines() if line.strip()]
    return "\n".join(lines), tables


@pytest.mark.parametrize(("language", "case"), cases())
def test_rows(language: str, case: dict[str, Any]) -> None:
    events, tables = tables_of(language)
    parsed = parser_of(language)(Source(case["query"]), None)
    assert parsed.status == "full", parsed.diagnostics

    def run() -> list[dict[str, Any]]:
        return run_over(parsed.expanded, language, events, tables.get)

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
