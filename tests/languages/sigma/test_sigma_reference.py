"""The reference page lists the diagnostics as the code has them."""

from __future__ import annotations

from pathlib import Path

from rulescope.languages.sigma.codes import CODES


def test_the_page_lists_every_code(project: Path) -> None:
    page = (project / "docs" / "reference" / "sigma.md").read_text(encoding="utf-8")
    listed = [line for line in page.splitlines() if line.startswith("| SIG")]
    assert listed == [f"| {code} | {meaning.replace('|', chr(92) + '|')} |" for code, meaning in CODES.items()]
