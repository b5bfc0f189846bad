"""Sites that tests look at: over the project's own samples, and over rules that mean harm."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from rulescope.catalog.build import build_catalog
from rulescope.web import export_site
from sample_rules import FILES, MACRO, write_repository

ATTACK = "<script>alert('title')</script><img src=x onerror=alert(1)>"

HOSTILE = f"""\
id: '666'
title: "{ATTACK} \\u202Egnp.exe \\a\\u200b"
description: "</p></script><script>alert('description')</script> <style>*{{display:none}}</style>"
author: '"><script>alert(1)</script>'
logic_format: Splunk
logic: 'index=x process="</script><script>alert(2)</script>" user="a\\"onmouseover=\\"alert(3)" cmd="{"A" * 5000}"
  NOT path="<b>bold</b>" | eval x="<i>y</i>" | nosuchcommand <u>z</u> | stats count by "<em>"'
techniques:
- execution:<script>alert(4)</script>
technique_id:
- 'T1059"><script>alert(5)</script>'
- T1059
data_category:
- <marquee>
references:
- javascript:alert(6)
- data:text/html,<script>alert(7)</script>
- https://safe.example/page?a=1&b=2
- https://unsafe.example/"onmouseover="alert(8)
- https://user:word@trick.example/
- <a href="https://unsafe.example">text</a>
"""

SAME_NAME = "id: '667'\ntitle: '../../../etc/passwd'\nlogic_format: Splunk\nlogic: 'index=x process=\"*whoami*\"'\n"

HOSTILE_FILES = {
    **FILES,
    "detections/hostile-splunk-sysmon.yml": HOSTILE,
    "detections/<script>alert(9)<script>-splunk-sysmon.yml": SAME_NAME,
    "app/default/macros.conf": MACRO,
}


def build_site(folder: Path, sources: list[Path], name: str = "site") -> Path:
    """The site over these rules, in `folder`."""
    build_catalog(sources, folder / "rules.catalog", processes=1)
    export_site(folder / "rules.catalog", folder / name, processes=1)
    return folder / name


def build_hostile_site(folder: Path) -> Path:
    """The site over `HOSTILE_FILES`."""
    return build_site(folder, [write_repository(folder / "shop", HOSTILE_FILES)])


class Page(HTMLParser):
    """What a page of HTML holds: its elements with their attributes, identifiers, links and text."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)
        self.ids = [attributes["id"] for _, attributes in self.elements if attributes.get("id")]
        self.links = [attributes["href"] or "" for name, attributes in self.elements if name == "a"]
        self.text = " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def read_page(path: Path) -> Page:
    """The page at `path`."""
    return Page(path.read_text(encoding="utf-8"))


def broken_links(site: Path) -> list[str]:
    """Every link or source of every page that leads to no file, or to no anchor in it."""
    pages = {path.resolve(): read_page(path) for path in site.rglob("*.html")}
    broken: list[str] = []
    for path, page in pages.items():
        sources = [value for _, found in page.elements for key in ("href", "src") if (value := found.get(key))]
        for address in sources:
            parts = urlsplit(address)
            if parts.scheme:
                if not re.fullmatch(r"https?", parts.scheme):
                    broken.append(f"{path.name}: {address}")
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path.resolve()
            is_there = target.is_file() and site.resolve() in target.parents
            if not is_there or (parts.fragment and target in pages and parts.fragment not in pages[target].ids):
                broken.append(f"{path.name}: {address}")
    return broken
