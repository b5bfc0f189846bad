"""Queries of a language's conformance cases, ways to mangle them, and what must hold of whatever is read."""

from __future__ import annotations

import gc
import random
import time
import tomllib
from collections.abc import Sequence
from pathlib import Path

from rulescope import ir
from rulescope.ir.stages import Stage
from rulescope.ir.walk import walk
from rulescope.languages.registry import parser_of
from rulescope.text import Source, Span

CONFORMANCE = Path(__file__).resolve().parents[2] / "conformance"


def seeds(language: str) -> list[str]:
    """The queries of all cases of a language."""
    return [
        case.get("query") or case["search"]
        for path in sorted((CONFORMANCE / language).glob("*.toml"))
        for case in tomllib.loads(path.read_text(encoding="utf-8"))["case"]
    ]


def mutated(choose: random.Random, texts: Sequence[str], pieces: Sequence[str]) -> str:
    """One of the texts after some damages: a piece put in or cut out, the tail of another text, a part repeated."""
    text = choose.choice(texts)
    for _ in range(choose.randint(1, 6)):
        at = choose.randint(0, len(text))
        match choose.randrange(4):
            case 0:
                text = text[:at] + choose.choice(pieces) + text[at:]
            case 1:
                text = text[:at] + text[at + choose.randint(1, 9) :]
            case 2:
                other = choose.choice(texts)
                text = text[:at] + other[choose.randint(0, len(other)) :]
            case _:
                text = text[:at] + text[at : at + 12] * choose.randint(2, 5) + text[at + 12 :]
    return text


def check(language: str, text: str) -> ir.ParsedQuery:
    """Read a text: places lie inside it, a stage's text stands at its place, what is not read whole has an error."""
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
            assert node.text == source.slice(node.span), (node, text)
    if parsed.status != "full":
        assert any(found.severity == "error" for found in parsed.diagnostics), text
    return parsed


def check_many(language: str, times: int, seed: str, pieces: Sequence[str], texts: Sequence[str] = ()) -> None:
    """Check mangled texts; none may take long."""
    choose = random.Random(seed)
    whole = [*seeds(language), *texts]
    for _ in range(times):
        text = mutated(choose, whole, pieces)
        start = time.process_time()
        check(language, text)
        assert time.process_time() - start < 2, text


def seconds(language: str, text: str) -> float:
    """How long reading a text takes, in seconds of processor time; it is checked as well.

    Without garbage collection: how much there is to go through depends on the tests before.
    """
    parse = parser_of(language)
    gc.collect()
    gc.disable()
    try:
        start = time.process_time()
        parse(Source(text), None)
        taken = time.process_time() - start
    finally:
        gc.enable()
    check(language, text)
    return taken
