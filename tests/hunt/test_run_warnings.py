"""What may be missing from a rule's result is said with its outcome, in the JSON and on the terminal."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from rulescope.cli.app import run as run_program

EXPLODING = "^(a+)+$(?!z)"
RULES = {
    "exploding.spl": f'x=* | where match(x, "{EXPLODING}") | table x',
    "late.spl": "x=* earliest=-24h | table x",
    "later.spl": "x=* earliest=-24h | stats count BY x",
    "many.spl": "x=* | append maxout=1 [search x=* | fields x] | table x",
    "plain.spl": "x=* | table x",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "rules").mkdir()
    for name, text in RULES.items():
        (tmp_path / "rules" / name).write_text(text)
    time = datetime(2021, 3, 3, 12, tzinfo=UTC).timestamp()
    lines = [{"_time": time, "x": "a" * 40 + "b"}, {"_time": time, "x": "aaa"}]
    (tmp_path / "logs.jsonl").write_text("\n".join(map(json.dumps, lines)))
    return tmp_path


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_warnings_are_in_the_document(folder: Path, capsys: pytest.CaptureFixture[str], jobs: str) -> None:
    arguments = ["run", str(folder / "rules"), "--logs", str(folder / "logs.jsonl"), "--json", "--jobs", jobs]
    assert run_program(arguments) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["rules"] == {"run": 5, "refused": 0, "failed": 0, "unreadable": 0, "no_log": 0}
    found = {(Path(rule).name, one["code"]) for one in document["warnings"] for rule in one["rules"]}
    assert found == {
        ("exploding.spl", "RUN109"),
        ("late.spl", "RUN110"),
        ("later.spl", "RUN110"),
        ("many.spl", "RUN102"),
    }
    counts = {Path(hit["rule"]).name: hit["count"] for hit in document["hits"]}
    assert counts == {"exploding.spl": 1, "many.spl": 3, "plain.spl": 2}


def test_warnings_are_counted_on_the_terminal(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "400")
    assert run_program(["run", str(folder / "rules"), "--logs", str(folder / "logs.jsonl")]) == 0
    shown = capsys.readouterr().out
    late, hint = [line for line in shown.splitlines() if "RUN110" in line]
    assert late.split()[0] == "2"
    assert hint.startswith("hint[RUN110]: ")
    assert "--now 2021-03-03T12:00:01" in hint
    assert EXPLODING in shown
    assert "1 value" in shown
