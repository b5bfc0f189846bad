"""The site over our samples: every link leads somewhere, every page is also JSON, and a rule's page says it all."""

from __future__ import annotations

import json
import re
from pathlib import Path

from sample_rules import write_repository
from site_samples import broken_links, build_site, read_page

CONTRACT_KEYS = {
    "rule", "parse", "diagnostics", "events", "stages", "indicators", "exclusions", "thresholds", "search_terms",
    "variants", "neighbours",
}  # fmt: skip


def test_every_link_and_anchor_is_there(sample_site: Path, hostile_site: Path) -> None:
    assert broken_links(sample_site) == []
    assert broken_links(hostile_site) == []


def test_pages_are_well_made(sample_site: Path) -> None:
    for path in sample_site.rglob("*.html"):
        page = read_page(path)
        names = [name for name, _ in page.elements]
        assert names.count("h1") == 1, path
        assert names.count("main") == 1, path
        assert len(page.ids) == len(set(page.ids)), path
        assert not [found for _, found in page.elements if "style" in found], path
        for name, found in page.elements:
            if name in ("script", "link", "img"):
                source = found.get("src") or found.get("href") or ""
                assert not source.startswith(("http:", "https:", "//")), path
            if name == "script":
                assert found.get("src"), path


def test_every_page_is_also_json(sample_site: Path) -> None:
    for path in sample_site.rglob("*.html"):
        if path.name != "search.html":
            json.loads(path.with_suffix(".json").read_bytes())


def test_a_rules_json_has_the_contracts_shape(sample_site: Path) -> None:
    for path in sample_site.glob("rules/*.json"):
        document = json.loads(path.read_bytes())
        assert document.keys() >= CONTRACT_KEYS
        assert document["slug"] == path.stem


def test_the_start_page_counts_all(hostile_site: Path) -> None:
    overview = json.loads((hostile_site / "index.json").read_bytes())
    counts = overview["counts"]
    total = counts["full"] + counts["partial"] + counts["failed"]
    assert total == 7 == len(list(hostile_site.glob("rules/*.html")))
    assert overview["unread_languages"] == ["sumo"]
    text = read_page(hostile_site / "index.html").text
    assert "7 detection rules" in text
    assert re.search(r"language not yet read\s+1\b", text)


def test_a_rule_page_says_what_the_rule_looks_for(hostile_site: Path) -> None:
    page = read_page(hostile_site / "rules" / "whoami-splunk-sysmon.html")
    text = page.text
    for expected in (
        "Account discovery by whoami (Sysmon)",
        "Somebody asks who they are.",
        "100.1",
        "MIT",
        "T1033",
        "Discovery",
        "get_data",
        "index=windows",
        "whoami",
        "SYSTEM",
        r"(?i)cmd\.exe",
    ):
        assert expected in text
    assert "https://attack.mitre.org/techniques/T1033/" in page.links
    assert {"stage-1", "stage-4", "query-1", "query-4", "indicator-1", "exclusion-1", "threshold-1"} <= set(page.ids)
    assert "at-indicator-1" in page.ids
    assert "#indicator-1" in page.links
    assert "#at-indicator-1" in page.links
    joints = [found.get("class") for _, found in page.elements if (found.get("class") or "").startswith("joint")]
    assert joints == ["joint and", "joint not"]


def test_a_value_that_rules_share_leads_to_the_others(hostile_site: Path) -> None:
    page = read_page(hostile_site / "rules" / "whoami-splunk-sysmon.html")
    shared = [link for link in page.links if link.startswith("../fields/") and "#value-" in link]
    assert len(shared) == 1
    name, _, anchor = shared[0].removeprefix("../").partition("#")
    field = read_page(hostile_site / name)
    assert anchor in field.ids
    assert "../rules/net-splunk-sysmon.html" in field.links


def test_diagnostics_stand_at_their_place(hostile_site: Path) -> None:
    path = hostile_site / "rules" / "partial-splunk-sysmon.html"
    page = read_page(path)
    assert "partly understood" in page.text
    assert "#stage-2" in page.links
    assert '<mark class="wrong">stat</mark>' in path.read_text(encoding="utf-8")
    assert "^^^^" in page.text
    assert "partial-splunk-sysmon.html" in "".join(read_page(hostile_site / "problems.html").links)


def test_what_was_passed_over_is_on_the_page_of_problems(tmp_path: Path) -> None:
    text = "<script>alert</script>"
    files = {
        "a.yml": "title: A\nlogsource: {product: windows}\ndetection: {s: {Image: x}, condition: s}\n---\ntitle: {\n",
        "savedsearches.conf": f"[one]\nsearch = x=1\n[{text}\nsearch = x=2\n[three]\n{text} = 1\n{text} = 1\n",
        "notes.txt": "text",
    }
    folder = write_repository(tmp_path / "rules", files)
    (folder / "out.txt").symlink_to("/etc/passwd")
    site = build_site(tmp_path, [folder])
    page = read_page(site / "problems.html")
    for part in (
        "Could not be read 2 Code Rule or file Why RUL003 rules/a.yml#line 6 line 6 broken YAML: ",
        "RUL004 rules/savedsearches.conf#three the saved search 'three' has no query",
        "Not opened 1 Code File Why RUL005 rules/out.txt a symbolic link out of the tree; it was not followed",
        "RUL011 a stanza without its closing bracket rules/savedsearches.conf, line 3 1",
        "Beside the rules there are files that hold none: 1 .txt, 1 LICENSE.",
    ):
        assert part in page.text
    assert f"'{text}' stands twice in its stanza" in page.text
    assert "<script>alert" not in (site / "problems.html").read_text(encoding="utf-8")
    (broken,) = {link for link in page.links if link.startswith("rules/") and "line-6" in link}
    assert "broken YAML" in read_page(site / broken).text
    assert "problems.html#passed-over" in read_page(site / "index.html").links
    assert broken_links(site) == []
    data = json.loads((site / "problems.json").read_text(encoding="utf-8"))
    assert [one["fact"]["code"] for one in data["passed_over"]["unreadable"]] == ["RUL003", "RUL004"]


def test_the_file_is_shown_line_by_line(hostile_site: Path) -> None:
    path = hostile_site / "rules" / "whoami-splunk-sysmon.html"
    page = read_page(path)
    source = (hostile_site.parent / "shop" / "detections" / "whoami-splunk-sysmon.yml").read_text(encoding="utf-8")
    lines = [name for name in page.ids if re.fullmatch(r"line-\d+", name)]
    assert len(lines) == len(source.splitlines())
    shown = path.read_text(encoding="utf-8").partition('<pre class="lines"')[2].partition(">")[2].partition("</pre>")[0]
    assert read_text(shown) == source


def read_text(html: str) -> str:
    from html import unescape

    return unescape(re.sub(r"<[^>]*>", "", html))
