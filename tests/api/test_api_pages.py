"""What the pages say of the five sample rules (tests/sample_rules.py): expected values are read off their text."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rulescope.api import pages, techniques
from rulescope.api.models import StatusCounts
from rulescope.api.rules import rule_page
from rulescope.api.view import CatalogView, find_rule, open_view
from rulescope.errors import InputError, NotFoundError

WHOAMI = "whoami-splunk-sysmon"
NET = "net-splunk-sysmon"


@pytest.fixture(scope="module")
def view(sample_catalog: Path) -> Iterator[CatalogView]:
    with open_view(sample_catalog) as opened:
        yield opened


def test_the_overview_counts_full_partial_and_failed(view: CatalogView) -> None:
    found = pages.overview(view)
    assert found.counts == StatusCounts(full=2, partial=1, failed=2)
    assert found.by_language == {
        "sumo": StatusCounts(failed=1),
        "spl": StatusCounts(full=2, partial=1),
        "unknown": StatusCounts(failed=1),
    }
    assert [row.name for row in found.repositories] == ["shop"]
    assert found.repositories[0].counts == found.counts
    # whoami 4, net 2, the partial one 3
    assert found.stages == 9
    assert sum(cause.rules for cause in found.causes) >= 3
    assert found.missing_macros == ()


def test_a_rule_page_has_its_rows_with_their_stages(view: CatalogView) -> None:
    page = rule_page(view, WHOAMI)
    assert (page.info.identifier, page.info.language, page.parse) == ("100.1", "spl", "full")
    assert page.info.title.startswith("Account discovery by whoami")
    assert [stage.kind for stage in page.stages] == ["search", "where", "stats", "where"]
    assert [stage.effect for stage in page.stages] == ["filter", "filter", "group", "filter"]
    assert all(stage.explanation for stage in page.stages)
    values = [(row.fact.field, row.fact.kind, row.fact.value, row.fact.stage) for row in page.indicators]
    assert ("process", "contains", "whoami", 1) in values
    assert ("parent", "match", r"(?i)cmd\.exe", 2) in values
    assert [(row.fact.field, row.fact.kind, row.fact.value, row.fact.stage) for row in page.exclusions] == [
        ("user", "eq", "SYSTEM", 1)
    ]
    assert [(row.fact.field, row.fact.kind, row.fact.value, row.fact.stage) for row in page.thresholds] == [
        ("count", "gt", "5", 4)
    ]
    assert [(row.tactic, row.technique_id) for row in page.attack] == [("Discovery", "T1033")]


def test_corpus_counts_leave_the_rule_itself_out(view: CatalogView) -> None:
    counts = {row.fact.value: row.corpus for row in rule_page(view, WHOAMI).indicators}
    assert counts["whoami"].total == 1
    assert counts["whoami"].by_language == {"spl": 1}
    assert counts[r"(?i)cmd\.exe"].total == 0


def test_places_of_rows_are_in_the_query(view: CatalogView) -> None:
    page = rule_page(view, WHOAMI)
    for row in (*page.indicators, *page.exclusions):
        assert row.fact.value.strip("*").replace("whoami", "whoami") in page.body.query[row.fact.start : row.fact.end]
    for one in page.body.highlights:
        assert 0 <= one.start < one.end <= len(page.body.query)
    assert {one.target for one in page.body.highlights} >= {row.anchor for row in page.indicators}
    starts = [one.start for one in page.body.highlights]
    assert starts == sorted(starts)
    for one in page.body.file_highlights:
        assert page.body.file_text[one.start : one.end].strip()


def test_leaves_of_the_tree_link_to_their_rows(view: CatalogView) -> None:
    page = rule_page(view, WHOAMI)
    tree = page.stages[0].predicate
    assert tree is not None
    assert tree.kind == "and"
    macro, process, denied = tree.children
    assert (macro.kind, macro.field) == ("macro", "get_data")
    assert (process.field, process.operator, process.values) == ("process", "contains", ("whoami",))
    anchors = {row.anchor for row in page.indicators if row.fact.value == "whoami"}
    assert set(process.targets) == anchors
    assert denied.kind == "not"
    assert denied.children[0].targets == ("exclusion-1",)


def test_a_known_macro_comes_with_its_body(view: CatalogView) -> None:
    (use,) = rule_page(view, WHOAMI).macros
    assert (use.name, use.known, use.definition) == ("get_data", True, "index=windows")
    page = pages.macro_page(view, use.slug)
    assert page.macro.rules == 2
    assert {link.slug for link in page.rules} == {WHOAMI, NET}
    assert [row.definition for row in page.uses] == ["index=windows"]


def test_a_rule_that_could_not_be_read_has_a_page(view: CatalogView) -> None:
    for slug in ("broken-splunk-sysmon", "other-sumo-sysmon"):
        page = rule_page(view, slug)
        assert page.parse == "failed"
        assert page.stages == ()
        assert page.diagnostics
        assert page.body.query


def test_diagnostics_have_their_place_in_the_file(view: CatalogView) -> None:
    page = rule_page(view, "partial-splunk-sysmon")
    assert page.parse == "partial"
    (found, *_) = page.diagnostics
    assert found.line == 4
    assert "^" in found.drawing
    assert any(stage.kind == "opaque" for stage in page.stages)


def test_a_rule_is_found_by_slug_path_and_identifier(view: CatalogView) -> None:
    for name in (WHOAMI, "shop/detections/whoami-splunk-sysmon.yml", "detections/whoami-splunk-sysmon.yml", "100.1"):
        assert find_rule(view, name).slug == WHOAMI
    with pytest.raises(NotFoundError) as caught:
        find_rule(view, "whoami-splunk-sysmom")
    assert caught.value.hint is not None
    assert WHOAMI in caught.value.hint


def test_an_identifier_of_several_rules_is_an_error_that_names_them(tmp_path: Path) -> None:
    from rulescope.catalog.build import build_catalog
    from sample_rules import WHOAMI as TEXT
    from sample_rules import write_repository

    folder = write_repository(tmp_path / "twins", {"a.yml": TEXT, "b.yml": TEXT})
    build_catalog([folder], tmp_path / "c", processes=1)
    with open_view(tmp_path / "c") as opened:
        with pytest.raises(InputError) as caught:
            find_rule(opened, "100.1")
        assert "twins/a.yml" in caught.value.message
        assert "twins/b.yml" in caught.value.message
        assert [link.slug for link in rule_page(opened, "a").duplicates] == ["b"]


def test_the_matrix_counts_rules_by_tactic_and_technique(view: CatalogView) -> None:
    matrix = techniques.technique_matrix(view)
    (column,) = matrix.columns
    assert (column.tactic, column.rules) == ("Discovery", 2)
    assert {(cell.technique_id, cell.rules) for cell in column.cells} == {("T1033", 1), ("T1087", 1)}
    assert matrix.unmapped == 3
    page = techniques.technique_page(view, "T1033")
    assert page.technique == "System Owner/User Discovery"
    assert [link.slug for link in page.rules] == [WHOAMI]
    with pytest.raises(NotFoundError):
        techniques.technique_page(view, "T9999")
    assert [one.tactic for one in techniques.tactic_pages(view)] == ["Discovery"]
    assert [one.technique_id for one in techniques.technique_pages(view)] == ["T1033", "T1087"]


def test_a_field_page_lists_values_with_counts(view: CatalogView) -> None:
    row = next(row for row in pages.fields(view) if "process" in row.written)
    page = pages.field_page(view, row.slug)
    values = {use.value: use for use in page.values}
    assert values["whoami"].count == 2
    assert {link.slug for link in values["whoami"].rules} == {WHOAMI, NET}
    assert values["net user"].count == 1
    assert {one.field.slug for one in pages.field_pages(view)} == {one.slug for one in pages.fields(view)}


def test_search_finds_by_title_value_technique_and_identifier(view: CatalogView) -> None:
    def slugs(words: str) -> list[str]:
        return [hit.rule.slug for hit in pages.search_rules(view, words)]

    assert slugs('"net user"') == [NET]
    assert set(slugs("whoami")) == {WHOAMI, NET}
    assert slugs("T1033") == [WHOAMI]
    assert slugs("100.2") == [NET]
    assert slugs("") == []
    assert slugs('" OR 1=1 NEAR( *') == []


def test_search_documents_hold_what_search_needs(view: CatalogView) -> None:
    documents = {document.slug: document for document in pages.search_documents(view)}
    assert len(documents) == 5
    assert documents[WHOAMI].techniques[0] == "T1033"
    assert any("whoami" in value for value in documents[WHOAMI].indicators)


def test_every_list_leads_to_pages_that_are_there(view: CatalogView) -> None:
    for row in pages.repositories(view):
        assert pages.repository_page(view, row.slug).rules
    for link in pages.events(view):
        assert pages.event_page(view, link.slug).event == link
    for provider in pages.providers(view):
        assert provider.rule_count == len(provider.rules)
    for macro in pages.macros(view):
        assert pages.macro_page(view, macro.slug).rules
    for rule in view.all_links():
        assert rule_page(view, rule.slug).slug == rule.slug
    for missing in (
        pages.repository_page,
        pages.event_page,
        pages.macro_page,
        pages.field_page,
        techniques.tactic_page,
    ):
        with pytest.raises(NotFoundError):
            missing(view, "nowhere")
