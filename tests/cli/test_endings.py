"""How the program ends: by signals in one line, by bounds with a named error, with nothing left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rulescope.cli.app import run as run_program

# Some hundred million rows of a product, in memory that is bounded: far longer than any of these tests waits.
ENDLESS = (
    "a=* | eval b=mvrange(0, 100000) | mvexpand b limit=0 | eval c=mvrange(0, 100000) | mvexpand c limit=0 "
    "| stats dc(c) BY b"
)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "log.jsonl"
    path.write_text("".join(json.dumps({"_time": 1, "a": str(number)}) + "\n" for number in range(50)))
    return path


def start(tmp_path: Path, *arguments: str) -> subprocess.Popen[str]:
    temporary = tmp_path / "temporary"
    temporary.mkdir(exist_ok=True)
    return subprocess.Popen(
        [sys.executable, "-m", "rulescope.cli", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env={**os.environ, "TMPDIR": str(temporary)},
        start_new_session=True,
    )


def wait_for(folder: Path, program: subprocess.Popen[str]) -> None:
    """Until the program has made its first temporary folder, which is when it opens its database."""
    for _ in range(600):
        if any(folder.iterdir()):
            return
        assert program.poll() is None
        time.sleep(0.05)
    pytest.fail("the program made no temporary folder")


@pytest.mark.parametrize(
    ("number", "status", "said"), [(signal.SIGINT, 130, "interrupted\n"), (signal.SIGTERM, 143, "terminated\n")]
)
def test_a_signal_ends_the_program_in_one_line(log: Path, tmp_path: Path, number: int, status: int, said: str) -> None:
    program = start(tmp_path, "search", ENDLESS, str(log), "--timeout", "0")
    wait_for(tmp_path / "temporary", program)
    program.send_signal(number)
    _, errors = program.communicate(timeout=60)
    assert program.returncode == status
    assert errors == said
    assert list((tmp_path / "temporary").iterdir()) == []


def test_what_a_killed_run_left_is_removed_by_the_next(log: Path, tmp_path: Path) -> None:
    program = start(tmp_path, "search", ENDLESS, str(log), "--timeout", "0")
    wait_for(tmp_path / "temporary", program)
    os.killpg(program.pid, signal.SIGKILL)
    program.communicate(timeout=60)
    assert list((tmp_path / "temporary").iterdir())
    following = start(tmp_path, "search", "a=*", str(log))
    following.communicate(timeout=60)
    assert following.returncode == 0
    assert list((tmp_path / "temporary").iterdir()) == []


def test_the_time_of_a_search_is_bounded(log: Path, tmp_path: Path) -> None:
    program = start(tmp_path, "search", ENDLESS, str(log), "--timeout", "1", "--json")
    output, errors = program.communicate(timeout=60)
    assert program.returncode == 1
    assert "RUN020" in errors + output
    assert "Traceback" not in errors


def test_what_one_rule_does_reaches_no_other(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "a.spl").write_text("kind=good earliest=-1h | stats count")
    (rules / "b.spl").write_text('kind=good | where strftime(_time,"%Y")="2023" | stats count')
    (rules / "c.spl").write_text("kind=good | typer | stats count")
    (rules / "d.spl").write_text("kind=good | stats count BY kind")
    log = tmp_path / "log.jsonl"
    log.write_text("".join(json.dumps({"_time": 1_690_000_000 + n, "kind": "good"}) + "\n" for n in range(3)))
    assert run_program(["run", str(rules), "--logs", str(log), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["rules"] == {"run": 3, "refused": 1, "failed": 0, "unreadable": 0, "no_log": 0}
    counts = {Path(hit["rule"]).name: hit["count"] for hit in found["hits"]}
    # `stats count` gives a row of nothing, too.
    assert counts == {"a.spl": 1, "b.spl": 1, "d.spl": 1}
