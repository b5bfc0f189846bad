"""How much of the hunting queries in Markdown is read, held to numbers that may only rise (`kusto.toml`)."""

from __future__ import annotations

import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from rulescope import ir
from rulescope.corpus import Corpus, read_corpus
from rulescope.languages.registry import parser_of

pytestmark = pytest.mark.corpus

SCOREBOARD: dict[str, Any] = tomllib.loads((Path(__file__).parent / "kusto.toml").read_text("utf-8"))
UNREAD = {f"kusto_hunting/{query}": group["status"] for group in SCOREBOARD["unread"] for query in group["queries"]}


@pytest.fixture(scope="module")
def corpus(shared: Path) -> Corpus:
    return read_corpus([shared / "rules" / "kusto_hunting"])


@pytest.fixture(scope="module")
def queries(corpus: Corpus) -> dict[str, ir.ParsedQuery]:
    return {rule.info.path: parser_of(rule.info.language)(rule.source, None) for rule in corpus.rules}


def test_how_many_are_read_whole(queries: dict[str, ir.ParsedQuery]) -> None:
    assert sum(query.status == "full" for query in queries.values()) >= SCOREBOARD["full"]
    assert {path: query.status for path, query in queries.items() if query.status != "full"} == UNREAD


def test_what_is_not_read_has_its_place(queries: dict[str, ir.ParsedQuery]) -> None:
    for path in UNREAD:
        query = queries[path]
        errors = [found for found in query.diagnostics if found.severity == "error"]
        assert errors
        for found in errors:
            line = query.source.position(found.span.start).line
            written = query.source.file_text.splitlines()[line - 1]
            assert query.source.text[found.span.start : found.span.end].strip() in written


def test_findings_are_known(queries: dict[str, ir.ParsedQuery]) -> None:
    found = Counter(one.code for path, query in queries.items() if path not in UNREAD for one in query.diagnostics)
    assert dict(found) == SCOREBOARD["findings"]


def test_parts_of_queries_are_pointed_out(corpus: Corpus) -> None:
    assert [problem.diagnostic.code for problem in corpus.problems] == ["RUL017"] * SCOREBOARD["parts"]


def test_places_lead_back_to_the_file(corpus: Corpus) -> None:
    for rule in corpus.rules:
        source = rule.source
        for offset in range(0, len(source.text), 5):
            assert source.file_text[source.file_offset(offset)] == source.text[offset], rule.info.path


def test_every_query_has_its_words(corpus: Corpus) -> None:
    rules = [rule.info for rule in corpus.rules]
    assert all(info.title and info.license == "BSD-3-Clause" for info in rules)
    assert sum(bool(info.description) for info in rules) >= 681
    assert sum(bool(info.attack) for info in rules) >= 228
    assert sum(bool(info.references) for info in rules) >= 539
    labels = Counter(info.variant_label for info in rules)
    assert (labels["Sentinel"], labels["Defender XDR"]) == (401, 378)
