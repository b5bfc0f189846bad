"""No query of Kusto's language, however mangled, raises, takes long, or gives places outside its text."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from mangling import check, check_many, seconds

from rulescope.corpus import read_corpus

PIECES = (
    "(", ")", "[", "]", "{", "}", '"', "'", '@"', "h'", "```", "|", ";", ":", "==", "!=", "=~", "=", "<", "..", "!",
    "$left.", "not(", " and ", " or ", " in (", " in~ ", " has_any (", " between (", "*", "\\", "\n", "\n\n", "//",
    ",", ".", "-", "+", "~", "dynamic(", "datetime(", "let x = ", "let f = (a:string){", "| where ", "| extend ",
    "| summarize ", "| join ", "| union ", "| parse x with ", "| mv-expand ", "| make-series ", "| project ",
    "datatable(a:string)[", "externaldata(a)[", "toscalar(", "materialize(", "invoke f()", "view ()", "search ",
    "find ", "print ", "range x from ", "evaluate ", "by ", "on ", "kind=", "x", "f(", "T", "1d", "0x",
    "\x00", "\u202e", "𝒳", "9" * 400, "a" * 300,
)  # fmt: skip


def test_mangled_queries() -> None:
    check_many("kusto", 2000, "rulescope kusto", PIECES)


@pytest.mark.slow
def test_many_mangled_queries() -> None:
    check_many("kusto", 25_000, "rulescope kusto, at length", PIECES)


@pytest.mark.slow
@pytest.mark.corpus
def test_mangled_rules(shared: Path) -> None:
    texts = [rule.source.text for rule in read_corpus([shared / "rules" / "kusto_hunting"]).rules]
    check_many("kusto", 8_000, "rulescope kusto, rules", PIECES, texts)


Grow = Callable[[int], str]
W = "T | where "
HOSTILE: dict[str, Grow] = {
    "brackets": lambda n: W + "(" * n + "a" + ")" * n,
    "open brackets": lambda n: "(" * n,
    "open brackets of a condition": lambda n: W + "(" * n,
    "closing brackets": lambda n: W + "a " + ")" * n,
    "braces": lambda n: "{" * n,
    "or": lambda n: W + " or ".join(['a == "x"'] * n),
    "and": lambda n: W + " and ".join(['a has "x"'] * n),
    "operators": lambda n: W + "a " + "has b " * n,
    "sums": lambda n: "T | extend a = " + "+".join(["1"] * n),
    "signs": lambda n: W + "-" * n + "1",
    "not": lambda n: W + "not(" * n,
    "calls": lambda n: W + "f(" * n,
    "iff": lambda n: "T | extend a = " + "iff(b == 1, " * n,
    "list": lambda n: W + "a in (" + '"x", ' * n + '"y")',
    "terms": lambda n: W + "a has_any (" + '"x", ' * n + '"y")',
    "ranges": lambda n: W + "a between (" * n,
    "queries in conditions": lambda n: W + "a in (T | where " * n,
    "scalars of queries": lambda n: W + "a == toscalar(T | where " * n,
    "unclosed text": lambda n: W + 'a == "' + "x" * n,
    "unclosed texts": lambda n: W + "a == " + '"a\n' * n,
    "unclosed verbatim text": lambda n: W + "a == " + '@"a' * n,
    "unclosed multi-line text": lambda n: W + "a == " + "```a" * n,
    "texts": lambda n: W + "a == " + '"x" ' * n,
    "quotes": lambda n: '"' * n,
    "single quotes": lambda n: "'" * n,
    "backslashes": lambda n: W + 'a == "' + "\\" * n + '"',
    "dynamic": lambda n: W + "a in (dynamic([" + "1," * n + "2]))",
    "dynamic arrays": lambda n: "T | extend a = dynamic(" + "[" * n,
    "dynamic bags": lambda n: "T | extend a = dynamic(" + '{"a":' * n,
    "spaces in a time": lambda n: W + "a == datetime(" + " " * n,
    "spaces in a time with an end": lambda n: W + "a == datetime(1" + " " * n + "1)",
    "numbers": lambda n: "9" * n,
    "spans": lambda n: "1.5" * n,
    "paths": lambda n: W + "a" + ".b" * n,
    "elements": lambda n: W + "a" + "[0]" * n,
    "pipes": lambda n: "T " + "| where b == 1 " * n,
    "unknown operators": lambda n: "T " + "| wher b == 1 " * n,
    "queries": lambda n: "T;" * n,
    "queries by empty lines": lambda n: "T\n\n" * n,
    "blanks": lambda n: " " * n,
    "lines": lambda n: "\n" * n,
    "comments": lambda n: "// x\n" * n,
    "slashes": lambda n: "/" * n,
    "let": lambda n: "".join(f"let a{i} = {i};" for i in range(n)) + "T",
    "let in let": lambda n: 'let a0 = "x";' + "".join(f"let a{i + 1} = strcat(a{i},a{i});" for i in range(n)) + f"a{n}",
    "let rows in let": lambda n: (
        "let a0 = T;" + "".join(f"let a{i + 1} = union a{i},a{i};" for i in range(n)) + f"a{n}"
    ),
    "functions": lambda n: (
        "let f0 = (x:string) { x };"
        + "".join(f"let f{i + 1} = (x:string) {{ f{i}(f{i}(x)) }};" for i in range(n))
        + f'T | where b == f{n}("a")'
    ),
    "function's calls": lambda n: "let f = (x:string) { x }; T | where " + " or ".join(['f("a") == b'] * n),
    "open functions": lambda n: "let f = (a:string){ " * n,
    "open values": lambda n: "".join(f"let a{i} = (b;" for i in range(n)),
    "open queries": lambda n: "let a = " + "(T | x" * n,
    "views": lambda n: "".join(f"let v{i} = view () {{ T }};" for i in range(n)) + "union v*" + ", v*" * n,
    "wildcards": lambda n: "let " + "a" * n + " = view () { T }; union " + "a*" * n + "b",
    "joins": lambda n: "T " + "| join (U " * n,
    "unions": lambda n: "union (" * n,
    "tables": lambda n: "union " + ", ".join(["T"] * n),
    "mv-apply": lambda n: "T " + "| mv-apply a on (mv-expand b " * n,
    "fork": lambda n: "T | fork " + "(where x | fork " * n,
    "columns": lambda n: "T | extend " + ", ".join(f"a{i} = a{i + 1}" for i in range(n)),
    "columns in a circle": lambda n: "T | extend " + ", ".join(f"a{i} = a{(i + 1) % n}" for i in range(n)),
    "columns alone": lambda n: "T | extend " + "(a), " * n,
    "projected": lambda n: "T | project " + ", ".join(f"a{i} = b" for i in range(n)),
    "aggregates": lambda n: "T | summarize " + ", ".join(["count()"] * n) + " by a",
    "groups": lambda n: "T | summarize count() by " + ", ".join(f"bin(a{i}, 1h)" for i in range(n)),
    "typed columns": lambda n: "T | parse a with " + "".join(f'"x" b{i}:datetime ' for i in range(n)),
    "parsed columns": lambda n: "T | parse a with " + '"x" b ' * n,
    "rows": lambda n: "datatable(a:string, b:long) [" + '"x", 1, ' * n + "]",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_queries(name: str) -> None:
    grow = HOSTILE[name]
    short, long = seconds("kusto", grow(1_000)), seconds("kusto", grow(4_000))
    # Four times as long a text takes some four times as long, not sixteen.
    assert long < 10 * short + 0.2


def test_too_long_queries_are_not_read() -> None:
    parsed = check("kusto", "a" * 500_001)
    assert parsed.status == "failed"
    assert [found.code for found in parsed.diagnostics] == ["KUS004"]
