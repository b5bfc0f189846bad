"""Every case of `conformance/spl/`, and of the shared file, run on the DuckDB engine."""

from __future__ import annotations

import dataclasses
import json
import os
import tomllib
from pathlib import Path
from typing import Any

import pytest

from json_rows import load_rows
from rulescope.engines.sql.context import Options
from rulescope.errors import Refusal
from rulescope.hunt.bound_rule import bind_rule
from rulescope.hunt.knowledge import Knowledge
from rulescope.hunt.lookups import LookupTables, parse_table
from rulescope.hunt.models import KnowledgeModels
from rulescope.hunt.search import run_search
from rulescope.languages.spl import parse_search

PROJECT = Path(__file__).resolve().parents[2]
NOW = 1_700_000_000.0


def read_cases(path: Path) -> list[dict[str, Any]]:
    return list(tomllib.loads(path.read_text(encoding="utf-8")).get("case", []))


def own_cases() -> list[Any]:
    return [
        pytest.param(case, id=f"{path.stem}:{case['id']}")
        for path in sorted((PROJECT / "conformance" / "spl").glob("*.toml"))
        for case in read_cases(path)
    ]


def shared_cases() -> list[Any]:
    path = Path(os.environ.get("RULESCOPE_SHARED", PROJECT.parent / "shared")) / "conformance" / "spl.toml"
    if not path.is_file():
        return [pytest.param(None, marks=pytest.mark.skip(reason=f"no shared cases at {path}"))]
    return [pytest.param(case, id=case["id"], marks=pytest.mark.corpus) for case in read_cases(path)]


def plain(value: Any) -> Any:
    """A value as cases compare it: numbers by value, everything else as text."""
    if isinstance(value, list):
        items = [plain(item) for item in value]
        return items[0] if len(items) == 1 else items
    if isinstance(value, bool):
        return str(value).lower()
    try:
        number = float(value)
    except (TypeError, ValueError):
        return str(value)
    return round(number, 9)


def rows_of(text: str) -> list[dict[str, Any]]:
    return [
        {key: plain(value) for key, value in json.loads(line).items() if value is not None}
        for line in text.splitlines()
        if line.strip()
    ]


class Places:
    """Places as a case gives them: address to what is known of it."""

    def __init__(self, known: dict[str, dict[str, str]]) -> None:
        self.known = known

    def place(self, address: str, language: str | None) -> dict[str, str]:
        return self.known.get(address, {})


def knowledge_of(case: dict[str, Any]) -> Knowledge:
    """The lookup tables and places of a case: `[case.lookups.<name>]` with `csv` and how it matches."""
    tables = LookupTables()
    for name, given in case.get("lookups", {}).items():
        settings = {key: value for key, value in given.items() if key != "csv"}
        tables.add(dataclasses.replace(parse_table(given["csv"].strip(), name), **settings))
    places = Places(case["places"]) if "places" in case else None
    return Knowledge(lookups=tables, models=KnowledgeModels(), places=places)


def check(case: dict[str, Any]) -> None:
    parsed = parse_search(case["search"])
    assert not [d for d in parsed.diagnostics if d.severity == "error"], parsed.diagnostics
    pipeline = bind_rule(parsed, "spl").pipeline
    logs = load_rows(case.get("events", ""))
    options = Options(now=case.get("now", NOW), time_zone=case.get("time_zone", "UTC"))
    if "refused" in case:
        with pytest.raises(Refusal) as refusal:
            run_search(pipeline, logs, options=options, knowledge=knowledge_of(case))
        assert refusal.value.code == case["refused"]
        assert refusal.value.stage
        return
    result = run_search(pipeline, logs, options=options, knowledge=knowledge_of(case))
    found = [{key: plain(value) for key, value in row.items()} for row in result.rows]
    expected = rows_of(case["expect"])
    if not case.get("ordered", False):
        found.sort(key=lambda row: json.dumps(row, sort_keys=True))
        expected.sort(key=lambda row: json.dumps(row, sort_keys=True))
    assert found == expected, "\n".join(result.statements)
    if "warnings" in case:
        assert [diagnostic.code for diagnostic in result.diagnostics] == case["warnings"]


@pytest.mark.parametrize("case", own_cases())
def test_own_case(case: dict[str, Any]) -> None:
    check(case)


@pytest.mark.parametrize("case", shared_cases())
def test_shared_case(case: dict[str, Any]) -> None:
    check(case)
