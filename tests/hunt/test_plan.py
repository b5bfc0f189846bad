"""`rulescope sql`: the plan as text, run by a database that knows nothing of us."""

from __future__ import annotations

import duckdb
import pytest

from rulescope.errors import InputError, Refusal
from rulescope.hunt.bound_rule import BoundRule, bind_rule, read_query
from rulescope.hunt.sql_plan import plan_sql
from rulescope.languages.spl import MacroLibrary
from rulescope.text import Source


def bound(query: str, language: str = "spl") -> BoundRule:
    return bind_rule(read_query(Source(query), language, MacroLibrary()), language)


def test_the_printed_plan_runs_on_a_plain_table() -> None:
    rule = bound("search host=A user!=bob | stats count by host")
    printed, _ = plan_sql(rule, "duckdb")
    # Grouped rows are ordered by our own function for numbers in text; a plain table needs a stand-in for it.
    connection = duckdb.connect()
    connection.execute("CREATE MACRO spl_number(x) AS TRY_CAST(x AS DOUBLE)")
    connection.execute('CREATE TABLE events ("_time" DOUBLE, "_raw" VARCHAR, "host" VARCHAR, "user" VARCHAR)')
    connection.execute(
        "INSERT INTO events VALUES (1, '', 'a', 'ann'), (2, '', 'a', 'bob'), (3, '', 'a', NULL), (4, '', 'b', 'ann')"
    )
    assert connection.execute(printed).fetchall() == [("a", 1.0)]


def test_there_is_one_part_a_stage() -> None:
    rule = bound("search a=1 | where b=2 | table c")
    printed, _ = plan_sql(rule, "spark")
    for name in ("s1_search", "s2_where", "s3_table"):
        assert f"`{name}` AS (" in printed


def test_what_depends_on_the_data_is_refused_by_name() -> None:
    rule = bound("search a=1 | timechart count by b")
    with pytest.raises(Refusal) as caught:
        plan_sql(rule, "duckdb")
    assert caught.value.stage == "timechart" and caught.value.code == "RUN012"


def test_an_unknown_dialect_is_named_with_those_there_are() -> None:
    with pytest.raises(InputError) as caught:
        plan_sql(bound("search a=1"), "dialekt")
    assert "snowflake" in str(caught.value.hint)


def test_rules_over_tables_are_planned_over_their_rows() -> None:
    query = 'DeviceProcessEvents | where FileName =~ "cmd.exe" | summarize n = count() by DeviceName'
    statement, _ = plan_sql(bound(query, "kusto"), "duckdb")
    assert "_channel" not in statement
    connection = duckdb.connect()
    connection.execute(
        "CREATE TABLE events AS SELECT 1 AS _row, 0.0 AS _time, '' AS _raw, 'CMD.EXE' AS FileName, 'a' AS DeviceName"
    )
    assert connection.execute(statement).fetchall() == [("a", 1.0)]
