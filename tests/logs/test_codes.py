"""The codes of what loads say are all told in the guide, and no others."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_guide_lists_every_code() -> None:
    sources = (path.read_text("utf-8") for path in (ROOT / "src/rulescope").rglob("*.py"))
    used = {code for text in sources for code in re.findall(r'"(LOG\d{3})"', text)}
    rows = re.findall(r"(?m)^\| (LOG\d{3}) \|", (ROOT / "docs/guide/logs.md").read_text("utf-8"))
    assert rows == sorted(used)
