"""Searches that people wrote come back from the printer the same."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
import yaml

from rulescope.languages.spl.printer import render_pipeline
from rulescope.languages.spl.query import parse_search

KNOWN_DIFFERENCES = 1
"""A template of `foreach` that sets a field with `!` in its name without quotes: it comes back with them."""


def differing(searches: list[str]) -> list[str]:
    found = []
    for search in dict.fromkeys(searches):
        pipeline = parse_search(search).pipeline
        if parse_search(render_pipeline(pipeline)).pipeline != pipeline:
            found.append(search)
    return found


@pytest.mark.corpus
@pytest.mark.slow
def test_saved_searches_of_apps(shared: Path) -> None:
    with gzip.open(shared / "rules" / "splunkbase" / "saved_searches.jsonl.gz", "rt", encoding="utf-8") as lines:
        searches = [str(json.loads(line).get("search") or "") for line in lines]
    assert len(searches) > 6000
    assert len(differing(searches)) <= KNOWN_DIFFERENCES


@pytest.mark.corpus
@pytest.mark.slow
def test_detections_of_security_content(shared: Path) -> None:
    searches = []
    for path in sorted((shared / "rules" / "security_content").rglob("*.yml")):
        if "detections" in path.parts:
            searches.append(str(yaml.load(path.read_bytes(), yaml.CSafeLoader).get("search", "")))
    assert len(searches) > 1700
    assert differing(searches) == []
