"""Random rules over random events, in every language: what DuckDB gives is what the reference gives, row by row.

`RULESCOPE_RANDOM_PIPELINES` says how many rules of each language are tried; `random_pairs.py` tries as many as
are wanted.
"""

from __future__ import annotations

import json
import os
import re
import tomllib
from pathlib import Path

import pytest
from grammar import grammar_of, parts_of
from random_pairs import LANGUAGES, Engines, search

from json_events import load_events

RULES = int(os.environ.get("RULESCOPE_RANDOM_PIPELINES", "12"))
DIFFERENCES: list[dict[str, str]] = tomllib.loads(
    Path(__file__).with_name("engine_differences.toml").read_text("utf-8")
).get("difference", [])


@pytest.mark.parametrize("language", LANGUAGES)
def test_duckdb_gives_what_the_reference_gives(language: str) -> None:
    known = [re.compile(one["query"], re.DOTALL) for one in DIFFERENCES if one["language"] == language]
    engines = Engines(language)
    found = search(engines, RULES, 1)
    assert found is None or any(pattern.search(found.text) for pattern in known), found
    assert engines.pairs


@pytest.mark.parametrize("language", [one for one in LANGUAGES if one != "sigma"])
def test_every_kind_of_part_of_a_grammar_is_used(language: str) -> None:
    grammar = grammar_of(language)
    assert set(grammar) == {"rule"} | {name for forms in grammar.values() for form in forms for name in parts_of(form)}


@pytest.mark.parametrize("difference", DIFFERENCES, ids=[one["id"] for one in DIFFERENCES])
def test_known_differences_are_still_there(difference: dict[str, str]) -> None:
    assert difference["reason"].strip()
    assert re.search(difference["query"], difference["example"], re.DOTALL)
    events = [json.loads(line) for line in difference["events"].splitlines() if line.strip()]
    found = Engines(difference["language"]).disagreement(difference["example"], [events])
    assert found is not None, "mended: take the entry out"


def test_events_are_the_same_for_both_engines() -> None:
    text = '{"_time": 5, "a": ["x"], "m": ["x", 1], "n": 2.5, "none": null}'
    (event,) = load_events(text)
    assert event == {"_time": 5.0, "a": "x", "m": ["x", "1"], "n": "2.5"}
