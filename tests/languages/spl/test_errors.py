"""Golden files of typical mistakes: errors/<name>.txt holds a search, a line `---`, and what a person is shown for it.

To write the files anew: RULESCOPE_UPDATE_GOLDENS=1 pytest tests/languages/spl/test_errors.py, then read every change.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from rulescope.languages.spl import codes
from rulescope.languages.spl.query import parse_search
from rulescope.text import Source, render_diagnostic

FOLDER = Path(__file__).parent / "errors"
UPDATE = os.environ.get("RULESCOPE_UPDATE_GOLDENS") == "1"
RULE = "\n---\n"


def shown(search: str) -> str:
    source = Source(search, "search.spl")
    parsed = parse_search(source)
    texts = [render_diagnostic(found, source) for found in parsed.diagnostics]
    return "\n\n".join([*texts, f"status: {parsed.status}"]) + "\n"


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.txt")), ids=lambda path: path.stem)
def test_mistake_is_explained(path: Path) -> None:
    search, _, expected = path.read_text("utf-8").partition(RULE)
    found = shown(search)
    if UPDATE:
        path.write_text(f"{search}{RULE}{found}", "utf-8")
        return
    assert found == expected


def test_there_are_enough_cases() -> None:
    assert len(list(FOLDER.glob("*.txt"))) >= 45


def test_every_mistake_has_a_place_within_the_search() -> None:
    for path in FOLDER.glob("*.txt"):
        search = path.read_text("utf-8").partition(RULE)[0]
        for found in parse_search(search).diagnostics:
            assert 0 <= found.span.start <= found.span.end <= len(search), path.stem
            assert found.span != (0, 0), f"{path.stem}: {found.message}"


def test_every_code_is_in_the_table() -> None:
    used = set()
    for path in Path(codes.__file__).parent.rglob("*.py"):
        if path.name != "codes.py":
            used |= set(re.findall(r"SPL\d{3}", path.read_text("utf-8")))
    assert used == set(codes.CODES)


def test_the_page_of_codes_is_up_to_date(project: Path) -> None:
    page = project / "docs" / "reference" / "spl" / "errors.md"
    if UPDATE:
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(codes.render_page(), "utf-8")
    assert page.read_text("utf-8") == codes.render_page()


@pytest.mark.parametrize("code", sorted(codes.CODES))
def test_example_of_a_code_gives_that_code(code: str) -> None:
    example = codes.CODES[code].example
    if example is not None:
        assert code in {found.code for found in parse_search(example).diagnostics}
