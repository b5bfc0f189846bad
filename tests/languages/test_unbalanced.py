"""A bracket or quote that has no partner is never read over, in any language: the query has an error."""

from __future__ import annotations

import tomllib

import pytest
from mangling import CONFORMANCE

from rulescope.languages.registry import parser_of
from rulescope.text import Source

# Square brackets are plain characters of kuery.
DAMAGES = {
    "spl": "()[]\"",
    "eql": "()[]\"",
    "kuery": "()\"",
    "lucene": "()[]\"",
    "esql": "()[]\"",
    "kusto": "()[]\"",
    "snowflake": "()[]'",
}  # fmt: skip


def whole_queries(language: str) -> list[str]:
    """The queries of the language's cases that are read whole, less those that end in a comment."""
    found = [
        case.get("query") or case.get("search", "")
        for path in sorted((CONFORMANCE / language).glob("*.toml"))
        for case in tomllib.loads(path.read_text(encoding="utf-8"))["case"]
    ]
    comments = ("//", "--", "fit ")
    kept = [text for text in found if not any(mark in text.rstrip().rpartition("\n")[2] for mark in comments)]
    return [text for text in kept if parser_of(language)(Source(text), None).status == "full"]


@pytest.mark.parametrize(
    ("language", "sign"), [(language, sign) for language, signs in DAMAGES.items() for sign in signs]
)
def test_a_sign_without_partner_is_an_error(language: str, sign: str) -> None:
    texts = whole_queries(language)
    assert len(texts) > 60
    unsaid = []
    for text in texts:
        parsed = parser_of(language)(Source(f"{text} {sign}"), None)
        if parsed.status == "full" or not any(found.severity == "error" for found in parsed.diagnostics):
            unsaid.append(text)
    assert unsaid == []
