"""What is written to files: whole or not at all, and nothing that a spreadsheet runs."""

from __future__ import annotations

import csv
import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from rulescope.cli.app import run as run_program

EVENTS = [
    {"_time": 1, "a": "=cmd|' /C calc'!A0", "b": "-5", "c": "plain"},
    {"_time": 2, "a": "@SUM(1)", "b": "-enc AAA", "c": "+1.5e3"},
    {"_time": 3, "a": "\tx", "b": "  =1+1", "c": "a=b"},
]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "log.jsonl"
    path.write_text("".join(json.dumps(event) + "\n" for event in EVENTS))
    return path


def cells(path: Path) -> list[list[str]]:
    with path.open(newline="") as file:
        return list(csv.reader(file))


def test_cells_that_spreadsheets_run_are_texts(log: Path, tmp_path: Path) -> None:
    out = tmp_path / "rows.csv"
    search = 'a=* | eval n=0-5 | rename c AS "=c" | table a b "=c" n'
    assert run_program(["search", search, str(log), "-o", str(out)]) == 0
    head, *rows = cells(out)
    assert head == ["a", "b", "'=c", "n"]
    # Numbers stay numbers, computed or out of a log.
    assert sorted(rows) == sorted(
        [
            ["'=cmd|' /C calc'!A0", "-5", "plain", "-5"],
            ["'@SUM(1)", "'-enc AAA", "+1.5e3", "-5"],
            ["'\tx", "'  =1+1", "a=b", "-5"],
        ]
    )
    assert run_program(["search", search, str(log), "-o", str(out), "--csv-raw"]) == 0
    assert ["@SUM(1)", "-enc AAA", "+1.5e3", "-5"] in cells(out)


def test_hits_in_csv_are_texts(log: Path, tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "a.yml").write_text(
        "title: '=1+1'\nlogsource: {product: windows, category: process_creation}\n"
        "detection: {s: {c: plain}, condition: s}\n"
    )
    out = tmp_path / "hits.csv"
    assert run_program(["run", str(rules), "--logs", str(log), "-o", str(out)]) == 0
    head, row = cells(out)
    assert row[head.index("title")] == "'=1+1"


def test_a_file_that_can_not_be_written_is_named(log: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "nowhere" / "rows.csv"
    assert run_program(["search", "a=*", str(log), "-o", str(out)]) == 1
    assert f"error[RSC160]: {out} can't be written: No such file or directory" in capsys.readouterr().err


def test_where_the_disk_is_full_the_old_file_stays(log: Path, tmp_path: Path) -> None:
    out = tmp_path / "rows.csv"
    out.write_text("old\n")
    lines = "".join(json.dumps({"_time": 1, "a": "x" * 1000}) + "\n" for _ in range(3000))
    log.write_text(lines)

    def little_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))

    done = subprocess.run(
        [sys.executable, "-m", "rulescope.cli", "search", "a=* | table a", str(log), "-o", str(out)],
        capture_output=True,
        encoding="utf-8",
        check=False,
        preexec_fn=little_room,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert done.returncode == 1
    assert "error[RSC160]" in done.stderr
    assert "Traceback" not in done.stderr
    assert out.read_text() == "old\n"
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
