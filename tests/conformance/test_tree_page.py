"""The page on the tree's parts says which languages make them, and no stage is made by nobody."""

from __future__ import annotations

from tree_page import PAGE, WITHOUT_CASE, made, render_page, stage_names


def test_page_is_fresh() -> None:
    assert PAGE.read_text(encoding="utf-8") == render_page(), "run: python tests/conformance/tree_page.py"


def test_every_stage_is_made_by_a_query_or_what_is_around_it() -> None:
    from_queries = set(made()["stages"])
    assert not from_queries & set(WITHOUT_CASE)
    assert from_queries | set(WITHOUT_CASE) == stage_names()
