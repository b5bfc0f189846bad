"""What rules found on logs stands on their pages: `rulescope run --catalog`, then the site written anew."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from rulescope.cli.app import run as run_program
from site_samples import read_page

PROJECT = Path(__file__).resolve().parents[2]
RULES = str(PROJECT / "samples" / "rules")
LOGS = str(PROJECT / "samples" / "logs")


@pytest.fixture(scope="module")
def fired(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A catalogue of the samples with what they found on the samples' logs, and its site."""
    folder = tmp_path_factory.mktemp("fired")
    catalog, site = folder / "rules.catalog", folder / "site"
    assert run_program(["build", RULES, "--catalog", str(catalog), "-o", str(site)]) == 0
    before = sorted(site.glob("rules/*.html"))
    assert not any('id="found"' in path.read_text("utf-8") for path in before)
    assert run_program(["run", RULES, "--logs", LOGS, "--catalog", str(catalog)]) == 0
    assert run_program(["build", RULES, "--catalog", str(catalog), "-o", str(site)]) == 0
    return catalog, site


def page_of(site: Path, name: str) -> Path:
    (found,) = [
        path for path in site.glob("rules/*.json") if Path(json.loads(path.read_bytes())["rule"]["path"]).name == name
    ]
    return found


def test_a_page_says_how_often_its_rule_fired_and_on_what(fired: tuple[Path, Path]) -> None:
    _, site = fired
    found = page_of(site, "remote_shell_by_wmi.yml")
    document = json.loads(found.read_bytes())["fired"]
    # One row of stats, made of lines 2 and 3 (samples/README.md): the newest event first.
    assert (document["status"], document["count"], document["event_count"]) == ("run", 1, 2)
    assert document["log_events"] == 38
    assert document["logs"] == [LOGS]
    assert [event["record"] for event in document["events"]] == [3, 2]
    text = read_page(found.with_suffix(".html")).text
    assert re.search(r"Fired on these logs:\s+1\s+row, from 2 events", text)
    assert "windows.jsonl#2" in text
    assert re.search(r"Events in them\s+38", text)


def test_a_rule_that_did_not_fire_or_could_not_be_run_says_so(fired: tuple[Path, Path]) -> None:
    _, site = fired
    texts = {path.stem: read_page(path).text for path in site.glob("rules/*.html")}
    refused = page_of(site, "datasets.spl")
    assert "Could not be run: " in texts[refused.stem]
    assert json.loads(refused.read_bytes())["fired"]["status"] == "refused"
    assert sum("Did not fire on these logs." in text for text in texts.values()) == 1
    assert all("On logs" in text for text in texts.values())


def test_show_says_it_too(fired: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    catalog, _ = fired
    assert run_program(["show", "rules/detections/encoded_powershell.yml", "--catalog", str(catalog)]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert re.search(r"On logs fired on \S+ \(38 events\), \S+: 1 row from 1 event\b", shown)


def test_pages_of_a_catalogue_whose_rules_were_not_run_say_nothing(sample_site: Path) -> None:
    for path in sample_site.glob("rules/*.json"):
        assert "fired" not in json.loads(path.read_bytes())
        assert 'id="found"' not in path.with_suffix(".html").read_text("utf-8")
