"""Hints that say what to write instead, followed: the finding is gone, and the query is read whole."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rulescope.languages.registry import parser_of
from rulescope.languages.spl import parse_search
from rulescope.languages.spl.commands import find_command
from rulescope.languages.spl.commands.names import COMMANDS, GENERATING
from rulescope.text import Source

SIGMA = "title: a\nlogsource: {product: windows}\ndetection:\n  sel:\n    %s\n  condition: %s\n"
CORRELATION = (
    "title: a\ncorrelation:\n  type: %s\n  rules: [r]\n  group-by: [x]\n  timespan: %s\n  condition: %s\n"
    "---\ntitle: b\nname: r\nlogsource: {product: windows}\ndetection: {s: {x: 1}, condition: s}\n"
)
# Language, query, code, a part of the hint, and the query as the hint has it.
FOLLOWED = [
    ("spl", "index=a user=bob or user=ann", "SPL015", "write OR", "index=a user=bob OR user=ann"),
    ("spl", "index=a user=bob and user=ann", "SPL015", "write AND", "index=a user=bob AND user=ann"),
    ("spl", "index=a not user=bob", "SPL015", "write NOT", "index=a NOT user=bob"),
    ("spl", "index=a user in (a, b)", "SPL015", "write IN", "index=a user IN (a, b)"),
    ("spl", "index=a term(x.y)", "SPL015", "write TERM(", "index=a TERM(x.y)"),
    ("spl", "index=a user==bob", "SPL016", "write =", "index=a user=bob"),
    ("spl", "index=a | | head", "SPL017", "remove a pipe", "index=a | head"),
    ("spl", "stats count by user", "SPL018", "write * | stats", "* | stats count by user"),
    ("spl", "tstats count where index=a", "SPL018", "write | tstats", "| tstats count where index=a"),
    ("spl", "| where a=1", "SPL053", "* for all events", "* | where a=1"),
    ("spl", "index=a | stat count", "SPL021", "'stats'", "index=a | stats count"),
    ("spl", "index=a | count by user", "SPL021", "'stats count'", "index=a | stats count by user"),
    ("spl", "index=a | take 5", "SPL021", "'head'", "index=a | head 5"),
    ("spl", "index=a | filter a=1", "SPL021", "'where'", "index=a | where a=1"),
    ("spl", "index=a | extend b=1", "SPL021", "'eval'", "index=a | eval b=1"),
    ("spl", "index=a | project b", "SPL021", "'table'", "index=a | table b"),
    ("spl", "index=a | orderby b", "SPL021", "'sort'", "index=a | sort b"),
    ("spl", "index=a | distinct b", "SPL021", "'dedup'", "index=a | dedup b"),
    ("spl", "index=a | dedup u keepemtpy=true", "SPL022", "'keepempty'", "index=a | dedup u keepempty=true"),
    ("spl", "index=a | timechart span=hourly count", "SPL023", "1h", "index=a | timechart span=1h count"),
    ("spl", "index=a | where x>1 stats count", "SPL024", "a | missing", "index=a | where x>1 | stats count"),
    ("spl", "index=a | eval a=lenght(b)", "SPL025", "'len'", "index=a | eval a=len(b)"),
    ("spl", "index=a | where a=1 ANDlike(b, c)", "SPL027", "AND and a blank", "index=a | where a=1 AND like(b, c)"),
    ("spl", 'index=a | where b contains "x"', "SPL028", 'like(field, "%text%")', 'index=a | where like(b, "%x%")'),
    ("spl", 'index=a | where b contains "x"', "SPL028", 'match(field, "regex")', 'index=a | where match(b, "x")'),
    ("spl", 'index=a | where match(b="^x")', "SPL030", 'match(field, "pattern")', 'index=a | where match(b, "^x")'),
    ("spl", "index=a | stats values BY user", "SPL041", "values(field)", "index=a | stats values(host) BY user"),
    ("spl", "index=a | stats values BY user", "SPL041", "values(*)", "index=a | stats values(*) BY user"),
    ("spl", "index=a | stats vales(b)", "SPL042", "'values'", "index=a | stats values(b)"),
    ("spl", "index=a | stats perc(b)", "SPL042", "perc95(field)", "index=a | stats perc95(b)"),
    ("spl", "index=a | eval lower(b)", "SPL010", "eval name=lower(b)", "index=a | eval name=lower(b)"),
    ("spl", 'index=a | rex "(?<p>.+")', "SPL048", "around the whole", 'index=a | rex "(?<p>.+)"'),
    ("spl", 'index=a | rex "x="(?<p>.+)"y"', "SPL048", 'write \\"', 'index=a | rex "x=\\"(?<p>.+)\\"y"'),
    ("spl", 'index=a | rex "a.c"', "SPL049", "(?<name>...)", 'index=a | rex "a(?<name>.)c"'),
    ("spl", 'index=a user="bob', "SPL001", "remove the quote", "index=a user=bob"),
    ("spl", "index=a user=", "SPL014", '""', 'index=a user=""'),
    ("spl", "index=a user=", "SPL014", "* for any value", "index=a user=*"),
    ("spl", "index=a user=bob OR", "SPL013", "remove it", "index=a user=bob"),
    ("spl", "index=a [search b=1", "SPL003", "close it with ]", "index=a [search b=1]"),
    ("spl", "index=a | sendemail subject=x", "SPL051", "write to=...", "index=a | sendemail to=x subject=x"),
    ("eql", "any where a == 'x'", "EQL013", "double quotes", 'any where a == "x"'),
    ("eql", 'any where a == "C:\\q"', "EQL015", "write '\\\\'", 'any where a == "C:\\\\q"'),
    ("eql", 'any where a = "x"', "EQL002", "'=='", 'any where a == "x"'),
    ("eql", 'any where a = "x"', "EQL002", "':'", 'any where a : "x"'),
    ("eql", "any where lenght(a) > 1", "EQL010", "'length'", "any where length(a) > 1"),
    ("eql", "any where a == 1 | haed 5", "EQL030", "'head'", "any where a == 1 | head 5"),
    ("esql", "FROM a | WHER b == 1", "ESQ010", "'WHERE'", "FROM a | WHERE b == 1"),
    ("kusto", 'T | where a == "C:\\W"', "KUS011", "write '\\\\'", 'T | where a == "C:\\\\W"'),
    ("kusto", 'T | where a == "C:\\W"', "KUS011", '@"…"', 'T | where a == @"C:\\W"'),
    ("kusto", 'T | where a = "x"', "KUS002", "'=='", 'T | where a == "x"'),
    ("kusto", 'T | where a = "x"', "KUS002", "'=~'", 'T | where a =~ "x"'),
    ("kusto", 'T | where a !contain "x"', "KUS002", "'!contains'", 'T | where a !contains "x"'),
    ("kusto", 'T | where a !has_any ("x")', "KUS002", "not(… has_any …)", 'T | where not(a has_any ("x"))'),
    ("kusto", 'T | where a !matches regex "x"', "KUS002", "not(… matches …)", 'T | where not(a matches regex "x")'),
    ("kusto", "T | where a == null", "KUS018", "isnull(…)", "T | where isnull(a)"),
    ("kusto", "T | where a == null", "KUS018", "int(null)", "T | where a == int(null)"),
    ("kusto", "T | whre a == 1", "KUS010", "'where'", "T | where a == 1"),
    ("kusto", "T | Where a == 1", "KUS017", "write 'where'", "T | where a == 1"),
    ("kusto", "T | project a, b, | take 1", "KUS016", "leave the comma out", "T | project a, b | take 1"),
    ("kusto", "T | project where", "KUS002", "['where']", "T | project ['where']"),
    ("snowflake", "select * from t where a in ('x' 'y')", "SNO014", "a comma", "select * from t where a in ('x', 'y')"),
    (
        "snowflake",
        "select * from t where regexp_like(a, '\\d+')",
        "SNO016",
        "write '\\\\d'",
        "select * from t where regexp_like(a, '\\\\d+')",
    ),
    (
        "snowflake",
        "select * from t where a regexp '.*x|y.*'",
        "SNO017",
        "brackets around the alternatives",
        "select * from t where a regexp '.*(x|y).*'",
    ),
    ("sigma", SIGMA % ("Image|endwith: x", "sel"), "SIG020", "'endswith'", SIGMA % ("Image|endswith: x", "sel")),
    ("sigma", SIGMA % ("Image: x", "sell"), "SIG012", "'sel'", SIGMA % ("Image: x", "sel")),
    (
        "sigma",
        CORRELATION % ("event_cont", "5m", "{gte: 1}"),
        "SIG030",
        "'event_count'",
        CORRELATION % ("event_count", "5m", "{gte: 1}"),
    ),
    (
        "sigma",
        CORRELATION % ("event_count", "5x", "{gte: 1}"),
        "SIG030",
        "one of s, m, h, d",
        CORRELATION % ("event_count", "5m", "{gte: 1}"),
    ),
    (
        "sigma",
        CORRELATION % ("event_count", "5m", "{at_least: 1}"),
        "SIG030",
        "gte",
        CORRELATION % ("event_count", "5m", "{gte: 1}"),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("language", "text", "code", "told", "followed"), FOLLOWED)
def test_a_hint_leads_to_a_query_that_is_read(language: str, text: str, code: str, told: str, followed: str) -> None:
    wrong = parser_of(language)(Source(text), None)
    hints = [found.hint or "" for found in wrong.diagnostics if found.code == code]
    assert any(told in hint for hint in hints), wrong.diagnostics
    right = parser_of(language)(Source(followed), None)
    assert right.status == "full"
    assert [found for found in right.diagnostics if found.severity != "info"] == []


def hints_with_examples() -> list[str]:
    """Every hint with a whole command in it that some mistake of SPL gets."""
    errors = Path(__file__).parent / "spl" / "errors"
    texts = [path.read_text("utf-8").partition("\n---\n")[0] for path in sorted(errors.glob("*.txt"))]
    rests = ("", " BY x", " x", " x=1", " x y z w", ' "x"')
    texts += [f"{lead} {name}{rest}" for name in sorted(COMMANDS) for lead in ("* |", "|") for rest in rests]
    found = {one.hint for text in texts for one in parse_search(text).diagnostics if one.hint}
    examples = {match[1] for hint in found if (match := re.match(r"(?:for example|write): (.+)", hint))}
    return sorted(text for text in examples if find_command(text.split()[0]))


def test_examples_in_hints_are_commands_that_are_read() -> None:
    examples = hints_with_examples()
    assert len(examples) > 40
    wrong = []
    for text in examples:
        lead = "|" if text.split()[0] in GENERATING else "* |"
        parsed = parse_search(f"{lead} {text}")
        if parsed.status != "full" or parsed.diagnostics:
            wrong.append((text, parsed.diagnostics))
    assert wrong == []
