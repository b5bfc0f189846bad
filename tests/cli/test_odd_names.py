"""Files whose names are no text, and folders in folders in folders: read, or named, by every verb."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from rulescope.cli.app import run

Captured = pytest.CaptureFixture[str]

NAME = os.fsdecode(b"\xff\xfe")
SHOWN = "\ufffd\ufffd"
DEPTH = 1500


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("rules").mkdir()
    try:
        Path(f"rules/{NAME}.spl").write_text("a=1")
    except OSError:
        pytest.skip("this system takes no names that are no text")
    Path(f"rules/{NAME}.yml").write_text("title: {")
    Path(f"{NAME}.jsonl").write_text('{"_time": 1, "a": "1"}\n')
    return tmp_path


def document(capsys: Captured, *arguments: str, status: int = 0) -> dict[str, object]:
    assert run([*arguments, "--json"]) == status
    captured = capsys.readouterr()
    assert "Traceback" not in captured.err
    found: dict[str, object] = json.loads(captured.out)
    return found


def test_rules_and_logs_are_read_whatever_their_names(here: Path, capsys: Captured) -> None:
    found = document(capsys, "run", "rules", "--logs", f"{NAME}.jsonl")
    assert found["rules"] == {"run": 1, "refused": 0, "failed": 0, "unreadable": 1, "no_log": 0}
    (hit,) = found["hits"]
    assert (hit["rule"], hit["title"]) == (f"rules/{SHOWN}.spl", SHOWN)
    assert hit["events"] == [{"file": "\\xff\\xfe.jsonl", "record": 1}]
    assert [one["rule"] for one in found["unreadable"]] == [f"rules/{SHOWN}.yml"]


def test_one_rule_of_such_a_name_is_found(here: Path, capsys: Captured) -> None:
    rule, log = f"rules/{NAME}.spl", f"{NAME}.jsonl"
    assert document(capsys, "explain", rule)["rule"]["path"] == f"rules/{SHOWN}.spl"
    assert len(document(capsys, "search", rule, log)["rows"]) == 1
    assert document(capsys, "search", rule, log, "--event", f"{NAME}.jsonl#1")["event"]["outcome"] == "kept"
    assert document(capsys, "sql", rule)["rule"] == f"rules/{SHOWN}.spl"


def test_a_catalogue_keeps_such_names(here: Path, capsys: Captured) -> None:
    assert document(capsys, "build", "rules", "--catalog", NAME, "-o", "site")["rules"] == 2
    assert document(capsys, "stats", "--catalog", NAME)["rules"] == 2
    assert document(capsys, "show", f"rules/{NAME}.spl", "--catalog", NAME)["rule"]["title"] == SHOWN


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["build", f"{NAME}.x"], "RSC140"),
        (["run", f"{NAME}.x", "--logs", "rules"], "RSC140"),
        (["run", "rules", "--logs", f"{NAME}.x"], "LOG001"),
        (["search", "a=1", f"{NAME}.x"], "LOG001"),
        (["search", f"rules/x{NAME}.spl", "rules"], "RSC140"),
        (["search", "a=1", f"{NAME}.jsonl", "--event", f"x{NAME}#1"], "RSC140"),
        (["search", "a=1", f"{NAME}.jsonl", "-o", f"x{NAME}/o"], "RSC160"),
        (["search", "a=1", f"{NAME}.jsonl", "--now", NAME], "RSC150"),
        (["explain", f"x{NAME}.spl"], "RSC140"),
        (["sql", "a=1", "--dialect", NAME], "RSC101"),
        (["show", NAME, "--catalog", f"x{NAME}"], "RSC140"),
        (["stats", "--catalog", f"x{NAME}"], "RSC140"),
        ([NAME], "RSC180"),
    ],
    ids=lambda one: " ".join(one).encode("ascii", "replace").decode() if isinstance(one, list) else one,
)
def test_what_is_not_there_is_named(here: Path, capsys: Captured, arguments: list[str], code: str) -> None:
    status = 2 if code in ("RSC150", "RSC101", "RSC180") else 1
    error = document(capsys, *arguments, status=status)["error"]
    assert error["code"] == code
    assert SHOWN in error["message"] or "\\xff\\xfe" in error["message"]


def test_a_query_of_bytes_that_are_no_text_is_read(here: Path, capsys: Captured) -> None:
    assert document(capsys, "search", f"a={NAME}", f"{NAME}.jsonl")["rows"] == []
    assert document(capsys, "search", f"a=1 OR b={NAME}", f"{NAME}.jsonl")["rows"] != []
    assert document(capsys, "explain", f"a={NAME}")["indicators"][0]["value"] == SHOWN


@pytest.fixture
def deep(tmp_path: Path) -> Iterator[Path]:
    """A rule below 1,500 folders."""
    top = tmp_path / "deep"
    top.mkdir()
    (top / "a.spl").write_text("a=1")
    before = Path.cwd()
    os.chdir(top)
    for _ in range(DEPTH):
        Path("d").mkdir()
        os.chdir("d")
    Path("b.spl").write_text("a=2")
    os.chdir(before)
    yield top
    # It is deeper than Python recurses, so pytest can't remove it.
    subprocess.run(["rm", "-rf", top], check=True)


def test_rules_below_many_folders_are_read(deep: Path, tmp_path: Path, capsys: Captured) -> None:
    log = tmp_path / "log.jsonl"
    log.write_text('{"_time": 1, "a": "2"}\n')
    found = document(capsys, "run", str(deep), "--logs", str(log))
    assert found["rules"] == {"run": 2, "refused": 0, "failed": 0, "unreadable": 0, "no_log": 0}
    assert len(found["hits"]) == 1
    assert document(capsys, "build", str(deep), "--catalog", str(tmp_path / "c"))["rules"] == 2
    # Looking for what was meant goes down there, too.
    assert document(capsys, "explain", str(deep / "nosuch.yml"), status=1)["error"]["code"] == "RSC140"
    assert "b.spl" in str(document(capsys, "build", str(deep / "b.spl"), status=1)["error"])
