"""No language runs a function that only another one has, and none runs what is no function at all."""

from __future__ import annotations

import pytest

from rulescope import ir
from rulescope.engines.sql.dialect import DIALECTS, dialect_of
from rulescope.ir.operations import OPERATIONS
from rulescope.ir.walk import walk
from rulescope.languages.esql.signatures import FUNCTIONS as ESQL_FUNCTIONS
from rulescope.languages.registry import parser_of
from rulescope.languages.spl.functions import FUNCTIONS as SPL_FUNCTIONS
from rulescope.text import Source

INVENTED = {
    "kusto": ("any_column", "member", "timespan_seconds", "equals_ignoring_case", "matches_regex", "same", "holds",
              "array_distinct", "in_rows", "list_of_rows", "as_moment"),
    "snowflake": ("is_null", "is_true", "is_false", "window", "order_by", "partition_by", "frame", "escape",
                  "nulls_first", "nulls_last", "ascending", "descending", "placeholder", "parameter", "like_all",
                  "ilike_any", "starts_with", "ends_with", "in_rows", "as_number"),
}  # fmt: skip
"""Names that the tree or an engine has for what these languages spell as no function, or not at all."""

KEYWORDS = {"true", "false", "null", "in", "like"}
"""Words of ES|QL that no call begins with."""


@pytest.mark.parametrize("name", DIALECTS)
def test_no_function_is_named_like_an_operation(name: str) -> None:
    assert OPERATIONS.keys() & set(dialect_of(name).function_names()) == set()


@pytest.mark.parametrize("name", sorted(SPL_FUNCTIONS.keys() - ESQL_FUNCTIONS.keys() - KEYWORDS))
def test_esql_has_no_function_of_spl_alone(name: str) -> None:
    parsed = parser_of("esql")(Source(f'row x = {name}("a")'), None)
    found = [one for one in parsed.diagnostics if one.code == "ESQ015"]
    assert [one.message for one in found] == [f"there is no function '{name}'"]
    assert parsed.status != "full"


@pytest.mark.parametrize("name", OPERATIONS)
def test_esql_calls_no_operation(name: str) -> None:
    parsed = parser_of("esql")(Source(f'row x = {name}("a", "b")'), None)
    assert (parsed.status != "full") == (name not in ESQL_FUNCTIONS)


@pytest.mark.parametrize(("call", "said"), [
    ("length()", "length takes 1 arguments, not 0"),
    ('substring("a")', "substring takes 2 to 3 arguments, not 1"),
    ('case("a")', "case takes 2 to any number arguments, not 1"),
    ('now("a")', "now takes 0 arguments, not 1"),
])  # fmt: skip
def test_esql_counts_arguments(call: str, said: str) -> None:
    parsed = parser_of("esql")(Source(f"row x = {call}"), None)
    assert [(one.code, one.message) for one in parsed.diagnostics] == [("ESQ016", said)]


def test_esql_hints_at_the_nearest_name() -> None:
    (found,) = parser_of("esql")(Source('row x = substrin("a", 1)'), None).diagnostics
    assert (found.code, found.severity, found.hint) == ("ESQ015", "error", "did you mean 'substring'?")


def test_esql_casts_to_types_only() -> None:
    (found,) = parser_of("esql")(Source('row x = "a"::thing'), None).diagnostics
    assert (found.code, found.severity) == ("ESQ017", "error")
    for name in ("string", "keyword", "int", "integer", "datetime", "date", "ip", "bool", "long", "geo_point"):
        assert parser_of("esql")(Source(f'row x = "a"::{name}'), None).status == "full", name


@pytest.mark.parametrize(
    ("language", "name"), [(language, name) for language, names in INVENTED.items() for name in names]
)
def test_what_is_invented_is_an_unknown_function(language: str, name: str) -> None:
    query = {"kusto": f'print x = {name}("a", "b")', "snowflake": f"select {name}(a, b) as x from t"}[language]
    parsed = parser_of(language)(Source(query), None)
    calls = [node.function for node in walk(parsed.expanded) if isinstance(node, ir.Call)]
    assert name in calls or parsed.status != "full"
    assert dialect_of(language).function_of(name) is None


@pytest.mark.parametrize("word", ["has", "has_cs", "has_any", "contains", "startswith", "in", "matches_regex"])
def test_an_operator_of_kusto_is_no_function(word: str) -> None:
    parsed = parser_of("kusto")(Source(f'print x = {word}("a", "b")'), None)
    assert parsed.status != "full" or dialect_of("kusto").function_of(word) is None


@pytest.mark.parametrize("query", ["row a = 1 | eval b = max(a)", "from l | where count(a) > 1", "row a = avg(2) + 1"])
def test_esql_has_aggregates_over_groups_only(query: str) -> None:
    (found,) = parser_of("esql")(Source(query), None).diagnostics
    assert (found.code, found.severity) == ("ESQ019", "error")


def test_esql_has_functions_named_like_aggregates() -> None:
    query = "from l | eval a = greatest(x, 1), b = mv_max(x) | stats c = max(x) + 1 where b > 1 by d = length(y)"
    assert parser_of("esql")(Source(query), None).status == "full"
