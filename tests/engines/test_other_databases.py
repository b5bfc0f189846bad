"""Plans for other databases: what of DuckDB is said in their words, and what they are told to lack."""

from __future__ import annotations

import sqlite3
from dataclasses import replace

import pytest
import sqlglot

from rulescope.engines.sql.dialect import dialect_of
from rulescope.engines.sql.lowering import CHANGES, lowered
from rulescope.engines.sql.needs import DIFFERENCES, FORMS, Needs, needs_of, own_functions
from rulescope.engines.sql.support import support_for
from rulescope.knowledge.sql_databases import SqlDatabase, sql_databases, unknown_database

SPL = dialect_of("spl")
BARE = SqlDatabase(
    "duckdb", "Bare", "1", frozenset({"count"}), frozenset({"text"}), frozenset(), {"like": "LIKE knows no case"}
)
"""A database that has hardly anything."""


def printed(text: str, dialect: str) -> str:
    database = sql_databases().get(dialect) or unknown_database(dialect)
    statement = sqlglot.parse_one(text, dialect="duckdb")
    return lowered(statement, database, support_for(SPL, database)).sql(dialect=dialect)


@pytest.mark.parametrize(
    ("text", "dialect", "expected"),
    [
        ("SELECT SUFFIX(a, 'xy')", "snowflake", "SELECT ENDSWITH(a, 'xy')"),
        ("SELECT SUFFIX(a, 'xy')", "postgres", "SELECT RIGHT(a, 2) = 'xy'"),
        ("SELECT SUFFIX(a, 'xy')", "sqlite", "SELECT SUBSTRING(a, -2) = 'xy'"),
        ("SELECT SUFFIX(a, b)", "postgres", "SELECT RIGHT(a, CAST(LENGTH(b) AS INT)) = b"),
        ("SELECT PREFIX(a, 'xy')", "spark", "SELECT STARTSWITH(a, 'xy')"),
        ("SELECT PREFIX(a, 'xy')", "tsql", "SELECT SUBSTRING(a, 1, 2) = 'xy'"),
        ("SELECT CONTAINS(a, 'xy')", "snowflake", "SELECT CONTAINS(a, 'xy')"),
        ("SELECT CONTAINS(a, 'xy')", "sqlite", "SELECT INSTR(a, 'xy') > 0"),
        ("SELECT SUFFIX(a, 'xy') = b", "postgres", "SELECT (RIGHT(a, 2) = 'xy') = b"),
        ("SELECT 1 WHERE SUFFIX(a, 'xy') AND b", "postgres", "SELECT 1 WHERE RIGHT(a, 2) = 'xy' AND b"),
        ("SELECT COUNT(*) FILTER (WHERE a > 1)", "snowflake", "SELECT COUNT(CASE WHEN a > 1 THEN 1 END)"),
        ("SELECT SUM(b) FILTER (WHERE a > 1)", "snowflake", "SELECT SUM(CASE WHEN a > 1 THEN b END)"),
        ("SELECT SUM(b) FILTER (WHERE a > 1)", "postgres", "SELECT SUM(b) FILTER(WHERE a > 1)"),
        ("SELECT a FROM t ORDER BY _row", "postgres", "SELECT a FROM t ORDER BY _row"),
        ("SELECT a FROM t ORDER BY _row", "spark", "SELECT a FROM t ORDER BY _row"),
        ("SELECT a FROM t ORDER BY _row DESC", "spark", "SELECT a FROM t ORDER BY _row DESC"),
        ("SELECT a FROM t ORDER BY _row", "snowflake", "SELECT a FROM t ORDER BY _row"),
        ("SELECT a FROM t ORDER BY a", "spark", "SELECT a FROM t ORDER BY a NULLS LAST"),
    ],
)
def test_what_is_duckdb_s_alone_stands_in_the_words_of_the_database(text: str, dialect: str, expected: str) -> None:
    assert printed(text, dialect) == expected


def test_the_statement_itself_stays_as_it_is() -> None:
    statement = sqlglot.parse_one("SELECT SUFFIX(a, 'x')", dialect="duckdb")
    before = statement.sql(dialect="duckdb")
    lowered(statement, sql_databases()["postgres"], support_for(SPL, sql_databases()["postgres"]))
    assert statement.sql(dialect="duckdb") == before


@pytest.mark.parametrize("text", ["", "x", "xy", "yx", "axy", "xya", "XY", "äxy", "xyxy"])
@pytest.mark.parametrize("function", ["SUFFIX", "PREFIX", "CONTAINS"])
def test_tests_of_texts_mean_the_same_in_sqlite(text: str, function: str) -> None:
    expected = {"SUFFIX": text.endswith("xy"), "PREFIX": text.startswith("xy"), "CONTAINS": "xy" in text}[function]
    statement = printed(f"SELECT {function}(a, 'xy') FROM (SELECT :text AS a)", "sqlite")
    ((found,),) = sqlite3.connect(":memory:").execute(statement.replace("$text", ":text"), {"text": text}).fetchall()
    assert bool(found) == expected


def needs(text: str, database: SqlDatabase = BARE) -> Needs:
    statement = sqlglot.parse_one(text, dialect="duckdb")
    return needs_of(statement, statement.sql(dialect=database.dialect), database, support_for(SPL, database))


@pytest.mark.parametrize(
    ("text", "forms"),
    [
        ("SELECT a FROM t WHERE b = 1", ()),
        ("SELECT COUNT(a) FROM t", ()),
        ("SELECT COUNT(a) FILTER (WHERE b = 1) FROM t", ("FILTER (WHERE …) of aggregates",)),
        ("SELECT a = 1 FROM t", ("conditions as values",)),
        ("SELECT CASE WHEN a = 1 THEN 2 END FROM t", ()),
        ("SELECT a FROM t QUALIFY COUNT(a) OVER () = 1", ("QUALIFY",)),
        ("SELECT a FROM t WHERE a IS DISTINCT FROM b", ("IS DISTINCT FROM",)),
        ("SELECT TRY_CAST(a AS TEXT) FROM t", ("TRY_CAST, which gives NULL where a value can't be converted",)),
        ("SELECT a FROM t SEMI JOIN u ON t.a = u.a", ("SEMI, ANTI and ASOF joins",)),
        ("SELECT 'FILTER (x) QUALIFY NULLS FIRST' FROM t", ()),
    ],
)
def test_the_forms_that_a_plan_needs_are_named(text: str, forms: tuple[str, ...]) -> None:
    assert needs(text).forms == forms


def test_what_is_printed_otherwise_is_not_needed() -> None:
    sqlite = replace(BARE, dialect="sqlite")
    for text in ("SELECT a FROM t WHERE a IS DISTINCT FROM b", "SELECT a FROM t SEMI JOIN u ON t.a = u.a"):
        assert needs(text).forms != ()
        assert needs(text, sqlite).forms == ()


def test_functions_types_and_differences_are_named() -> None:
    found = needs("SELECT COUNT(a), MD5(b), spl_number(c), CAST(d AS DOUBLE), CAST(e AS TEXT) FROM t WHERE f LIKE 'x'")
    assert found == Needs(("spl_number",), ("MD5",), ("DOUBLE",), differs=("LIKE knows no case",))
    assert needs("SELECT a FROM t").differs == ()


def test_names_of_columns_and_texts_call_nothing() -> None:
    assert needs("SELECT \"md5\" FROM t WHERE a IN ('md5(x)') AND (b OR c)").functions == ()


def test_functions_of_our_own_are_told_once_each_in_order() -> None:
    statement = sqlglot.parse_one("SELECT spl_b(spl_a(x)), spl_a(y), lower(z)", dialect="duckdb")
    assert own_functions(statement) == ("spl_a", "spl_b")


@pytest.mark.parametrize("dialect", sorted(sql_databases()))
def test_no_known_database_lacks_plain_sql(dialect: str) -> None:
    found = needs("SELECT a, COUNT(*) AS n FROM t WHERE a = 'x' AND b <> 'y' GROUP BY a", sql_databases()[dialect])
    assert (found.own, found.functions, found.types, found.forms) == ((), (), (), ())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT SUFFIX(a, 'xy')", "SELECT RIGHT(a, 2) = 'xy'"),
        ("SELECT a ILIKE 'X'", "SELECT a ILIKE 'X'"),
        ("SELECT COUNT(a) FILTER (WHERE b)", "SELECT COUNT(a) FILTER(WHERE b)"),
        ("SELECT XOR(a, b)", "SELECT a # b"),
    ],
)
def test_a_database_without_a_table_is_taken_to_read_what_nearly_all_do(text: str, expected: str) -> None:
    assert printed(text, "redshift") == expected


@pytest.mark.parametrize(
    ("form", "dialect", "support"),
    [
        ("ends_with", "snowflake", "simple"),
        ("ends_with", "postgres", "lowered"),
        ("like", "sqlite", "lowered"),
        ("like_escape", "bigquery", "lowered"),
        ("like_brackets", "tsql", "lowered"),
        ("like_brackets", "postgres", "simple"),
        ("mod_of_fractions", "sqlite", "lowered"),
        ("mod_of_fractions", "postgres", "unsupported"),
        ("wide_arguments", "postgres", "lowered"),
        ("qualify", "sqlite", "unsupported"),
        ("random", "sqlite", "unsupported"),
        ("random", "spark", "simple"),
    ],
)
def test_the_table_tells_how_a_database_has_a_form(form: str, dialect: str, support: str) -> None:
    assert support_for(SPL, sql_databases()[dialect]).of("form", form) == support


def test_the_table_has_the_parts_of_the_language_too() -> None:
    table = support_for(SPL, sql_databases()["sqlite"])
    assert table.of("stage", "Stats") == table.of("operation", "has_start") == "simple"
    assert table.of("command", "fit") == "unsupported"


_MEANS = {"like_backslash", "mod_function", "negative_places", "values_numbered"}
"""What forms that a database lacks are said with."""


@pytest.mark.parametrize("dialect", sorted(sql_databases()))
def test_each_word_of_the_data_is_a_form(dialect: str) -> None:
    database = sql_databases()[dialect]
    assert database.features - _MEANS <= FORMS.keys() - DIFFERENCES.keys()
    assert database.differs.keys() <= DIFFERENCES.keys() <= FORMS.keys()


def test_each_change_is_of_a_form() -> None:
    assert {change.form for change in CHANGES} <= FORMS.keys()
