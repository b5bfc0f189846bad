"""Random rules over random events, in every language: what DuckDB gives is what the reference gives, row by row.

`RULESCOPE_RANDOM_PIPELINES` says how many pairs of each language are tried.
"""

from __future__ import annotations

import json
import os
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import random_elastic
import random_sigma
import random_spl
import random_tables
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from json_events import event_of, load_events
from json_rows import load_rows
from rulescope import ir
from rulescope.engines.options import Options
from rulescope.engines.reference import ReferenceEngine
from rulescope.errors import Refusal
from rulescope.hunt.bound_rule import bind_rule
from rulescope.hunt.origins import bind_origins
from rulescope.hunt.search import run_search
from rulescope.hunt.table_binding import bind_tables
from rulescope.hunt.vocabularies import vocabulary_of
from rulescope.languages.registry import parser_of
from rulescope.languages.sigma import parse_sigma
from rulescope.text import Source

EXAMPLES = int(os.environ.get("RULESCOPE_RANDOM_PIPELINES", "40"))
# 2024-05-01T12:00:00Z
OPTIONS = Options(now=1_714_564_800.0)
TABLES = ("kusto", "snowflake")

Events = list[dict[str, Any]]

REFUSED = {
    "RUN044": "a column that an earlier stage has dropped: the reference looks for it where there are rows only",
    "RUN036": "isempty() of a time, which Kusto has",
}
"""Why DuckDB may refuse what the reference runs, by the code of the refusal."""

RULES: dict[str, tuple[st.SearchStrategy[str], st.SearchStrategy[Events]]] = {
    "spl": (random_spl.searches, random_spl.events),
    "sigma": (random_sigma.rules, random_sigma.events),
    "eql": (random_elastic.eql(), random_elastic.events),
    "kuery": (random_elastic.kuery, random_elastic.events),
    "lucene": (random_elastic.lucene, random_elastic.events),
    "esql": (random_elastic.esql(), random_elastic.events),
    "kusto": (random_tables.kusto(), random_tables.events),
    "snowflake": (random_tables.snowflake, random_tables.events),
}

DIFFERENCES: list[dict[str, str]] = tomllib.loads(
    Path(__file__).with_name("engine_differences.toml").read_text("utf-8")
).get("difference", [])


def bound(language: str, text: str) -> ir.Pipeline:
    """A rule, read and bound to the events of this test."""
    if language == "sigma":
        parsed = parse_sigma(text)
        assert parsed.status == "full", (text, parsed.diagnostics)
        return bind_origins(parsed.expanded)
    parsed = parser_of(language)(Source(text), None)
    assert parsed.status == "full", (text, parsed.diagnostics)
    if language == "spl":
        return bind_rule(parsed, "spl").pipeline
    if language in TABLES:
        return bind_tables(parsed.expanded, language, random_tables.table_of)
    return parsed.expanded


def by_duckdb(language: str, pipeline: ir.Pipeline, events: Events) -> Events:
    logs = load_rows(random_tables.lines_of(events))
    return list(run_search(pipeline, logs, options=OPTIONS, vocabulary=vocabulary_of(language)).rows)


def by_reference(language: str, pipeline: ir.Pipeline, events: Events) -> Events:
    held = tuple(event_of(event) for event in events)
    engine = ReferenceEngine(vocabulary_of(language).dialect_for(language).name, held, OPTIONS)
    return list(engine.plan(pipeline).run().rows)


def plain(value: Any) -> Any:
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, bool):
        return str(value).lower()
    try:
        return round(float(value), 9)
    except (TypeError, ValueError):
        return str(value)


def comparable(rows: Events, *, ordered: bool) -> list[str]:
    lines = [
        json.dumps({name: plain(value) for name, value in row.items() if not name.startswith("_")}, sort_keys=True)
        for row in rows
    ]
    return lines if ordered else sorted(lines)


def is_ordered(language: str, text: str) -> bool:
    """Whether the language says in which order the rows come; that of groups is checked by cases of their own."""
    if language in TABLES:
        return bool(re.search(r"order by [^()]*$|\| (sort|top)\b[^|]*\| project\b[^|]*$", text))
    return "stats" not in text


def differ(language: str, text: str, events: Events) -> tuple[list[str], list[str]] | None:
    """The rows of both engines where they differ; None where they agree or one of them refuses."""
    pipeline = bound(language, text)
    try:
        expected = by_reference(language, pipeline, events)
    except Refusal:
        return None
    ordered = is_ordered(language, text)
    try:
        rows = by_duckdb(language, pipeline, events)
    except Refusal as refusal:
        assert refusal.code in REFUSED, (text, refusal.message)
        return None
    found = comparable(rows, ordered=ordered)
    wanted = comparable(expected, ordered=ordered)
    return None if found == wanted else (found, wanted)


@pytest.mark.parametrize("language", RULES)
def test_duckdb_gives_what_the_reference_gives(language: str) -> None:
    rules, events = RULES[language]
    known = [re.compile(one["query"], re.DOTALL) for one in DIFFERENCES if one["language"] == language]

    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
    @given(events, rules)
    def compare(held: Events, text: str) -> None:
        found = differ(language, text, held)
        assert found is None or any(pattern.search(text) for pattern in known), (text, held, *(found or ()))

    compare()


@pytest.mark.parametrize("difference", DIFFERENCES, ids=[one["id"] for one in DIFFERENCES])
def test_known_differences_are_still_there(difference: dict[str, str]) -> None:
    assert difference["reason"].strip()
    assert re.search(difference["query"], difference["example"], re.DOTALL)
    events = [json.loads(line) for line in difference["events"].splitlines() if line.strip()]
    assert differ(difference["language"], difference["example"], events) is not None, "mended: take the entry out"


def test_events_are_the_same_for_both_engines() -> None:
    text = '{"_time": 5, "a": ["x"], "m": ["x", 1], "n": 2.5, "none": null}'
    (event,) = load_events(text)
    assert event == {"_time": 5.0, "a": "x", "m": ["x", "1"], "n": "2.5"}
