"""Plans for SQLite, run by SQLite: what it lacks the note names, and what it runs without a note gives our own rows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rulescope.api.given_rules import read_given_rules
from rulescope.api.selection import Selection
from rulescope.errors import EngineError
from rulescope.hunt.bound_rule import bind_rule, read_query
from sqlite_plans import Planned, cases, comparable, in_duckdb, in_sqlite, plan, unnamed_need

SAMPLE = 13
"""One of so many cases is run in the fast tests."""

LANGUAGES = {"eql", "esql", "kuery", "kusto", "lucene", "sigma", "snowflake", "spl"}


def planned_cases(step: int) -> Iterator[tuple[str, Planned, list[dict[str, Any]]]]:
    """Every `step`-th conformance case that can be planned."""
    for name, rule, events in cases(step):
        try:
            planned = plan(rule)
        except EngineError:
            continue
        yield name, planned, events


def check_cases(step: int) -> set[str]:
    """Checks the cases; gives the languages of those whose rows were compared."""
    compared = set()
    for name, planned, events in planned_cases(step):
        assert unnamed_need(planned) is None, name
        if "RUN111" not in planned.notes and "RANDOM" not in planned.notes.get("RUN150", ""):
            assert comparable(in_sqlite(planned, events)) == comparable(in_duckdb(planned, events)), name
            compared.add(name.partition(":")[0])
    return compared


def test_a_sample_of_the_cases_gives_the_same_rows_or_says_why_not() -> None:
    assert len(check_cases(SAMPLE)) >= 5


@pytest.mark.slow
def test_all_cases_give_the_same_rows_or_say_why_not() -> None:
    assert check_cases(1) == LANGUAGES


@pytest.mark.slow
@pytest.mark.corpus
def test_what_rules_need_and_sqlite_lacks_is_named(shared: Path) -> None:
    given = read_given_rules([shared / "rules"], Selection())
    languages = set()
    for rule in given.chosen:
        macros = given.macros.of(rule.info.repository)
        try:
            planned = plan(
                bind_rule(read_query(rule.source, rule.info.language, macros, rule.frame), rule.info.language)
            )
        except EngineError:
            continue
        assert unnamed_need(planned) is None, rule.info.path
        languages.add(rule.info.language)
    assert languages >= LANGUAGES
