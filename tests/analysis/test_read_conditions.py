"""What conditions look for where they are denied together, stand in functions, or ask for what a stage took out."""

import pytest

from rulescope import ir
from rulescope.analysis.explanation import explanation
from rulescope.analysis.extract import facts
from rulescope.analysis.facts import Facts
from rulescope.catalog.rule_records import parse_rule
from rulescope.languages.spl.macros import MacroLibrary
from rulescope.text import Source


def rule(language: str, text: str) -> ir.Rule:
    info = ir.RuleInfo(path="r", repository="", language=language, title="")
    return parse_rule(info, Source(text, "r"), MacroLibrary({}))


def read(language: str, text: str) -> Facts:
    return facts(rule(language, text))


@pytest.mark.parametrize(
    ("search", "parts"),
    [
        ('NOT (Image="a.exe" Parent="b.exe")', [("Image", (1, 2, 1), False), ("Parent", (2, 2, 1), False)]),
        ('NOT (Image="a.exe" OR x=y)', [("Image", None, False), ("x", None, False)]),
        # What the second denies once more is not looked for: the event is let through where it is there.
        ("NOT (c=d NOT e=f) NOT g=h", [("c", (1, 2, 1), False), ("e", (2, 2, 1), True), ("g", None, False)]),
        # It holds where one of the two does, not only where neither does.
        ("| where NOT (c=1 XOR d=2)", [("c", None, False), ("d", None, False)]),
        ("| eval f=if(c=1 AND d=2,1,0) | where f!=1", [("c", (1, 2, 1), False), ("d", (2, 2, 1), False)]),
        ("| eval f=if(c=1 OR d=2,1,0) | where f!=1", [("c", None, False), ("d", None, False)]),
        (
            "| where NOT (c=1 AND (d=2 OR e=3))",
            [("c", (1, 2, 1), False), ("d", (2, 2, 1), False), ("e", (2, 2, 1), False)],
        ),
    ],
)
def test_a_denied_and_is_one_exclusion(search: str, parts: list[tuple[str, tuple[int, int, int] | None, bool]]) -> None:
    found = read("spl", f"search a=b {search}")
    assert [row.field for row in found.indicators] == ["a"]
    assert [(row.field, row.together, row.unless) for row in found.exclusions] == parts


def test_what_is_denied_twice_is_looked_for() -> None:
    found = read("spl", "search a=b | eval f=if(NOT (c=1 AND d=2),1,0) | search NOT f=1")
    assert [(row.field, row.together) for row in found.indicators] == [("a", None), ("c", None), ("d", None)]
    assert found.exclusions == ()


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ('| rex field=c "x(?<n>y+)" | where isnotnull(n)', [("c", "match", "x(?<n>y+)")]),
        ('| rex field=c "x(?<n>y+)" | search n=z', [("c", "match", "x(?<n>y+)"), ("n", "eq", "z")]),
        ('| rex field=c "x(?<n>y+)" | stats count by n', []),
        ('| rex field=c "x(?<n>y+)" | search NOT n=z', []),
        ('"EventCode=1"', [("EventCode", "eq", "1")]),
        ('"Event Code=1"', []),
        # A text of that form may stand in a command line; in one token it is the field's.
        ('"StrictHostKeyChecking=no"', []),
        ("TERM(StrictHostKeyChecking=no)", [("StrictHostKeyChecking", "eq", "no")]),
        ('| eval v=case(match(x,"p"),"bad",true(),"ok") | where v!="ok"', [("x", "match", "p")]),
    ],
)
def test_what_a_later_stage_asks_for_is_looked_for(search: str, expected: list[tuple[str, str, str]]) -> None:
    found = [(row.field, row.kind, row.value) for row in read("spl", f"search a=b {search}").indicators]
    assert [row for row in found if row[0] != "a"] == expected


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("esql", 'FROM l | WHERE TO_LOWER(p) LIKE "*foo*"', ("p", "contains", "foo", True)),
        ("esql", 'FROM l | WHERE starts_with(p, "a")', ("p", "starts_with", "a", False)),
        ("esql", 'FROM l | WHERE CIDR_MATCH(ip, "10.0.0.0/8")', ("ip", "cidr", "10.0.0.0/8", False)),
        ("kusto", 'T | where tolower(P) matches regex "a+"', ("P", "match", "a+", True)),
        ("kusto", 'T | where case(F has "y", "bad", "good") != "good"', ("F", "has", "y", True)),
        ("eql", 'any where endswith~(p, ".exe")', ("p", "ends_with", ".exe", True)),
        ("eql", 'any where endswith(p, ".exe")', ("p", "ends_with", ".exe", False)),
        # Kusto's operators without `_cs` regard no case; Snowflake's functions do.
        ("kusto", 'T | where strcat(a, b) startswith "x"', ("strcat(a, b)", "starts_with", "x", True)),
        ("kusto", 'T | where strcat(a, b) contains_cs "x"', ("strcat(a, b)", "contains", "x", False)),
        ("snowflake", "select * from t where startswith(concat(a, b), 'x')",
         ("concat(a, b)", "starts_with", "x", False)),
    ],
)  # fmt: skip
def test_comparisons_that_are_written_as_functions(
    language: str, text: str, expected: tuple[str, str, str, bool]
) -> None:
    (row,) = read(language, text).indicators
    assert (row.field, row.kind, row.value, row.ignore_case) == expected


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("kusto", "T | where startofday(ago(7d)) < Timestamp"),
        ("esql", "FROM l | WHERE TO_DATETIME(x) >= DATE_ADD(NOW(), -1, \"hour\")"),
        ("kuery", "@timestamp >= now-30d"),
        ("snowflake", "select * from t where event_time > dateadd('hour', -2, sysdate())"),
    ],
)  # fmt: skip
def test_bounds_of_the_search_are_no_values(language: str, text: str) -> None:
    found = read(language, text)
    assert not found.indicators
    assert not found.thresholds


@pytest.mark.parametrize(
    ("language", "text", "sentence"),
    [
        ("kusto", "T | where Timestamp > ago(2h)", "Keeps events of the last 2 hours."),
        (
            "kusto",
            "T | where startofday(ago(7d)) < TimeGenerated",
            "Keeps events whose TimeGenerated is after the start of the day 7 days ago.",
        ),
        (
            "snowflake",
            "select * from t where event_time > dateadd('hour', -2, sysdate())",
            "Keeps events of the last 2 hours.",
        ),
        ("kuery", "@timestamp < now-30d", "Keeps events from before the last 30 days."),
        (
            "kuery",
            "@timestamp >= now-30d/d",
            "Keeps events whose @timestamp is after the start of the day 30 days ago.",
        ),
        (
            "spl",
            'where _time > relative_time(now(), "-7d@d")',
            "Keeps events whose _time is after the start of the day 7 days ago.",
        ),
        ("kusto", "T | where Timestamp > datetime_add('hour', -2, now())", "Keeps events of the last 2 hours."),
        ("kusto", "T | where Timestamp > ago(-1h)", "Keeps events whose Timestamp is more than ago(-1h)."),
        ("esql", 'FROM l | WHERE TO_LOWER(c) RLIKE "x.*"', "Keeps events whose to_lower(c) matches /x.*/."),
        (
            "snowflake",
            "select * from t join u on t.a < u.b",
            "Adds the columns of another table's rows by a condition on both.",
        ),
        ("esql", "FROM l | WHERE @timestamp > NOW() - 1 hour", "Keeps events of the last 1 hour."),
        ("kusto", "T | where First > ago(1d)", "Keeps events whose First is within the last 1 day."),
        (
            "kusto",
            'T | extend x = iff(A == "b", d["k"], 1h)',
            'Sets x to iff(A="b", d.k, 1h).',
        ),
        ("spl", 'search a=" b "', "Keeps events whose a is “ b ”."),
    ],
)
def test_times_and_functions_in_words(language: str, text: str, sentence: str) -> None:
    assert explanation(rule(language, text).pipeline.stages[-1]) == sentence


def test_values_say_whether_capitals_count() -> None:
    conditions = 'c="Y" AND d="2" AND e>3 AND match(f, "(?i)x") AND match(g, "\\d+") AND match(h, "x")'
    rows = read("spl", f"search a=X b=1 | where {conditions}").indicators
    assert {row.field for row in rows if row.regards_case} == {"c", "h"}
    assert {row.field for row in rows if not row.regards_case} == {"a", "b", "d", "e", "f", "g"}
