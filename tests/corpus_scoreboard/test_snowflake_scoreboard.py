"""How much of the Armory's Snowflake rules is read, held to numbers that may only rise (`snowflake.toml`)."""

from __future__ import annotations

import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from rulescope import ir
from rulescope.corpus import read_corpus
from rulescope.ir import stages
from rulescope.ir.walk import walk
from rulescope.languages.registry import parser_of
from rulescope.text import Span

pytestmark = pytest.mark.corpus

SCOREBOARD: dict[str, Any] = tomllib.loads((Path(__file__).parent / "snowflake.toml").read_text("utf-8"))


@pytest.fixture(scope="module")
def queries(shared: Path) -> dict[str, ir.ParsedQuery]:
    rules = read_corpus([shared / "rules" / "armory"]).rules
    return {
        rule.info.path.rpartition("/")[2]: parser_of("snowflake")(rule.source, None)
        for rule in rules
        if rule.info.language == "snowflake"
    }


def test_rules_are_read_whole(queries: dict[str, ir.ParsedQuery]) -> None:
    full = sum(query.status == "full" for query in queries.values())
    assert len(queries) == SCOREBOARD["total"]
    assert full >= SCOREBOARD["full"]
    unread = {name for name, query in queries.items() if query.status != "full"}
    assert unread <= set(SCOREBOARD["unread"])


def test_what_is_not_read_is_the_rules_own_mistake(queries: dict[str, ir.ParsedQuery]) -> None:
    for name, known in SCOREBOARD["unread"].items():
        query = queries[name]
        [found] = [one for one in query.diagnostics if one.severity == "error"]
        assert found.code == known["code"]
        assert query.source.slice(found.span) == known["at"]


def test_findings_are_known(queries: dict[str, ir.ParsedQuery]) -> None:
    found = Counter(one.code for query in queries.values() for one in query.diagnostics)
    assert dict(found) == SCOREBOARD["findings"]


def test_tables_are_those_of_the_rules_names(queries: dict[str, ir.ParsedQuery]) -> None:
    """A rule says in its file's name which log it is for; its table has that name, but for the query history."""
    for name, query in queries.items():
        if query.status == "full":
            [origin] = [stage for stage in query.pipeline.stages if isinstance(stage, stages.Origin)]
            table = origin.names[0].removeprefix("snowflake.account_usage.").replace("query", "database_query")
            assert name.lower().endswith(f"-{table}.yml") or f"-{table}" in name.lower(), (name, origin.names)


def test_places_are_those_of_the_text(queries: dict[str, ir.ParsedQuery]) -> None:
    for name, query in queries.items():
        length = len(query.source.text)
        for node in walk(query.pipeline):
            span = getattr(node, "span", None)
            if isinstance(node, ir.Stage):
                assert node.text == query.source.slice(node.span), name
            if isinstance(node, ir.Compare):
                assert 0 <= node.span.start < node.span.end <= length, (name, node)
                # No comparison is cut short: the brackets in its text are as many as close.
                text = query.source.slice(node.span)
                assert node.kind == "match" or text.count("(") == text.count(")"), (name, text)
                for place in node.value_spans:
                    assert isinstance(place, Span) and query.source.slice(place)[0] in "'$0123456789", name
            elif isinstance(span, Span):
                assert 0 <= span.start <= span.end <= length, (name, node)
