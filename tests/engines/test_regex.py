"""PCRE to RE2: what is said the same, what falls back, what is bounded."""

from __future__ import annotations

import pytest

from rulescope.engines.duckdb import Database
from rulescope.engines.duckdb.functions.patterns import match
from rulescope.engines.duckdb.functions.registry import GivenUp
from rulescope.engines.sql.regex import groups_of, pcre_pattern, translate


@pytest.mark.parametrize(
    "pattern",
    [r"a(?=b)", r"(?<!x)a", r"(a)\1", r"a++", r"(?>a|b)c", r"\Kx", r"(?(1)a|b)", r"a{2000}", r"(?x) a b", r"(?R)"],
)
def test_what_re2_lacks_falls_back(pattern: str) -> None:
    assert translate(pattern) is None


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        (r"b$", "ab\n", True),
        (r"b$", "ab\nc", False),
        (r"(?m)b$", "ab\nc", True),
        (r"a\sb", "a\x0bb", True),
        (r"[\s]b", "\x0bb", True),
        (r"a\hb", "a\tb", True),
        (r"a\Rb", "a\r\nb", True),
        (r"\x5ctemp\x5c", "\\temp\\", True),
        (r"\Qa.b\E", "a.b", True),
        (r"\Qa.b\E", "axb", False),
        (r"a(?#comment)b", "ab", True),
        (r"[]x]", "]", True),
        (r"[[:alpha:]]+\d", "ab1", True),
        (r"\_a\-b\/", "_a-b/", True),
        (r"Microsoft\\\CurrentVersion", "Microsoft\\CurrentVersion", True),
    ],
)
def test_translation_finds_what_pcre_finds(pattern: str, text: str, found: bool) -> None:
    import duckdb

    native = translate(pattern)
    assert native is not None
    database = Database(duckdb.connect())
    row = database.connection.execute("SELECT regexp_matches(?, ?)", [text, native]).fetchone()
    assert row == (found,)
    assert match(text, pcre_pattern(pattern)) is found


def test_groups_are_counted_and_named() -> None:
    groups = groups_of(r"(a)(?:b)(?<x>c)[(](?P<y>d)\((?<=e)")
    assert groups.count == 3
    assert groups.names == (("x", 2), ("y", 3))


def test_a_regex_that_explodes_is_bounded() -> None:
    with pytest.raises(GivenUp) as caught:
        match("a" * 60 + "b", r"^(a+)+\1?$(?=x)")
    assert caught.value.instead is False
