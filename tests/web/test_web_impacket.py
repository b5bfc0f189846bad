"""The page that the project set out to surpass, from the real rule: nothing that it showed is missing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from site_samples import Page, build_site, read_page

RULE = "rules/impacket_lateral_movement_activity-splunk-sysmon.html"


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory, shared: Path) -> Page:
    source = shared / "rules/armory/detections/endpoint/impacket_lateral_movement_activity"
    return read_page(build_site(tmp_path_factory.mktemp("impacket"), [source]) / RULE)


@pytest.fixture(scope="module")
def seed(shared: Path) -> str:
    return (shared / "seed/impacket_page.txt").read_text(encoding="utf-8")


@pytest.mark.corpus
def test_title_description_techniques_and_references(page: Page, seed: str) -> None:
    assert "Impacket Lateral Movement Activity (Sysmon)" in page.text
    assert "wmiexec, smbexec, and dcomexec are specific tools within the Impacket suite" in page.text
    assert "T1021.002 Remote Services: SMB/Windows Admin Shares" in page.text
    assert "T1210 Exploitation of Remote Services" in page.text
    references = re.findall(r"^- (https://\S+)$", seed, re.MULTILINE)
    assert len(references) == 4
    assert set(references) <= set(page.links)


@pytest.mark.corpus
def test_events_stages_and_terms(page: Page, seed: str) -> None:
    assert "Sysmon 1 Process creation" in page.text
    for kind in ("search", "where", "table", "bucket", "stats"):
        assert re.search(rf"\b\d {kind} (filter|shape|group)\b", page.text)
    terms = re.findall(r"^\| 1 \| (.*) \|$", seed, re.MULTILINE)
    assert len(terms) == 18
    for term in set(terms) - {"TERM"}:
        assert term.strip('"').replace("\\\\", "\\") in page.text
    assert "EventCode=1 ↑ TERM 1 1 of 2" in page.text
    assert "&amp;1 ↑ 1 2 of 2" in page.text


@pytest.mark.corpus
def test_indicators_have_the_values_that_the_old_page_had_lost(page: Page) -> None:
    for row in (
        "EventCode event_id eq 1 ↑ 1 1 of 2",
        r"parent_process_name match (?i)(wmiprvse|mmc|explorer|services)\.exe ↑ 2 1 of 2",
        r"process process_command_line match (?i)cmd\.exe\s\/Q\s\/c\s ↑ 2 1 of 2",
        r"parent_process parent_process_command_line match (?i)svchost\.exe\s-k\snetsvcs.+taskeng\.exe ↑ 2 2 of 2",
        r"process process_command_line match (?i)cmd\.exe\s\/c\s.+Windows\x5cTemp\x5c ↑ 2 2 of 2",
    ):
        assert row in page.text
