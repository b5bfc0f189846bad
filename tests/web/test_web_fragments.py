"""The condition's tree and the query's text, piece by piece."""

from __future__ import annotations

import re
from dataclasses import replace

from rulescope.api.explain import explain
from rulescope.catalog.records import PredicateNode
from rulescope.web.links import Site
from rulescope.web.predicate_tree import DEEPEST, predicate_tree
from rulescope.web.query_text import query_text
from rulescope.web.render import Renderer
from rulescope.web.text import LONGEST_TEXT, MOST_ROWS
from site_samples import Page


def plain(html: str) -> str:
    return " ".join(Page(html).text.split())


def test_the_tree_shows_who_is_joined_with_whom() -> None:
    page = explain('search a=1 (b="x*" OR NOT c=3) "word"')
    assert page.stages[0].predicate is not None
    html = predicate_tree(page.stages[0].predicate, page.body.query)
    assert plain(html) == "AND all of a = 1 OR any of 1 b starts with x 2 NOT none of c = 3 text word"
    assert 'href="#indicator-1"' in html
    assert 'href="#exclusion-1"' in html
    assert 'href="#term-1"' in html


def test_a_tree_that_is_too_deep_ends_in_text() -> None:
    node = PredicateNode("compare", "a=1", "a", "eq", ("1",), start=0, end=3)
    for _ in range(DEEPEST * 5):
        node = PredicateNode("not", children=(node,), start=0, end=3)
    html = predicate_tree(node, "a=1")
    assert html.count("<ul") == DEEPEST + 1
    assert "a=1" in html


def test_the_querys_text_is_kept_whole() -> None:
    query = 'search index=x process="*\\\\cmd.exe" <b>\n | where match(user, "(?i)adm<i>n")\n  | stats count by user'
    page = explain(query)
    html = query_text(page).html
    blocks = re.findall(r'<span class="text">(.*?)</span></span>\n', html, re.DOTALL)
    assert len(blocks) == 3
    assert [re.sub(r"\s+", " ", Page(block).words and "".join(Page(block).words)).strip() for block in blocks] == [
        'search index=x process="*\\\\cmd.exe" <b>',
        '| where match(user, "(?i)adm<i>n")',
        "| stats count by user",
    ]


def test_every_row_has_a_place_in_the_query() -> None:
    page = explain('search TERM(EventCode=1) process IN ("a", "b") NOT user="c" | stats count | where count > 5')
    text = query_text(page)
    ids = set(Page(text.html).ids)
    rows = [*page.indicators, *page.exclusions, *page.thresholds, *page.search_terms]
    assert len(rows) >= 6
    for row in rows:
        assert text.places[row.anchor] in ids


def test_a_query_of_no_catalogue_makes_a_page() -> None:
    html = Renderer(Site("1")).rule(explain('search index=x process="cmd.exe" | head 5 | nosuch'))
    page = Page(html)
    assert {"stage-1", "stage-2", "stage-3", "indicator-1"} <= set(page.ids)
    assert not [link for link in page.links if link.startswith("../rules/")]


def test_a_rule_of_very_many_values_ends_somewhere() -> None:
    values = " OR ".join(f"a=value{number}" for number in range(MOST_ROWS + 500))
    page = explain(f"search {values}")
    assert len(page.indicators) == MOST_ROWS + 500
    html = Renderer(Site("1")).rule(page)
    found = Page(html)
    assert f"indicator-{MOST_ROWS}" in found.ids
    assert f"indicator-{MOST_ROWS + 1}" not in found.ids
    assert {link[1:] for link in found.links if link.startswith("#indicator-")} <= set(found.ids)
    assert found.text.count("and 500 more") == 2


def test_a_very_long_query_is_cut() -> None:
    short = explain("search a=b")
    page = replace(short, body=replace(short.body, query="search a=" + "x" * (LONGEST_TEXT + 1000)))
    html = query_text(page).html
    assert len(html) < LONGEST_TEXT + 2000
    assert "and 1,009 more characters" in html
