"""Rules that mean harm: their texts stay texts on every page."""

from __future__ import annotations

from pathlib import Path

from site_samples import read_page

OURS = {"static/theme.js", "static/site.js", "static/search.js", "search/manifest.js"}
FORBIDDEN = {"img", "iframe", "object", "embed", "style", "marquee", "base", "u", "i", "em"}


def test_no_text_becomes_an_element(hostile_site: Path) -> None:
    for path in hostile_site.rglob("*.html"):
        for name, found in read_page(path).elements:
            if name == "script":
                source = (found["src"] or "").removeprefix("../")
                assert source in OURS or source.startswith("static/vendor/"), path
            if name in FORBIDDEN:
                assert (name, found.get("class", "").split(" ")[0]) in {("i", "dot")}, (path, name, found)
            assert not [key for key in found if key.startswith("on")], path
            address = (found.get("href") or "").strip().lower()
            assert not address.startswith(("javascript:", "data:")), path


def test_every_page_forbids_what_it_does_not_need(hostile_site: Path) -> None:
    for path in hostile_site.rglob("*.html"):
        policies = [
            found["content"] or ""
            for name, found in read_page(path).elements
            if name == "meta" and found.get("http-equiv") == "Content-Security-Policy"
        ]
        assert len(policies) == 1
        assert "default-src 'none'" in policies[0]
        assert "unsafe" not in policies[0]


def test_only_safe_references_are_links(hostile_site: Path) -> None:
    page = read_page(hostile_site / "rules" / "hostile-splunk-sysmon.html")
    outside = [
        (found["href"], found.get("rel"))
        for name, found in page.elements
        if name == "a" and (found.get("href") or "").startswith("http")
    ]
    assert outside == [("https://safe.example/page?a=1&b=2", "noopener noreferrer")]
    assert "javascript:alert(6)" in page.text


def test_hidden_characters_show(hostile_site: Path) -> None:
    text = (hostile_site / "rules" / "hostile-splunk-sysmon.html").read_text(encoding="utf-8")
    assert "\u202e" not in text
    assert "⟦U+202E⟧gnp.exe ␇⟦U+200B⟧" in text


def test_files_have_plain_names_and_stay_inside(hostile_site: Path) -> None:
    for path in hostile_site.rglob("*"):
        assert path.name.isascii()
        assert not set(path.name) & set("<>:\"'\\|?* ")
    assert not (hostile_site / "techniques" / 'T1059"><script>alert(5)<').exists()
    assert (hostile_site / "techniques" / "T1059.html").is_file()


def test_scripts_of_the_search_hold_data_only(hostile_site: Path) -> None:
    for path in (hostile_site / "search").glob("*.js"):
        text = path.read_text(encoding="utf-8")
        assert text.startswith(("rulescopeReceive('", "self.rulescopeSearch={"))
        assert text.count("\n") == 1
        body = text.partition(",'")[2].rpartition("');")[0]
        assert "'" not in body.replace("\\\\", "").replace("\\'", "")
