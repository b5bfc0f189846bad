"""What reads well in any language and hardly means what it says: a damaged rule that finds more than the whole one.

Sources: Splunk's Search Reference, cidrmatch(<cidr>,<ip>); Kusto's ipv4_is_in_range(Ipv4Address, Ipv4Range); Elastic's
reference of cidrMatch(<source>, <cidr>) and CIDR_MATCH(ip, block); Kibana's guide, "Kibana Query Language" (a field and
its value are joined by `:`); macros.conf.spec (`$arg$` is put in for the names in `args`).
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rulescope.ir import ParsedQuery
from rulescope.languages.common.codes import CODES
from rulescope.languages.common.hollow import is_always_found
from rulescope.languages.registry import parser_of
from rulescope.languages.spl import Macro, MacroLibrary
from rulescope.text import Source

GUIDE = Path(__file__).resolve().parents[2] / "docs/guide/run.md"
SIGMA = "title: “a”\nlogsource: {product: windows}\ndetection:\n  s:\n    %s\n  condition: s\n"
# Language, query, code, the text at each place, a part of the hint, and the query as the hint has it.
DOUBTFUL = [
    ("spl", "index=a NOT b=“*c.exe”", "QRY001", ["“", "”"], 'mean "?', 'index=a NOT b="*c.exe"'),
    ("spl", "index=a b=‘c’", "QRY001", ["‘", "’"], "mean '?", "index=a b=c"),
    ("spl", "index=a b=c\u200bd", "QRY002", ["\u200b"], "mean none?", "index=a b=cd"),
    ("spl", "index=a\u00a0b=c", "QRY002", ["\u00a0"], "plain blank", "index=a b=c"),
    ("spl", 'index=a | regex b="zz|"', "QRY003", ['"zz|"'], "what is looked for", 'index=a | regex b="zz"'),
    ("spl", 'index=a | where match(b, "")', "QRY003", ['""'], "what is looked for", 'index=a | where match(b, "z")'),
    ("spl", 'index=a | where "b"!="z"', "QRY004", ['"b"!="z"'], "in single ones", "index=a | where 'b'!=\"z\""),
    (
        "spl",
        'index=a | where cidrmatch(b, "10.0.0.0/8")',
        "QRY005",
        ['"10.0.0.0/8"'],
        "swap",
        'index=a | where cidrmatch("10.0.0.0/8", b)',
    ),
    ("sigma", SIGMA % "b: “c.exe”", "QRY001", ["“", "”"], 'mean "?', SIGMA % 'b: "c.exe"'),
    ("sigma", SIGMA % "b: '“c.exe”'", "QRY001", ["“", "”"], 'mean "?', SIGMA % "b: 'c.exe'"),
    ("sigma", SIGMA % "b: c\ufeff.exe", "QRY002", ["\ufeff"], "mean none?", SIGMA % "b: c.exe"),
    ("sigma", SIGMA % "b|re: 'zz|'", "QRY003", ["'zz|'"], "what is looked for", SIGMA % "b|re: 'zz'"),
    ("sigma", SIGMA % "b|re: ''", "QRY003", ["''"], "what is looked for", SIGMA % "b|re: 'zz'"),
    ("kuery", "not a.b: “c.exe”", "QRY001", ["“", "”"], 'mean "?', 'not a.b: "c.exe"'),
    ("kuery", "not a.b = c.exe", "KQL014", ["a.b = c.exe"], "write a.b: c.exe", "not a.b: c.exe"),
    ("kuery", "a.b != c.exe", "KQL014", ["a.b != c.exe"], "write NOT a.b: c.exe", "NOT a.b: c.exe"),
    ("kuery", "a.b: 'c.exe'", "KQL014", ["'c.exe'"], "double quotes", 'a.b: "c.exe"'),
    ("kuery", "a.b: (c.exe, d.exe)", "KQL014", ["c.exe, d.exe"], "write 'or'", "a.b: (c.exe or d.exe)"),
    ("lucene", "NOT a.b:“c.exe”", "QRY001", ["“", "”"], 'mean "?', 'NOT a.b:"c.exe"'),
    ("lucene", "NOT a.b=c.exe", "LUC014", ["a.b=c.exe"], "write a.b: c.exe", "NOT a.b: c.exe"),
    ("lucene", "a.b:'c.exe'", "LUC014", ["'c.exe'"], "double quotes", 'a.b:"c.exe"'),
    ("lucene", "a.b:(c.exe, d.exe)", "LUC014", ["c.exe,"], "OR in Lucene", "a.b:(c.exe OR d.exe)"),
    ("lucene", "_exist_:a", "LUC014", ["_exist_"], "'_exists_'", "_exists_:a"),
    ("kusto", 'T | where a matches regex "zz|"', "QRY003", ['"zz|"'], "looked for", 'T | where a matches regex "zz"'),
    ("kusto", 'T | where a has_all ("")', "QRY003", ['""'], "looked for", 'T | where a has_all ("z")'),
    ("kusto", 'T | where a contains ""', "QRY003", ['""'], "looked for", 'T | where a contains "z"'),
    ("kusto", 'T | where "a" != "z"', "QRY004", ['"a" != "z"'], "['name']", "T | where ['a'] != \"z\""),
    ("kusto", 'T | where "a" !~ "z"', "QRY004", ['"a" !~ "z"'], "without quotes", 'T | where a !~ "z"'),
    (
        "kusto",
        'T | where ipv4_is_in_range("10.0.0.0/8", a)',
        "QRY005",
        ['"10.0.0.0/8"'],
        "swap",
        'T | where ipv4_is_in_range(a, "10.0.0.0/8")',
    ),
    ("eql", 'any where "a" != "z"', "QRY004", ['"a" != "z"'], "between backticks", 'any where `a` != "z"'),
    (
        "eql",
        'any where cidrMatch("10.0.0.0/8", a)',
        "QRY005",
        ['"10.0.0.0/8"'],
        "swap",
        'any where cidrMatch(a, "10.0.0.0/8")',
    ),
    ("esql", 'FROM a | WHERE "b" != "z"', "QRY004", ['"b" != "z"'], "between backticks", 'FROM a | WHERE `b` != "z"'),
    (
        "esql",
        'FROM a | WHERE CIDR_MATCH("10.0.0.0/8", b)',
        "QRY005",
        ['"10.0.0.0/8"'],
        "swap",
        'FROM a | WHERE CIDR_MATCH(b, "10.0.0.0/8")',
    ),
    ("spl", 'index=a | where b="*c.exe"', "QRY007", ['"*c.exe"'], "like(", 'index=a | where like(b, "%c.exe")'),
    ("spl", 'index=a | where b IN ("x", "cd*")', "QRY007", ['"cd*"'], "search takes", 'index=a | search b="cd*"'),
    ("eql", 'any where a == "*c.exe"', "QRY007", ['"*c.exe"'], "':' and 'like'", 'any where a : "*c.exe"'),
    ("eql", 'any where a in ("*c.exe", "d")', "QRY007", ['"*c.exe"'], "'like'", 'any where a like ("*c.exe", "d")'),
    ("esql", 'FROM a | WHERE b == "*c.exe"', "QRY007", ['"*c.exe"'], "LIKE", 'FROM a | WHERE b LIKE "*c.exe"'),
    ("kusto", 'T | where a == "*c.exe"', "QRY007", ['"*c.exe"'], "'endswith'", 'T | where a endswith "c.exe"'),
    ("kusto", 'T | where a in~ ("c.exe*")', "QRY007", ['"c.exe*"'], "'startswith'", 'T | where a startswith "c.exe"'),
    ("kuery", 'a.b: "*c.exe"', "QRY007", ['"*c.exe"'], "without quotes", "a.b: *c.exe"),
    ("lucene", 'a.b:"*c.exe"', "QRY007", ['"*c.exe"'], "without quotes", "a.b:*c.exe"),
    ("snowflake", "select * from t where a = '*c.exe'", "QRY007", ["'*c.exe'"], "LIKE",
     "select * from t where a LIKE '%c.exe'"),
    (
        "snowflake",
        "select * from t where 'a' <> 'z'",
        "QRY004",
        ["'a' <> 'z'"],
        "in double ones",
        "select * from t where \"a\" <> 'z'",
    ),
]  # fmt: skip


def read(language: str, text: str) -> ParsedQuery:
    return parser_of(language)(Source(text), None)


@pytest.mark.parametrize(("language", "text", "code", "places", "told", "followed"), DOUBTFUL)
def test_a_doubt_is_a_warning_at_its_place_whose_hint_ends_it(
    language: str, text: str, code: str, places: list[str], told: str, followed: str
) -> None:
    doubtful = read(language, text)
    found = [one for one in doubtful.diagnostics if one.code == code]
    assert doubtful.status == "full"
    assert [text[one.span.start : one.span.end] for one in found] == places
    assert {one.severity for one in found} == {"warning"}
    assert all(told in (one.hint or "") for one in found)
    assert [one for one in read(language, followed).diagnostics if one.severity != "info"] == []


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("kusto", "T | take -1"),
        ("kusto", "T | top -1 by a"),
        ("kusto", "T | join (U | take -2) on a"),
        ("esql", "FROM a | LIMIT -1"),
        ("snowflake", "select * from t limit -1"),
    ],
)
def test_a_number_of_rows_below_zero_is_an_error(language: str, text: str) -> None:
    parsed = read(language, text)
    assert [(one.code, one.severity) for one in parsed.diagnostics] == [("QRY006", "error")]
    assert parsed.status == "partial"


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("spl", 'index=a b="*c.exe"'),
        ("spl", 'index=a | where b="*"'),
        ("spl", 'index=a | where like(b, "a*%")'),
        ("kuery", r"a.b: \*c.exe"),
        ("kuery", 'a.b: "a*c"'),
        ("lucene", r"a.b:\*c.exe"),
        ("sigma", SIGMA % "b: '*c.exe'"),
        ("sigma", SIGMA % r"b: '\*c.exe'"),
        ("kusto", 'T | where a contains "*c.exe"'),
        ("esql", r'FROM a | WHERE b LIKE "\\*c.exe"'),
        ("spl", 'index=a b="he said “no”\u00a0"'),
        ("spl", "index=a name=O’Neill"),
        ("spl", "index=a ```“prose”\u00a0``` b=c"),
        ("spl", 'index=a | where match(b, "^$|zz")'),
        ("spl", 'index=a | where match(b, "[|]|\\\\||(a|b)?c")'),
        ("spl", 'index=a | where match(b, "^(?:a|)$")'),
        ("spl", 'index=a | map search="search b=c | where \\"$d$\\"=\\"e\\""'),
        ("spl", "index=a | where 1=1"),
        ("sigma", SIGMA % "b|contains: '\u00a0\u00a0'"),
        ("sigma", SIGMA % "b|contains: 'x “y” z'"),
        ("kuery", 'message: "a = b"'),
        ("kuery", 'a: "c, d"'),
        ("kuery", "message: hello, world"),
        ("lucene", "exists_count:3 AND _exists_:exists"),
        ("kusto", 'let mode = "x"; T | where mode == "x"'),
        ("kusto", 'T | where a == ""'),
    ],
)
def test_what_is_meant_is_no_doubt(language: str, text: str) -> None:
    assert read(language, text).diagnostics == ()


@pytest.mark.parametrize(
    ("pattern", "always"),
    [
        ("", True),
        ("(?i)", True),
        ("a|", True),
        ("|a", True),
        ("a||b", True),
        ("(a|)", True),
        ("(?i)(?:|a).*", True),
        (".*", False),
        ("a", False),
        ("()", False),
        ("(a|)b", False),
        ("^(a|)$", False),
        ("a\\|", False),
        ("[a|]", False),
        ("a|(", False),
    ],
)
def test_an_empty_alternative_is_always_found(pattern: str, always: bool) -> None:
    assert is_always_found(pattern) is always


@pytest.mark.parametrize(
    ("language", "text", "code"),
    [("kuery", "a.ip: 10.0.0.0/33", "KQL013"), ("lucene", 'a.ip:"10.0.0.0/33"', "LUC013")],
)
def test_a_range_with_more_bits_than_an_address_is_refused(language: str, text: str, code: str) -> None:
    parsed = read(language, text)
    assert [(one.code, one.severity, one.message) for one in parsed.diagnostics] == [
        (code, "error", "'10.0.0.0/33' is no address range")
    ]
    assert parsed.status == "partial"


@pytest.mark.parametrize(
    ("macro", "call", "told"),
    [
        (Macro("m", 'b="$c$"', ("a",)), "`m(x)`", ["macro 'm' has no argument for $c$, which its body holds"]),
        (Macro("m", "b=$a$ c=$d$"), "`m`", ["macro 'm' has no argument for $a$, $d$, which its body holds"]),
        (
            Macro("m", "a=$a$ b=$b$ c=$c$ d=$d$"),
            "`m`",
            ["macro 'm' has no argument for $a$, $b$, $c$ and 1 more, which its body holds"],
        ),
        (Macro("m", 'b="$a$"', ("a",)), "`m(x)`", []),
        (Macro("m", 'b=c | map search="search d=$e$"'), "`m`", []),
    ],
)
def test_a_parameter_without_an_argument_is_said_where_the_macro_is_called(
    macro: Macro, call: str, told: list[str]
) -> None:
    text = f"index=a {call}"
    found = [one for one in parser_of("spl")(Source(text), MacroLibrary([macro])).diagnostics if one.code == "SPL034"]
    assert [one.message for one in found] == told
    assert [text[one.span.start : one.span.end] for one in found] == [call] * len(told)


def test_the_guide_lists_every_code() -> None:
    rows = re.findall(r"(?m)^\| (QRY\d{3}) \| (.*) \|$", GUIDE.read_text("utf-8"))
    assert dict(rows) == CODES
