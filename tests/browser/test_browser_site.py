"""The site in a real browser: its search, its links, its looks on a phone and in the dark, and by keyboard."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from rulescope.web.search_index import words_of

pytestmark = pytest.mark.browser

RULE = "hostile/site/rules/whoami-splunk-sysmon.html"
SAMPLES = "samples/site/"
HOSTILE = "hostile/site/"


def titles(page: Any) -> list[str]:
    page.wait_for_selector("body[data-search=ready]")
    page.wait_for_function("document.getElementById('search-status').textContent.match(/rule|No/)")
    return [link.inner_text() for link in page.query_selector_all("#search-results a.title")]


def search(page: Any, words: str) -> list[str]:
    page.wait_for_selector("body[data-search=ready]")
    page.fill("#search-box", words)
    page.press("#search-box", "Enter")
    return titles(page)


def test_search_finds_a_rule_by_an_indicator(open_page: Any) -> None:
    page = open_page(HOSTILE).page
    page.fill("#search-box", "process=whoami")
    page.press("#search-box", "Enter")
    assert set(titles(page)) == {
        "Account discovery by whoami (Sysmon)",
        "Account discovery by net (Sysmon)",
        "../../../etc/passwd (Sysmon)",
    }
    page.wait_for_selector("#search-results code.value mark")
    page.click("text=Account discovery by whoami (Sysmon)")
    page.wait_for_url("**/rules/whoami-splunk-sysmon.html")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("T1033", ["Account discovery by whoami (Sysmon)"]),
        ("account disc", ["Account discovery by whoami (Sysmon)", "Account discovery by net (Sysmon)"]),
        ("net user", ["Account discovery by net (Sysmon)"]),
        ("cmd.exe", ["Account discovery by whoami (Sysmon)"]),
        ("100.2", ["Account discovery by net (Sysmon)"]),
        ("get_data", ["Account discovery by whoami (Sysmon)", "Account discovery by net (Sysmon)"]),
        ("somebdy lists", ["Account discovery by net (Sysmon)"]),
        ("nothing_like_this", []),
        ("((", []),
    ],
)
def test_search_finds_words_of_all_kinds(open_page: Any, words: str, expected: list[str]) -> None:
    found = search(open_page(HOSTILE + "search.html").page, words)
    assert set(found) == set(expected)


def test_search_works_from_a_disk(open_page: Any, sites: Path) -> None:
    page = open_page((sites / "hostile/site/search.html").as_uri() + "?q=whoami").page
    assert "Account discovery by whoami (Sysmon)" in titles(page)


def test_both_sides_cut_texts_into_the_same_words(open_page: Any) -> None:
    page = open_page(HOSTILE + "search.html").page
    page.wait_for_selector("body[data-search=ready]")
    for text in (
        "Impacket's wmiexec, and (more)!", "\\cmd.exe /Q /c", "EventCode=1", "T1021.002", "<EventID>1<",
        '"C:\\\\a b\\\\c"', "1.2.3.4:80",
        "&1 &amp;1", "-k netsvcs", "a_b-c.d", "Größe ÄÖ 世界 ２", "(?i)cmd\\.exe\\s", "x" * 100, "a..b", "[a](b)",
    ):  # fmt: skip
        assert page.evaluate("text => rulescopeWords(text)", text) == list(words_of(text, True)), text


def test_hostile_results_stay_text(open_page: Any) -> None:
    page = open_page(HOSTILE + "search.html").page
    assert len(search(page, "script alert")) >= 1
    page.wait_for_selector("#search-results code.value")
    assert page.query_selector("#search-results script, #search-results img, #search-results b") is None
    assert "\u202e" not in page.inner_text("#search-results")


def test_every_page_opens_without_an_error(open_page: Any, server: str) -> None:
    watched = open_page(SAMPLES + "index.html")
    page = watched.page
    waiting = [page.url]
    seen: set[str] = set()
    while waiting:
        address = waiting.pop()
        if address in seen or not address.startswith(server) or address.endswith(".json"):
            continue
        seen.add(address)
        response = page.goto(address)
        assert response.status == 200, address
        for link in page.eval_on_selector_all("a[href]", "links => links.map(link => link.href)"):
            waiting.append(link.partition("#")[0].partition("?")[0])
    assert len(seen) > 60


def test_hostile_pages_open_without_an_error(open_page: Any, sites: Path) -> None:
    watched = open_page(HOSTILE + "index.html")
    for path in sorted((sites / "hostile/site/rules").glob("*.html")):
        watched.page.goto(f"{watched.page.url.partition('/hostile/')[0]}/{HOSTILE}rules/{path.name}")
        assert watched.page.evaluate("document.querySelectorAll('script:not([src])').length") == 0


@pytest.mark.parametrize("name", ["index.html", "techniques/index.html", "events/index.html", "fields/index.html"])
def test_pages_read_without_scripts(open_page: Any, name: str) -> None:
    page = open_page(SAMPLES + name, java_script_enabled=False).page
    assert len(page.inner_text("main")) > 100


def test_a_rule_reads_without_scripts(open_page: Any) -> None:
    page = open_page(RULE, java_script_enabled=False).page
    assert page.is_visible("text=Stages and predicates")
    page.click('#query-1 a[href="#indicator-1"]')
    assert page.url.endswith("#indicator-1")
    assert page.is_visible("#indicator-1")
    page.click("details.file > summary")
    assert page.is_visible("#line-1")
    page.goto(page.url.partition("/rules/")[0] + "/search.html")
    assert page.is_visible("noscript .note")


@pytest.mark.parametrize("width", [360, 768])
@pytest.mark.parametrize(
    "name",
    ["index.html", "rules/hostile-splunk-sysmon.html", "rules/whoami-splunk-sysmon.html", "techniques/index.html",
     "rules/partial-splunk-sysmon.html", "fields/index.html", "macros/index.html", "search.html?q=alert",
     "repositories/shop.html"],
)  # fmt: skip
def test_narrow_pages_do_not_scroll_sideways(open_page: Any, name: str, width: int) -> None:
    page = open_page(HOSTILE + name, viewport={"width": width, "height": 700}).page
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    widths = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert widths[0] <= widths[1]


def luminance(page: Any, selector: str, what: str) -> float:
    colour = page.evaluate(
        "([selector, what]) => getComputedStyle(document.querySelector(selector))[what]", [selector, what]
    )
    parts = [float(part) for part in colour.partition("(")[2].rstrip(")").replace(",", " ").split()[:3]]
    return sum(parts) / len(parts)


@pytest.mark.parametrize(("scheme", "is_dark"), [("dark", True), ("light", False)])
def test_the_theme_follows_the_system_and_the_switch(open_page: Any, scheme: str, is_dark: bool) -> None:
    page = open_page(RULE, color_scheme=scheme).page
    assert (luminance(page, "body", "backgroundColor") < 80) is is_dark
    assert (luminance(page, "body", "color") > 150) is is_dark
    page.click("button.theme")
    assert (luminance(page, "body", "backgroundColor") < 80) is not is_dark
    page.reload()
    assert (luminance(page, "body", "backgroundColor") < 80) is not is_dark


def test_pages_are_used_by_keyboard(open_page: Any) -> None:
    page = open_page(RULE).page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "search-box"
    page.keyboard.type("whoami")
    page.keyboard.press("Enter")
    assert len(titles(page)) == 3
    page.keyboard.press("ArrowDown")
    first = page.evaluate("document.activeElement.className")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    assert (first, page.evaluate("document.activeElement.id")) == ("title", "search-box")


def test_a_target_in_a_fold_is_unfolded(open_page: Any) -> None:
    page = open_page(RULE + "#line-5").page
    page.wait_for_function("document.querySelector('details.file').open")
    assert page.is_visible("#line-5")


def test_every_control_has_a_name(open_page: Any) -> None:
    page = open_page(RULE).page
    nameless = page.eval_on_selector_all(
        "a, button, input",
        "all => all.filter(one => !(one.textContent.trim() || one.ariaLabel || one.labels?.length))"
        ".map(one => one.outerHTML)",
    )
    assert nameless == []
    levels = page.eval_on_selector_all("h1, h2, h3", "all => all.map(one => Number(one.tagName[1]))")
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
