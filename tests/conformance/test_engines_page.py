"""The page on engines and databases says what their tables of support say."""

from __future__ import annotations

from engines_page import PAGE, render_page


def test_page_is_fresh() -> None:
    assert PAGE.read_text(encoding="utf-8") == render_page(), "run: python tests/conformance/engines_page.py"


def test_the_page_tells_what_is_lowered_and_what_is_not_run() -> None:
    page = render_page()
    assert "| tests for the end of a text | lowered | lowered |  |" in page
    assert "| QUALIFY | unsupported |" in page
    assert "`fit`" in page and "### kusto" in page
