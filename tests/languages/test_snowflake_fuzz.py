"""No query of Snowflake's SQL, however mangled, raises, takes long, or gives places outside its text."""

from __future__ import annotations

import pytest
from mangling import check_many, seconds

from rulescope.languages.registry import parser_of
from rulescope.text import Source

PIECES = (
    "(", ")", "[", "]", "{", "}", "'", '"', "$$", "`", "|", "||", ":", "::", "=", "!=", "<", ">", "<=>", " not ",
    " and ", " or ", " in ", " like ", " ilike any ", " rlike ", " escape ", " between ", " is null",
    " is distinct from ",
    "\\", "\n", "--", "//", "/*", "*/", ",", ".", "-", "+", "*", "%", "?", "@", "$x$", ":x", " as ", " over (",
    " case ",
    " when ", " end ", "select ", " from ", " where ", " group by ", " having ", " qualify ", " order by ", " limit ",
    " union all ", " except ", " join ", " on ", " using (", " lateral flatten(input => ", " within group (",
    "with x as (",
    " values (", " pivot (", " sample (", " interval '1 day'", " cast(", " exists (", " any ", " all ", ";", "=>",
    "->",
    " null", " true", " distinct ", " table(", " match_recognize(", " exclude ", " grouping sets (", "date '",
    "x'41'",
    "\x00", "\u202e", "𝒳", "9" * 400, "a" * 300, "/",
)  # fmt: skip


def test_mangled_queries(caplog: pytest.LogCaptureFixture) -> None:
    check_many("snowflake", 1500, "rulescope snowflake", PIECES)
    # sqlglot has nothing to say of its own.
    assert caplog.records == []


@pytest.mark.slow
def test_many_mangled_queries(caplog: pytest.LogCaptureFixture) -> None:
    check_many("snowflake", 25_000, "rulescope snowflake, at length", PIECES)
    assert caplog.records == []


W = "select * from t where "


@pytest.mark.parametrize(
    "text",
    [
        "(" * 5000, W + "(" * 3000 + "a = 1" + ")" * 3000, W + "not " * 5000 + "a", W + "-" * 5000 + "1", "'" * 3001,
        W + " or ".join(["a = 1"] * 5000), W + " and ".join(["a ilike '%x%'"] * 5000), "a" * 200_000,
        "select " * 5000,
        W + "f(" * 4000, W + "f(" * 400 + "1" + ")" * 400, "\\" * 5001, "*" * 50_000, "/" * 5001, "$" * 5001,
        W + "a in (" + "'x', " * 20_000 + "'y')", W + "a ilike any (" + "'%x%', " * 20_000 + "'y')", " " * 100_000,
        "\n--" * 20_000, "/*" * 20_000, "$$" * 5001, W + "a rlike '" + "(" * 3000 + "'", '"' * 4001,
        W + "a" + "[0]" * 3000,
        W + "a" + ":b" * 3000, W + "a" + ".b" * 3000, W + "a" + "::string" * 3000,
        "select " + "a, " * 20_000 + "b from t",
        "select 1 " + "union all select 1 " * 3000, "select 1 " + "union select 1 " * 2000, "select * from (" * 1000,
        "select * from t " + "join u on t.a = u.a " * 1000, "select " + "case when a then " * 1000, ";" * 20_000,
        "select * from t;" * 3000, W + "a || " * 5000 + "b = 'x'", W + "a + " * 5000 + "b = 1", "with " * 5000,
        "select case " + "a" * 1000 + " when 'x' then 1" * 5000 + " end", W + "a = " * 5000 + "1",
        W + "a like " * 3000 + "'x'",
        "select case " + " + ".join(["a"] * 3000) + " when 'x' then 1" * 3000 + " end", W + "[" * 3000,
        W + "{" * 3000,
        "with " + ", ".join(f"x{n} as (select * from x{n - 1} union all select * from x{n - 1})" for n in range(1,
        40))
        + " select * from x39", "select sum(x) over (" * 500, W + "exists (select 1 from t where " * 300,
        "select listagg(" * 500, "select a from t order by " + "a, " * 10_000 + "b",
        "select count(*) from t group by "
        + "a, " * 10_000 + "b", "select * from t, lateral flatten(input => " * 300,
        "values " + "(1, 2), " * 10_000 + "(1, 2)",
    ],
    ids=range(52),
)  # fmt: skip
def test_hostile_queries(text: str) -> None:
    assert seconds("snowflake", text) < 6


def test_too_long_queries_are_not_read() -> None:
    parsed = parser_of("snowflake")(Source("a" * 500_001), None)
    assert parsed.status == "failed"
    assert [found.code for found in parsed.diagnostics] == ["SNO004"]
