"""A rule that a misspelt level or tag keeps from being chosen is told, and hidden folders are."""

from __future__ import annotations

from pathlib import Path

import pytest

from rulescope.api.run import RunReport, run
from rulescope.api.selection import Selection
from rulescope.corpus import read_corpus
from rulescope.hunt.settings import Settings

RULE = "title: {0}\nlogsource: {{product: windows}}\ndetection: {{s: {{a: b}}, condition: s}}\n"


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    folder = tmp_path / "rules"
    (folder / ".hid").mkdir(parents=True)
    (folder / ".git").mkdir()
    (folder / ".hid" / "x.yml").write_text(RULE.format("x"))
    (folder / "high.yml").write_text(RULE.format("high") + "level: high\ntags: [attack.t1059.001, cve.2021.4428]\n")
    (folder / "hihg.yml").write_text(RULE.format("hihg") + "level: hihg\n")
    (folder / "none.yml").write_text(RULE.format("none"))
    (folder / "tag.yml").write_text(RULE.format("tag") + "level: low\ntags: [atack.t1059, attack.t1059.1, t1003]\n")
    (tmp_path / "log.jsonl").write_text('{"a": "b"}\n')
    return folder


def report(rules: Path, selection: Selection) -> RunReport:
    return run([rules], [rules.parent / "log.jsonl"], Settings(now="0"), selection=selection, jobs=1)


def test_what_a_choice_by_severity_can_not_tell_is_counted(rules: Path) -> None:
    found = report(rules, Selection(severities=("high",)))
    assert [one.path for one in found.rules] == ["rules/high.yml"]
    told = [(one.rules, one.severity, one.message) for one in found.file_warnings if one.code == "RUL028"]
    assert told == [
        (("rules/hihg.yml",), "warning", "rules/hihg.yml, line 4: Sigma has no level 'hihg'"),
        (("rules/hihg.yml",), "warning", "1 rule not chosen by severity: their severity is none that is known"),
        (("rules/none.yml",), "info", "1 rule not chosen by severity: they say no severity"),
    ]
    assert found.file_warnings[0].hint == "did you mean 'high'?"


def test_tags_that_look_like_techniques_are_told(rules: Path) -> None:
    found = report(rules, Selection(techniques=("T1059",)))
    assert [one.path for one in found.rules] == ["rules/high.yml"]
    assert [one.hint for one in found.file_warnings if one.code == "RUL029"] == [
        "did you mean 'attack.t1059'?",
        "did you mean 'attack.t1059.001'?",
        "did you mean 'attack.t1003'?",
    ]
    assert all(one.code != "RUL028" or "level" in one.message for one in found.file_warnings)


def test_hidden_folders_are_told(rules: Path, tmp_path: Path) -> None:
    found = report(rules, Selection())
    assert [(one.path, one.code, one.severity) for one in found.not_opened] == [("rules/.hid", "RUL026", "info")]
    # Also where each folder is a repository of its own.
    (rules / "LICENSE").write_text("x")
    (tmp_path / ".other").mkdir()
    told = {one.path for one in read_corpus([tmp_path]).passed_over if one.code == "RUL026"}
    assert len(told) == 2
    assert [rule.info.title for rule in read_corpus([rules / ".hid"]).rules] == ["x"]
