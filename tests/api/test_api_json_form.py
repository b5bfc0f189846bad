"""The shapes that the command line promises."""

from __future__ import annotations

import json
from pathlib import Path

from rulescope.api.explain import explain
from rulescope.api.json_form import encode_json, rule_json, stats_json
from rulescope.api.pages import overview
from rulescope.api.rules import rule_page
from rulescope.api.view import open_view

RULE = [
    "path", "repository", "id", "title", "language", "description", "author", "severity", "status", "license",
    "references", "attack",
]  # fmt: skip
TOP = [
    "rule", "parse", "diagnostics", "events", "stages", "indicators", "exclusions", "thresholds", "search_terms",
    "variants", "neighbours",
]  # fmt: skip


def test_a_rule_has_the_promised_keys(sample_catalog: Path) -> None:
    with open_view(sample_catalog) as view:
        document = json.loads(encode_json(rule_json(rule_page(view, "whoami-splunk-sysmon"))))
    assert list(document) == TOP
    assert list(document["rule"]) == RULE
    assert document["rule"]["path"] == "shop/detections/whoami-splunk-sysmon.yml"
    assert document["rule"]["attack"] == [
        {"tactic": "Discovery", "technique_id": "T1033", "technique": "System Owner/User Discovery"}
    ]
    assert [list(stage) for stage in document["stages"]] == [["number", "kind", "text", "predicate"]] * 4
    assert document["stages"][0]["predicate"] == {
        "and": [
            {"macro": "get_data"},
            {"field": "process", "kind": "contains", "values": ["whoami"]},
            {"not": {"field": "user", "kind": "eq", "values": ["SYSTEM"]}},
        ]
    }
    assert document["stages"][2]["predicate"] is None
    row = next(row for row in document["indicators"] if row["value"] == "whoami")
    assert row == {
        "field": "process", "kind": "contains", "value": "whoami", "stage": 1,
        "corpus": {"total": 1, "by_language": {"spl": 1}},
    }  # fmt: skip
    assert document["thresholds"] == [{"field": "count", "kind": "gt", "value": "5", "stage": 4}]


def test_an_explained_query_has_the_same_shape() -> None:
    document = json.loads(encode_json(rule_json(explain('index=main TERM(EventCode=1) "<EventID>1<" | foo'))))
    assert list(document) == TOP
    assert list(document["rule"]) == RULE
    assert document["parse"] == "partial"
    assert [list(found) for found in document["diagnostics"]] == [
        ["code", "severity", "message", "line", "column", "hint"]
    ]
    assert document["search_terms"] == [
        {"stage": 1, "term": "EventCode=1", "directive": "TERM"},
        {"stage": 1, "term": "<EventID>1<", "directive": None},
    ]
    assert document["diagnostics"][0]["column"] == 46


def test_stats_have_the_promised_shape(sample_catalog: Path) -> None:
    with open_view(sample_catalog) as view:
        document = stats_json(overview(view))
    assert list(document) == [
        "rules", "by_language", "by_repository", "stages", "indicators",
        "unreadable", "not_opened", "file_notes", "other_files",
    ]  # fmt: skip
    assert document["rules"] == 5
    assert document["by_repository"] == {"shop": {"full": 2, "partial": 1, "failed": 2}}
    assert document["by_language"]["spl"] == {"full": 2, "partial": 1, "failed": 0}


def test_whole_pages_can_be_written_as_json(sample_catalog: Path) -> None:
    with open_view(sample_catalog) as view:
        for link in view.all_links():
            assert json.loads(encode_json(rule_page(view, link.slug)))["slug"] == link.slug
