"""How the program ends: by signals in one line, by bounds with a named error, with nothing left behind."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest

from rulescope.cli.app import run as run_program
from running_program import ENDLESS, MOST, below, group_of, left_in, start, wait_until, write_log

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks processes up in /proc")


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return write_log(tmp_path / "log.jsonl")


@pytest.mark.parametrize(
    ("number", "status", "said"),
    [
        (signal.SIGINT, 130, "interrupted\n"),
        (signal.SIGTERM, 143, "terminated\n"),
        (signal.SIGHUP, 129, "the terminal was closed\n"),
    ],
)
def test_a_signal_ends_the_program_in_one_line(log: Path, tmp_path: Path, number: int, status: int, said: str) -> None:
    program = start(tmp_path, "search", ENDLESS, str(log), "--timeout", "0")
    wait_until(lambda: bool(left_in(tmp_path)), program)
    program.send_signal(number)
    _, errors = program.communicate(timeout=MOST)
    assert program.returncode == status
    assert errors == said
    assert left_in(tmp_path) == []
    wait_until(lambda: group_of(program) == [])


def test_what_a_killed_run_left_is_removed_by_the_next(log: Path, tmp_path: Path) -> None:
    program = start(tmp_path, "search", ENDLESS, str(log), "--timeout", "0")
    wait_until(lambda: bool(left_in(tmp_path)), program)
    os.killpg(program.pid, signal.SIGKILL)
    program.communicate(timeout=MOST)
    assert left_in(tmp_path)
    following = start(tmp_path, "search", "a=*", str(log))
    following.communicate(timeout=MOST)
    assert following.returncode == 0
    assert left_in(tmp_path) == []


def test_the_time_of_a_search_is_bounded(log: Path, tmp_path: Path) -> None:
    program = start(tmp_path, "search", ENDLESS, str(log), "--timeout", "1", "--json")
    output, errors = program.communicate(timeout=MOST)
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


SIGNALS = [(signal.SIGINT, 130, "interrupted\n"), (signal.SIGTERM, 143, "terminated\n")]


def many_rules(tmp_path: Path, count: int, stages: int) -> Path:
    """Rules that take a while to be understood."""
    folder = tmp_path / "rules"
    folder.mkdir()
    for number in range(count):
        text = f"a={number}" + "".join(f' | where match(a, "{stage}.*x") OR b={stage}' for stage in range(stages))
        (folder / f"{number:04}.spl").write_text(text)
    return folder


@pytest.mark.parametrize(("number", "status", "said"), SIGNALS)
def test_a_signal_ends_a_build_and_its_processes(tmp_path: Path, number: int, status: int, said: str) -> None:
    folder = many_rules(tmp_path, 400, 40)
    site, catalog = tmp_path / "site", tmp_path / "made" / "c"
    catalog.parent.mkdir()
    program = start(tmp_path, "build", str(folder), "--catalog", str(catalog), "-o", str(site))
    # The program, the process that does its work, and those that read rules.
    wait_until(lambda: len(below(program.pid)) >= 3, program)
    program.send_signal(number)
    output, errors = program.communicate(timeout=MOST)
    assert (program.returncode, output, errors) == (status, "", said)
    wait_until(lambda: group_of(program) == [])
    assert list(catalog.parent.iterdir()) == []
    assert not site.exists()
    assert left_in(tmp_path) == []


def test_a_build_that_is_killed_takes_its_processes_with_it(tmp_path: Path) -> None:
    folder = many_rules(tmp_path, 400, 40)
    program = start(tmp_path, "build", str(folder), "--catalog", str(tmp_path / "c"))
    wait_until(lambda: len(below(program.pid)) >= 3, program)
    program.kill()
    program.communicate(timeout=MOST)
    wait_until(lambda: group_of(program) == [])
    assert not (tmp_path / "c").exists()


def end_one_that_reads(program: int) -> bool:
    """Whether one of the processes that read files or rules could be killed: they come and go."""
    # The first is the one that does the work.
    _, *others = below(program) or [0]
    if len(others) < 2:
        return False
    try:
        os.kill(others[-1], signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.slow
def test_a_build_does_without_a_process_that_dies(tmp_path: Path) -> None:
    folder = many_rules(tmp_path, 200, 20)
    program = start(tmp_path, "build", str(folder), "--catalog", str(tmp_path / "c"), "--json")
    wait_until(lambda: end_one_that_reads(program.pid), program)
    output, errors = program.communicate(timeout=MOST)
    assert (program.returncode, errors) == (0, "")
    assert json.loads(output)["rules"] == 200


WORKER = "rulescope.hunt.worker"


def rules_for_workers(tmp_path: Path) -> Path:
    """So many rules that they are run by several processes; one of them has no end."""
    folder = tmp_path / "rules"
    folder.mkdir()
    for number in range(70):
        (folder / f"{number:02}.spl").write_text(f"a={number} | stats count")
    (folder / "endless.spl").write_text(ENDLESS)
    return folder


@pytest.mark.parametrize(("number", "status", "said"), SIGNALS)
def test_a_signal_ends_a_run_and_its_processes(log: Path, tmp_path: Path, number: int, status: int, said: str) -> None:
    rules = rules_for_workers(tmp_path)
    arguments = ["run", str(rules), "--logs", str(log), "--timeout", "0", "--jobs", "2"]
    program = start(tmp_path, *arguments)
    wait_until(lambda: len(below(program.pid, WORKER)) == 2, program)
    program.send_signal(number)
    output, errors = program.communicate(timeout=MOST)
    assert (program.returncode, output, errors) == (status, "", said)
    wait_until(lambda: group_of(program) == [])
    assert left_in(tmp_path) == []


def test_a_run_that_is_killed_leaves_nothing_to_the_next(log: Path, tmp_path: Path) -> None:
    rules = rules_for_workers(tmp_path)
    program = start(tmp_path, "run", str(rules), "--logs", str(log), "--timeout", "0", "--jobs", "2")
    wait_until(lambda: len(below(program.pid, WORKER)) == 2, program)
    program.kill()
    program.communicate(timeout=MOST)
    wait_until(lambda: group_of(program) == [])
    assert left_in(tmp_path)
    following = start(tmp_path, "run", str(rules / "00.spl"), "--logs", str(log))
    following.communicate(timeout=MOST)
    assert following.returncode == 0
    assert left_in(tmp_path) == []


@pytest.mark.slow
def test_a_process_that_dies_costs_the_rule_that_it_was_at(log: Path, tmp_path: Path) -> None:
    rules = rules_for_workers(tmp_path)
    program = start(tmp_path, "run", str(rules), "--logs", str(log), "--timeout", "0", "--jobs", "2", "--json")
    wait_until(lambda: len(below(program.pid, WORKER)) == 2, program)
    # Once all other rules are done, one is left: the one with the endless rule.
    wait_until(lambda: len(below(program.pid, WORKER)) == 1, program)
    os.kill(below(program.pid, WORKER)[0], signal.SIGKILL)
    output, _ = program.communicate(timeout=MOST)
    assert program.returncode == 0
    found = json.loads(output)
    assert found["rules"] == {"run": 70, "refused": 0, "failed": 1, "unreadable": 0, "no_log": 0}
    (failed,) = found["failed"]
    assert (failed["rule"], failed["code"]) == ("rules/endless.spl", "RUN140")
    assert "signal 9, SIGKILL" in failed["message"]
    assert left_in(tmp_path) == []
