"""The catalogue of the Armory and security_content: the numbers may only rise."""

from __future__ import annotations

from pathlib import Path

import pytest

from rulescope.api.json_form import rule_json, stats_json
from rulescope.api.pages import event_pages, field_pages, overview, search_rules
from rulescope.api.rules import rule_page
from rulescope.api.techniques import technique_matrix
from rulescope.api.view import find_rule, open_view
from rulescope.catalog.build import build_catalog

pytestmark = [pytest.mark.corpus, pytest.mark.slow]

IMPACKET = "armory/detections/endpoint/impacket_lateral_movement_activity/impacket_lateral_movement_activity-splunk-"


@pytest.fixture(scope="module")
def catalog(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("corpora") / "corpora.catalog"
    build_catalog([shared / "rules/armory", shared / "rules/security_content"], path)
    return path


def test_all_rules_are_understood_but_those_with_mistakes_of_their_own(catalog: Path) -> None:
    with open_view(catalog) as view:
        stats = stats_json(overview(view))
    assert stats["rules"] == 1466 + 432 + 1711
    # 62 searches of the Armory have an error: tests/corpus_scoreboard/spl.toml lists them.
    assert stats["by_language"]["spl"] == {"full": 1404 + 1711, "partial": 62, "failed": 0}
    assert stats["by_language"]["snowflake"] == {"full": 427, "partial": 2, "failed": 3}
    assert stats["by_repository"]["armory"] == {"full": 1404 + 427, "partial": 62 + 2, "failed": 3}
    assert stats["by_repository"]["security_content"] == {"full": 1711, "partial": 0, "failed": 0}


def test_the_impacket_rule_is_as_its_text_says(catalog: Path) -> None:
    with open_view(catalog) as view:
        page = rule_page(view, find_rule(view, IMPACKET + "sysmon.yml").slug)
        variants = {link.rule.path for link in page.variants}
    document = rule_json(page)
    assert [stage["kind"] for stage in document["stages"]] == ["search", "where", "table", "bucket", "stats"]
    assert document["rule"]["title"] == "Impacket Lateral Movement Activity (Sysmon)"
    assert IMPACKET + "winevent.yml" in variants
    facts = [row.fact for row in page.indicators]
    fields = [(fact.field, fact.kind, fact.branch) for fact in facts if fact.field != "EventCode"]
    assert fields == [
        ("parent_process_name", "match", (1, 2)),
        ("process", "match", (1, 2)),
        ("parent_process", "match", (2, 2)),
        ("process", "match", (2, 2)),
    ]
    terms = [(row.fact.text, row.fact.directive) for row in page.search_terms]
    assert terms[:4] == [("EventCode=1", "TERM"), ("<EventID>1<", None), ("&1", None), ("&amp;1", None)]
    assert [(row.fact.provider, row.fact.event_id) for row in page.events] == [("Sysmon", "1")]
    assert [row.technique_id for row in page.attack] == ["T1021.002", "T1210"]


def test_search_finds_the_impacket_rule_by_what_it_looks_for(catalog: Path) -> None:
    with open_view(catalog) as view:
        found = {hit.rule.path for hit in search_rules(view, "taskeng.exe netsvcs T1210")}
    assert IMPACKET + "sysmon.yml" in found


def test_pages_that_gather_rules_can_all_be_made(catalog: Path) -> None:
    with open_view(catalog) as view:
        assert len(technique_matrix(view).columns) >= 12
        assert sum(page.event.rules > 0 for page in event_pages(view)) > 100
        assert sum(page.field.rules > 0 for page in field_pages(view)) > 100


def test_a_second_build_changes_nothing(shared: Path, catalog: Path) -> None:
    before = catalog.read_bytes()
    report = build_catalog([shared / "rules/armory", shared / "rules/security_content"], catalog)
    assert not report.changed
    assert catalog.read_bytes() == before
