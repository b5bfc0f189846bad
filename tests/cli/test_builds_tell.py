"""`build` and `stats` tell what was passed over as `run` does: in text and in JSON, in every build."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rulescope.cli.app import run as run_program

Captured = pytest.CaptureFixture[str]

SOUND = "title: A\nlogsource: {product: windows}\ndetection: {s: {Image: x}, condition: s}\n"


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a narrow terminal, which pytest-xdist pretends to have, lines are cut."""
    monkeypatch.setenv("COLUMNS", "400")


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """A folder with a rule, a document that is broken, a doubtful .conf file, a link, and a file without a rule."""
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "a.yml").write_text(f"{SOUND}---\ntitle: {{\n")
    (folder / "savedsearches.conf").write_text("[one]\nsearch = x=1\nsearch = x=2\n[two\nsearch = x=2\n")
    (folder / "out.txt").symlink_to("/etc/passwd")
    (folder / "README.md").write_text("# text\n")
    (tmp_path / "log.jsonl").write_text('{"_time": 1, "x": "1"}\n')
    return folder


def document(capsys: Captured, *arguments: str) -> dict[str, Any]:
    assert run_program([*arguments, "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_build_and_stats_tell_the_same_in_json(rules: Path, tmp_path: Path, capsys: Captured) -> None:
    catalog = str(tmp_path / "c")
    first = document(capsys, "build", str(rules), "--catalog", catalog)
    assert [(one["rule"], one["code"], one["line"]) for one in first["unreadable"]] == [
        ("rules/a.yml#line 6", "RUL003", 6)
    ]
    assert first["not_opened"] == [
        {
            "file": "rules/out.txt",
            "code": "RUL005",
            "severity": "warning",
            "message": "a symbolic link out of the tree; it was not followed",
            "line": None,
            "column": None,
            "hint": None,
        }
    ]
    noted = [(one["code"], one["severity"], one["count"], one["example"]["line"]) for one in first["file_notes"]]
    assert noted == [("RUL008", "warning", 1, 3), ("RUL011", "warning", 1, 4)]
    assert first["other_files"] == {".md": 1}
    assert document(capsys, "build", str(rules), "--catalog", catalog) == first
    assert document(capsys, "stats", "--catalog", catalog) == first


def test_a_run_tells_the_same(rules: Path, tmp_path: Path, capsys: Captured) -> None:
    built = document(capsys, "build", str(rules), "--catalog", str(tmp_path / "c"))
    ran = document(capsys, "run", str(rules), "--logs", str(tmp_path / "log.jsonl"))
    for key in ("unreadable", "not_opened", "other_files"):
        assert ran[key] == built[key]
    assert {"RUL008", "RUL011"} <= {one["code"] for one in ran["warnings"]}


def test_the_text_tells_it_in_every_build(rules: Path, tmp_path: Path, capsys: Captured) -> None:
    for verb in (["build", str(rules)], ["build", str(rules)], ["stats"]):
        assert run_program([*verb, "--catalog", str(tmp_path / "c")]) == 0
        text = capsys.readouterr().out
        for line in (
            "    1  RUL003: rules/a.yml#line 6: broken YAML: ",
            "    1  RUL005: rules/out.txt: a symbolic link out of the tree; it was not followed\n",
            "     1  RUL008: rules/savedsearches.conf, line 3: 'search' stands twice in its stanza; the last counts\n",
            "     1  RUL011: rules/savedsearches.conf, line 4: a stanza without its closing bracket\n",
            "\nbeside the rules there are files that hold none: 1 .md\n",
        ):
            assert line in text


def test_of_many_some_are_shown_and_the_rest_counted(tmp_path: Path, capsys: Captured) -> None:
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "a.yml").write_text(SOUND)
    for number in range(12):
        (folder / f"empty{number:02}.spl").write_text("")
    assert run_program(["build", str(folder), "--catalog", str(tmp_path / "c"), "--strict"]) == 1
    captured = capsys.readouterr()
    assert "rules/empty09.spl: the file holds no query\n… and 2 more; --json lists all\n" in captured.out
    assert captured.err.endswith("strict: unreadable rules and rule files: 12, rules with an error: 12\n")
    assert len(document(capsys, "stats", "--catalog", str(tmp_path / "c"))["unreadable"]) == 12


def test_a_macro_that_is_lost_is_an_error_beside_the_rules(tmp_path: Path, capsys: Captured) -> None:
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "a.yml").write_text(SOUND)
    (folder / "macros.jsonl").write_text('{"name": "m", "definition": "x=1"}\n{"name": "n", "definition": 1}\n')
    (tmp_path / "log.jsonl").write_text('{"_time": 1, "Image": "x"}\n')
    message = "a macro needs a name, and a definition that is text"
    for arguments in (
        ["build", str(folder), "--catalog", str(tmp_path / "c")],
        ["run", str(folder), "--logs", str(tmp_path / "log.jsonl")],
    ):
        assert run_program([*arguments, "--strict"]) == 1
        captured = capsys.readouterr()
        assert captured.err.endswith("strict: errors beside the rules: 1\n")
        assert f"1  RUL012: rules/macros.jsonl, line 2: {message}\n" in captured.out


def test_strict_agrees_with_what_is_told(rules: Path, tmp_path: Path, capsys: Captured) -> None:
    (rules / "a.yml").write_text(SOUND)
    build = ["build", str(rules), "--catalog", str(tmp_path / "c")]
    assert run_program([*build, "--strict"]) == 0
    capsys.readouterr()
    assert run_program([*build, "--strict=all"]) == 1
    said = "strict: rules with a warning: 1, links and other things not opened: 1, warnings of files: 2\n"
    assert capsys.readouterr().err.endswith(said)
