"""Plans for SQLite, run by SQLite: what it lacks the note names, and what it runs without a note gives our own rows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from json_rows import load_rows
from rulescope.api.given_rules import read_given_rules
from rulescope.api.selection import Selection
from rulescope.errors import EngineError
from rulescope.hunt.bound_rule import bind_rule, read_query
from rulescope.hunt.knowledge import Knowledge
from rulescope.hunt.search import run_search
from rulescope.hunt.sql_plan import plan_sql, planned_table
from rulescope.languages.spl import MacroLibrary
from rulescope.text import Source
from sqlite_plans import OPTIONS, Planned, cases, comparable, in_duckdb, in_sqlite, plan, unnamed_need

SAMPLE = 13
"""One of so many cases is run in the fast tests."""

RULES = 75
"""About so many rules of each language are planned in the slow test."""

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
    for language in LANGUAGES:
        rules = [rule for rule in given.chosen if rule.info.language == language]
        for rule in rules[:: max(1, len(rules) // RULES)]:
            try:
                parsed = read_query(rule.source, language, given.macros.of(rule.info.repository), rule.frame)
                planned = plan(bind_rule(parsed, language))
            except EngineError:
                continue
            assert unnamed_need(planned) is None, rule.info.path
            languages.add(language)
    assert languages == LANGUAGES


def notes_of(query: str, dialect: str, language: str = "spl") -> dict[str, str]:
    rule = bind_rule(read_query(Source(query), language, MacroLibrary()), language)
    return {note.code: note.message for note in plan_sql(rule, dialect)[1]}


@pytest.mark.parametrize(
    ("query", "dialect", "named"),
    [
        ("search a=1 | filldown b", "sqlite", "IGNORE NULLS"),
        ("search a=1 | filldown b", "postgres", "IGNORE NULLS"),
        ("search a=1 | streamstats dc(b) AS n", "snowflake", "DISTINCT in window functions with an order"),
        ("search a=1 | eval c=tonumber(a)%3 | table c", "postgres", "remainders of numbers with fractions"),
        ('search a="x\0y" | table a', "sqlite", "texts with the character NUL"),
        ("table a b c | untable a b c", "postgres", "joins with what is computed of each row"),
        ('search a=1 | rex field=b "(?<c>x+)" | table c', "tsql", "REGEXP_EXTRACT"),
        ("search a=1 | stats mode(b) AS m", "postgres", "MODE"),
    ],
)
def test_what_a_database_lacks_is_named(query: str, dialect: str, named: str) -> None:
    assert named in notes_of(query, dialect)["RUN111"]


@pytest.mark.parametrize(
    ("query", "dialect", "said"),
    [
        ("eval r=random() | table r", "sqlite", "RANDOM gives whole numbers"),
        ("eval r=random() | table r", "snowflake", "RANDOM gives whole numbers"),
        ("search a=X | eval n=len(a) | table n", "tsql", "LEN does not count the spaces"),
    ],
)
def test_what_a_database_means_otherwise_is_said(query: str, dialect: str, said: str) -> None:
    assert said in notes_of(query, dialect)["RUN150"]


@pytest.mark.parametrize(
    ("pattern", "kept"),
    [
        ("a_c", {"abc", "a]c", "a*c", "a[c"}),
        ("a%", {"abc", "a]c", "a*c", "a[c", "a%c_"}),
        ("a*c", {"a*c"}),
        ("a[c", {"a[c"}),
    ],
)
def test_patterns_regard_case_and_wildcards_in_sqlite(pattern: str, kept: set[str]) -> None:
    rule = bind_rule(read_query(Source(f'where like(a, "{pattern}") | table a'), "spl", MacroLibrary()), "spl")
    planned = plan(rule)
    events = [{"a": text} for text in ("abc", "ABC", "a]c", "a*c", "a[c", "a%c_")]
    assert planned.notes == {}
    assert {row[0] for row in in_sqlite(planned, events)} == kept


def test_rows_of_one_side_of_a_join_keep_their_place() -> None:
    # Without an order of NULL, SQLite puts rows that only the right side has first.
    query = (
        "DeviceProcessEvents | join kind=fullouter DeviceNetworkEvents on DeviceName | project DeviceName, DeviceName1"
    )
    planned = plan(bind_rule(read_query(Source(query), "kusto", MacroLibrary()), "kusto"))
    events = [{"Type": "DeviceProcessEvents", "DeviceName": "a"}, {"Type": "DeviceNetworkEvents", "DeviceName": "b"}]
    assert in_sqlite(planned, events) == [("a", ""), ("", "b")]


NOT_OF_ONE_INDEX = {"spl:metadata:sourcetypes-of-index"}
"""Cases with events of other indexes than the one that is named; a plan's table is taken to hold only those of it."""


def check_assumed_table(step: int) -> int:
    """Checks that plans without logs give as many rows as runs over them; gives how many had rows."""
    checked = 0
    for name, planned, events in planned_cases(step):
        listed = any(isinstance(value, list) for event in events for value in event.values())
        own = "RUN111" in {note.code for note in plan_sql(planned.rule, "duckdb", options=OPTIONS)[1]}
        if listed or own or name in NOT_OF_ONE_INDEX:
            continue
        logs, rule = load_rows("\n".join(map(json.dumps, events))), planned.rule
        run = run_search(rule.pipeline, logs, options=OPTIONS, knowledge=Knowledge(), vocabulary=rule.vocabulary)
        found = len(list(run.rows))
        assert len(in_duckdb(planned, events)) == found, name
        checked += found > 0
    return checked


def test_the_table_that_plans_assume_has_what_rules_name_in_a_sample() -> None:
    assert check_assumed_table(3 * SAMPLE) > 5


@pytest.mark.slow
def test_the_table_that_plans_assume_has_what_rules_name() -> None:
    assert check_assumed_table(2) > 200


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ('search a=x | rex field=b "(?<c>x+)" | table c', "b"),
        ("search a=x | sort 0 b | table a", "b"),
        ("search a=x | chart count over b by d", "b"),
        ("search a=x | bin b span=10 | table a", "b"),
        ("search a=x | join type=left b [search a=y | table b] | table a", "b"),
    ],
)
def test_a_field_that_a_stage_names_is_a_column_of_the_table(query: str, field: str) -> None:
    rule = bind_rule(read_query(Source(query), "spl", MacroLibrary()), "spl")
    assert field in planned_table(rule).fields


def test_the_fields_of_a_correlation_are_columns_of_the_table() -> None:
    text = (
        "title: b\ncorrelation: {type: value_count, rules: [a], group-by: [Host], timespan: 1h,"
        " condition: {field: User, gte: 2}}\n---\n"
        "title: a\nname: a\nlogsource: {category: test}\ndetection: {sel: {x: 1}, condition: sel}\n"
    )
    rule = bind_rule(read_query(Source(text), "sigma", MacroLibrary()), "sigma")
    assert {"Host", "User"} <= planned_table(rule).fields.keys()
