"""Mistakes as people make them: each ends in one clear message and the right exit status, in text and in JSON, and its
hint leads to what was meant."""

from __future__ import annotations

import io
import json
import re
import shlex
import sys
from pathlib import Path
from typing import Any

import pytest
from cli_mistakes import BUILD, EXPLAIN, MISTAKES, RUN, SEARCH, SHOW, SQL, STATS, Mistake

from rulescope.cli.app import run

Captured = pytest.CaptureFixture[str]

SHELL = """\
title: Shell
id: 11111111-1111-1111-1111-111111111111
logsource: {product: windows, category: process_creation}
detection:
  selection:
    Image|endswith: '\\cmd.exe'
  condition: selection
level: high
tags: [attack.t1059.003]
"""
SECOND = SHELL.replace("Shell", "Second").replace("1111-", "2222-")
EVENT = {
    "index": "main",
    "sourcetype": "WinEventLog",
    "Channel": "Microsoft-Windows-Sysmon/Operational",
    "EventID": 1,
    "Image": "C:\\Windows\\System32\\cmd.exe",
    "CommandLine": "cmd.exe /c whoami",
    "User": "ann",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What people have at hand: rules, a log, a catalogue of the rules, and other things."""
    folder = tmp_path_factory.mktemp("mistakes")
    files = {
        "rules/shell.yml": SHELL,
        "rules/search.spl": 'index=main Image="*\\cmd.exe" | stats count by User\n',
        "two.yml": f"{SHELL}---\n{SECOND}",
        "typo.spl": "Usr=ann",
        "wrong.spl": "User=* | stat count",
        "notes.docx": "x",
        "empty.jsonl": "",
        "log.jsonl": "".join(json.dumps({"_time": 1_700_000_000 + n, **EVENT}) + "\n" for n in range(3)),
    }
    (folder / "empty").mkdir()
    (folder / "rules").mkdir()
    for name, text in files.items():
        (folder / name).write_text(text)
    assert run(["build", str(folder / "rules"), "--catalog", str(folder / "rulescope.catalog")]) == 0
    return folder


@pytest.fixture
def here(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))
    return folder


def test_each_verb_has_ten_mistakes() -> None:
    assert all(len(mistakes) >= 10 for mistakes in (BUILD, SEARCH, RUN, EXPLAIN, SQL, SHOW, STATS))


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda one: one.line)
def test_a_mistake_has_one_message(here: Path, capsys: Captured, mistake: Mistake) -> None:
    assert run(shlex.split(mistake.line)) == mistake.status
    captured = capsys.readouterr()
    said = captured.out + captured.err
    assert is_alone(codes_in(said), mistake.code)
    assert mistake.said in said
    assert mistake.hint in said[said.find("hint") if mistake.hint else 0 :]
    if mistake.status:
        assert captured.err.count(mistake.code) == 1
    if mistake.status == 2:
        assert captured.out in ("", document_of(captured.out))


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda one: one.line)
def test_its_json_says_the_same(here: Path, capsys: Captured, mistake: Mistake) -> None:
    verb, *rest = shlex.split(mistake.line)
    assert run([verb, "--json", *rest]) == mistake.status
    found = told(json.loads(capsys.readouterr().out))
    assert is_alone([one["code"] for one in found], mistake.code)
    assert mistake.said in found[0]["message"]
    if "hint" in found[0]:
        assert mistake.hint in (found[0]["hint"] or "")


@pytest.mark.parametrize("mistake", [one for one in MISTAKES if one.followed], ids=lambda one: one.line)
def test_its_hint_leads_to_what_was_meant(here: Path, capsys: Captured, mistake: Mistake) -> None:
    assert run(shlex.split(mistake.followed)) == 0
    captured = capsys.readouterr()
    assert codes_in(captured.out + captured.err) == []


def is_alone(codes: list[str], code: str) -> bool:
    """Whether this is the one message. Below the doubt whether the query is in another language, the reading that was
    made of it may be told of, too."""
    return codes[0] == code if code == "RSC190" else codes == [code]


def codes_in(text: str) -> list[str]:
    """The codes of the messages in a text: those of errors and warnings, and those in the tables of a run."""
    found = re.findall(r"^ *(?:(?:error|warning)\[(\w+)\]|\d+  (\w{3}\d{3})): ", text, re.MULTILINE)
    return [one or other for one, other in found]


def document_of(text: str) -> str:
    """The text, which must be one document of JSON: a mistake may ask for it in its own words (`--format json`)."""
    assert not text or "error" in json.loads(text)
    return text


def told(document: dict[str, Any]) -> list[dict[str, Any]]:
    """What a document says went wrong."""
    if "error" in document:
        return [document["error"]]
    found = [one for one in document.get("diagnostics", []) if one["severity"] != "info"]
    found += [one for name in ("refused", "failed", "unreadable", "warnings") for one in document.get(name, [])]
    problems = document["logs"]["problems"] if not found and "logs" in document else []
    return [*found, *problems]
