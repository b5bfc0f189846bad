"""Every engine gives the rows of every case of `conformance/`, or refuses it.

DuckDB refuses what the case says that it refuses, and nothing else. How many cases of a file another engine refuses is
noted in `scoreboard.toml`, and may only become less.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from row_cases import LANGUAGES, PROJECT, SHARED, TABLES, RowCase, Rows, case_files, has_rows, read_cases, row_cases

from json_events import load_events
from json_rows import load_rows
from rulescope.engines.reference import ReferenceEngine
from rulescope.errors import Refusal
from rulescope.hunt.search import run_search
from rulescope.hunt.vocabularies import vocabulary_of

FILES = case_files() | {"spl/shared": SHARED}
SCOREBOARD = tomllib.loads(Path(__file__).with_name("scoreboard.toml").read_text("utf-8"))
LEAST = 60


def by_duckdb(case: RowCase) -> Rows:
    found = run_search(
        case.pipeline(),
        load_rows(case.events),
        options=case.options,
        knowledge=case.knowledge,
        vocabulary=vocabulary_of(case.language),
    )
    assert case.warnings in (None, [one.code for one in found.diagnostics])
    return list(found.rows)


def by_reference(case: RowCase) -> Rows:
    pipeline = case.pipeline()
    dialect = vocabulary_of(case.language).dialect_for(case.language).name
    return list(ReferenceEngine(dialect, load_events(case.events), case.options).plan(pipeline).run().rows)


ENGINES: dict[str, Callable[[RowCase], Rows]] = {"duckdb": by_duckdb, "reference": by_reference}


@pytest.mark.parametrize(
    "file", [pytest.param(name, marks=pytest.mark.corpus if path == SHARED else ()) for name, path in FILES.items()]
)
@pytest.mark.parametrize("engine", ENGINES)
def test_cases_give_their_rows(engine: str, file: str) -> None:
    if not FILES[file].is_file():
        pytest.skip(f"no cases at {FILES[file]}")
    wrong: dict[str, Any] = {}
    refused: list[str] = []
    # A case says what DuckDB refuses; another engine is asked for rows only.
    cases = [one for one in row_cases(file, FILES[file]) if engine == "duckdb" or one.refused is None]
    for case in cases:
        try:
            found = case.form(ENGINES[engine](case)) if case.refused is None else ENGINES[engine](case)
        except Refusal as refusal:
            assert refusal.message and (refusal.stage or case.language != "spl")
            said = f"{refusal.code} {refusal.message}"
            if case.refused is None:
                refused.append(f"{case.name}: {said}")
            elif not re.search(case.refused, said):
                wrong[case.name] = said
            continue
        if case.refused is not None or found != case.expected:
            wrong[case.name] = found, case.refused or case.expected
    assert not wrong
    noted = SCOREBOARD[engine].get(file, 0)
    assert len(refused) == noted, f"{noted} refusals are noted:\n" + "\n".join(refused)


def test_only_files_with_cases_are_noted() -> None:
    assert all(board.keys() <= FILES.keys() for board in SCOREBOARD.values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_there_are_enough_cases_and_each_says_why(language: str) -> None:
    files = {name: read_cases(path) for name, path in case_files().items() if name.startswith(f"{language}/")}
    assert sum(len(cases) for cases in files.values()) >= LEAST
    for name, cases in files.items():
        assert len({case["id"] for case in cases}) == len(cases), name
        assert all(case["why"].strip() for case in cases), name


@pytest.mark.parametrize("language", TABLES)
def test_what_is_read_whole_has_rows_or_is_refused(language: str) -> None:
    """A tree alone does not say what a query means."""
    paths = sorted((PROJECT / "conformance" / language).glob("*.toml"))
    cases = {f"{path.stem}:{case['id']}": case for path in paths for case in read_cases(path)}
    bare = [name for name, case in cases.items() if case.get("status", "full") == "full" and not has_rows(case)]
    assert not bare
