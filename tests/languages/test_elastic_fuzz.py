"""No query of Elastic's languages, however mangled, raises, takes long, or gives places outside its text."""

from __future__ import annotations

import pytest
from mangling import check_many, seconds

from rulescope.languages.registry import parser_of
from rulescope.text import Source

LANGUAGES = ("eql", "kuery", "lucene", "esql")
PIECES = (
    "(", ")", "[", "]", "{", "}", '"', '"""', "'", "`", "|", ":", "==", "!=", "=", "<", ">", "not ", " and ", " or ",
    " in ", " like~ ", "?", "*", "\\", "\n", "//", "/*", "*/", ",", ".", "-", "+", "~", "^", "%", "::", " by ",
    " with ", "maxspan=", " where ", "sequence ", "| stats ", " is not null",
    "\x00", "\u202e", "𝒳", "9" * 400, "a" * 300, "/",
)  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_mangled_queries(language: str) -> None:
    check_many(language, 1500, f"rulescope {language}", PIECES)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "text",
    [
        "(" * 5000, "process where " + "(" * 3000 + "a == 1" + ")" * 3000, "not " * 5000 + "a:1", "-" * 5000 + "1",
        "process where " + "not " * 5000 + "a == 1", "from a | where " + "not " * 5000 + "b", "a:" * 3000, '"' * 3001,
        "from a | eval x = " + "-" * 5000 + "1", "process where a == " + "-" * 5000 + "1", "sequence " + "[" * 4000,
        "process where " + " or ".join(["a == 1"] * 5000), "from a " + "| where b == 1 " * 3000, "a" * 200_000,
        "from a | where " + "f(" * 4000, "\\" * 5001, "*" * 50_000, "/" * 5001,
        "from a | fork " + "(where x | fork " * 500,
        "process where a : (" + '"x*", ' * 5000 + '"y")', "a:(" + "b or " * 5000 + "c)", " " * 100_000, "\n//" * 20_000,
        "/*" * 20_000, '"""' * 5001, "process where a regex " + '"' + "(" * 3000 + '"', "?" * 4000, "`" * 4001,
    ],
    ids=range(28),
)  # fmt: skip
def test_hostile_queries(language: str, text: str) -> None:
    assert seconds(language, text) < 6


def test_too_long_queries_are_not_read() -> None:
    for language in LANGUAGES:
        parsed = parser_of(language)(Source("a" * 500_001), None)
        assert parsed.status == "failed"
        assert [found.code for found in parsed.diagnostics] == [f"{language[:3].upper()}004".replace("KUE", "KQL")]
