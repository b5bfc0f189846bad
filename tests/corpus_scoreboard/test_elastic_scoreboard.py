"""How much of Elastic's rules is read, held to numbers that may only rise (`elastic.toml`)."""

from __future__ import annotations

import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from rulescope import ir
from rulescope.corpus import Corpus, read_corpus
from rulescope.corpus.frame import framed
from rulescope.ir import stages
from rulescope.languages.registry import parser_of

pytestmark = pytest.mark.corpus

SCOREBOARD: dict[str, Any] = tomllib.loads((Path(__file__).parent / "elastic.toml").read_text("utf-8"))


@pytest.fixture(scope="module")
def corpus(shared: Path) -> Corpus:
    return read_corpus([shared / "rules" / "elastic"])


@pytest.fixture(scope="module")
def queries(corpus: Corpus) -> dict[str, ir.ParsedQuery]:
    return {
        rule.info.path: framed(parser_of(rule.info.language)(rule.source, None), rule.frame) for rule in corpus.rules
    }


def test_every_query_is_read_whole(corpus: Corpus, queries: dict[str, ir.ParsedQuery]) -> None:
    full = Counter(rule.info.language for rule in corpus.rules if queries[rule.info.path].status == "full")
    for language, least in SCOREBOARD["full"].items():
        assert full[language] >= least
    unread = [path for path, query in queries.items() if query.status != "full"]
    assert len(unread) == len(SCOREBOARD["unread"]), unread
    assert corpus.problems == []


def test_current_rules_with_a_query(corpus: Corpus) -> None:
    current = [rule for rule in corpus.rules if "/_deprecated/" not in rule.info.path]
    assert sum(rule.info.language != "machine_learning" for rule in current) >= 1958


def test_findings_are_known(queries: dict[str, ir.ParsedQuery]) -> None:
    found = Counter(one.code for query in queries.values() for one in query.diagnostics)
    assert dict(found) == SCOREBOARD["findings"]


def test_what_frames_a_query_is_kept(corpus: Corpus, queries: dict[str, ir.ParsedQuery]) -> None:
    kinds = Counter(
        kind for query in queries.values() for kind in {ir.stage_kind(stage) for stage in query.pipeline.stages}
    )
    assert kinds["new_terms"] == 245
    assert kinds["threshold"] == 31
    assert kinds["threat_match"] == 9
    assert kinds["machine_learning"] == 106
    assert kinds["suppress"] == 23
    assert kinds["exceptions"] == 9
    blocks = sum("building block" in (rule.info.kind or "") for rule in corpus.rules)
    assert blocks == 133


def test_places_lead_back_to_the_file(corpus: Corpus) -> None:
    for rule in corpus.rules:
        source = rule.source
        for offset in range(0, len(source.text), 5):
            assert source.file_text[source.file_offset(offset)] == source.text[offset], rule.info.path


def test_every_rule_has_its_words(corpus: Corpus) -> None:
    for rule in corpus.rules:
        info = rule.info
        assert info.identifier and info.title and info.description and info.author, info.path
        assert info.severity in ("low", "medium", "high", "critical"), info.path
        assert info.license == "Elastic-2.0"
        assert info.created and len(info.created) == 10
    assert sum(bool(rule.info.attack) for rule in corpus.rules) >= 2000


def test_event_category_override_moves_the_category(corpus: Corpus, queries: dict[str, ir.ParsedQuery]) -> None:
    moved = [rule for rule in corpus.rules if rule.frame is not None and rule.frame.category_field is not None]
    assert len(moved) == 15
    for rule in moved:
        for stage in queries[rule.info.path].pipeline.stages:
            if isinstance(stage, stages.Origin) and isinstance(stage.predicate, ir.Compare):
                assert stage.predicate.field == "event.type"
