"""No query of Elastic's languages, however mangled, raises, takes long, or gives places outside its text."""

from __future__ import annotations

import random
import time
import tomllib
from pathlib import Path

import pytest

from rulescope import ir
from rulescope.ir.stages import Stage
from rulescope.ir.walk import walk
from rulescope.languages.registry import parser_of
from rulescope.text import Source, Span

PROJECT = Path(__file__).resolve().parents[2]
LANGUAGES = ("eql", "kuery", "lucene", "esql")
PIECES = (
    "(", ")", "[", "]", "{", "}", '"', '"""', "'", "`", "|", ":", "==", "!=", "=", "<", ">", "not ", " and ", " or ",
    " in ", " like~ ", "?", "*", "\\", "\n", "//", "/*", "*/", ",", ".", "-", "+", "~", "^", "%", "::", " by ",
    " with ", "maxspan=", " where ", "sequence ", "| stats ", " is not null",
    "\x00", "\u202e", "𝒳", "9" * 400, "a" * 300, "/",
)  # fmt: skip


def seeds(language: str) -> list[str]:
    return [
        case["query"]
        for path in sorted((PROJECT / "conformance" / language).glob("*.toml"))
        for case in tomllib.loads(path.read_text(encoding="utf-8"))["case"]
    ]


def mutated(choose: random.Random, texts: list[str]) -> str:
    text = choose.choice(texts)
    for _ in range(choose.randint(1, 6)):
        at = choose.randint(0, len(text))
        match choose.randrange(4):
            case 0:
                text = text[:at] + choose.choice(PIECES) + text[at:]
            case 1:
                text = text[:at] + text[at + choose.randint(1, 9) :]
            case 2:
                other = choose.choice(texts)
                text = text[:at] + other[choose.randint(0, len(other)) :]
            case _:
                text = text[:at] + text[at : at + 12] * choose.randint(2, 5) + text[at + 12 :]
    return text


def check(language: str, text: str) -> None:
    source = Source(text)
    parsed = parser_of(language)(source, None)
    assert parsed.status in ("full", "partial", "failed")
    length = len(text)
    for found in parsed.diagnostics:
        assert 0 <= found.span.start <= found.span.end <= length, (found, text)
    for node in walk(parsed.pipeline):
        places = [span] if isinstance(span := getattr(node, "span", None), Span) else []
        if isinstance(node, ir.Compare):
            places.extend(node.value_spans)
        for place in places:
            assert 0 <= place.start <= place.end <= length, (node, text)
        if isinstance(node, Stage):
            assert node.text == source.slice(node.span)
    if parsed.status != "full":
        assert any(found.severity == "error" for found in parsed.diagnostics), text


@pytest.mark.parametrize("language", LANGUAGES)
def test_mangled_queries(language: str) -> None:
    choose = random.Random(f"rulescope {language}")
    texts = seeds(language)
    for _ in range(1500):
        check(language, mutated(choose, texts))


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
    start = time.process_time()
    check(language, text)
    assert time.process_time() - start < 6


def test_too_long_queries_are_not_read() -> None:
    for language in LANGUAGES:
        parsed = parser_of(language)(Source("a" * 500_001), None)
        assert parsed.status == "failed"
        assert [found.code for found in parsed.diagnostics] == [f"{language[:3].upper()}004".replace("KUE", "KQL")]
