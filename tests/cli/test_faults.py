"""A fault of ours keeps its traceback in a file that can be attached to a report, and says where."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from rulescope.cli.failures import as_known
from rulescope.hunt import rule_run
from rulescope.system import faults


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder


def fail(value: object) -> Exception:
    try:
        raise ValueError(f"the value {value}")
    except ValueError as error:
        return error


def kept(folder: Path) -> list[Path]:
    return sorted(folder.glob("rulescope-fault-*"))


def test_the_traceback_is_kept_once(temporary: Path) -> None:
    said = [as_known(fail(value)) for value in (1, 2)]
    (path,) = kept(temporary)
    assert all(one.code == "RSC900" and str(path) in (one.hint or "") for one in said)
    text = path.read_text("utf-8")
    assert "in fail" in text and "ValueError: the value 1" in text and "rulescope " in text
    assert path.stat().st_mode & 0o077 == 0


def test_a_link_in_its_place_is_left_alone(temporary: Path, tmp_path: Path) -> None:
    error = fail(1)
    path = faults.keep_traceback(error)
    assert path is not None
    path.unlink()
    (tmp_path / "victim").write_text("whole")
    path.symlink_to(tmp_path / "victim")
    assert faults.keep_traceback(error) is None
    assert faults.report_hint(error) == "please report it"
    assert (tmp_path / "victim").read_text() == "whole"


def test_no_room_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "open", refuse)
    assert faults.keep_traceback(fail(1)) is None


def test_a_rule_that_meets_a_fault_says_where_it_is(
    temporary: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from rulescope.cli.app import run

    def stumble(*_: object, **__: object) -> None:
        raise KeyError("bound")

    monkeypatch.setattr(rule_run, "bind_rule", stumble)
    (tmp_path / "savedsearches.conf").write_text("[a]\nsearch = x=1\n")
    (tmp_path / "a.jsonl").write_text('{"_time":1,"x":"1"}\n')
    command = ["run", str(tmp_path / "savedsearches.conf"), "--logs", str(tmp_path / "a.jsonl"), "--json"]
    assert run([*command, "--jobs", "1"]) == 0
    document = json.loads(capsys.readouterr().out)
    (path,) = kept(temporary)
    (failed,) = document["failed"]
    assert failed["code"] == "RSC900"
    assert str(path) in failed["hint"]
    assert "stumble" in path.read_text("utf-8")
