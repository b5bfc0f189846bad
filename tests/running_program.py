"""The program in processes of its own, and what becomes of them: for tests that end it, or parts of it."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

import pytest

MOST = 120.0
"""Seconds that anything is waited for: far beyond what it takes on a busy machine."""

ENDLESS = (
    "a=* | eval b=mvrange(0, 1000) | mvexpand b limit=0 | eval c=mvrange(0, 1000) | mvexpand c limit=0 "
    "| eval d=mvrange(0, 1000) | mvexpand d limit=0 | eval e=mvrange(0, 1000) | mvexpand e limit=0 | stats dc(e) BY b"
)
"""Some million million rows, of which few are held at once: longer than any test waits, in little memory."""


def write_log(path: Path) -> Path:
    """Fifty events with a field `a`."""
    path.write_text("".join(json.dumps({"_time": 1, "a": str(number)}) + "\n" for number in range(50)))
    return path


def start(
    tmp_path: Path,
    *arguments: str,
    file_size: int | None = None,
    output: IO[str] | None = None,
    script: str | None = None,
) -> subprocess.Popen[str]:
    """The program in a group of its own, with `temporary` in `tmp_path` for its temporary files; it can write no file
    larger than `file_size`, and prints to `output`. Signals do what they do in a terminal, whatever tests ignore.

    `script` stands for the program where it is to be changed."""
    temporary = tmp_path / "temporary"
    temporary.mkdir(exist_ok=True)

    def begin() -> None:
        for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        if file_size is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (file_size, file_size))

    return subprocess.Popen(
        [sys.executable, *(("-m", "rulescope.cli") if script is None else ("-c", script)), *arguments],
        stdout=output or subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env={**os.environ, "TMPDIR": str(temporary), "PYTHONDONTWRITEBYTECODE": "1"},
        start_new_session=True,
        preexec_fn=begin,
    )


def left_in(tmp_path: Path) -> list[str]:
    """The temporary files and folders that the program left behind."""
    return [path.name for path in (tmp_path / "temporary").iterdir()]


def wait_until(condition: Callable[[], bool], program: subprocess.Popen[str] | None = None) -> None:
    """Waits until it is so; fails where the program ends before, or it takes far too long."""
    end = time.monotonic() + MOST
    while not condition():
        if program is not None and program.poll() is not None:
            pytest.fail(f"the program ended: {program.communicate()}")
        if time.monotonic() > end:
            pytest.fail("it was not so in time")
        time.sleep(0.02)


def below(process: int, said: str = "") -> list[int]:
    """The running processes that a process started, and that those started, whose command line has `said` in it."""
    parents = {number: parent for number, (state, parent, _) in _processes().items() if state != "Z"}
    found = [number for number, parent in parents.items() if parent == process]
    for number in found:
        found += [other for other, parent in parents.items() if parent == number]
    return [number for number in found if said in _command(number)]


def group_of(program: subprocess.Popen[str]) -> list[int]:
    """The running processes of the program's group."""
    return [number for number, (state, _, group) in _processes().items() if group == program.pid and state != "Z"]


def _processes() -> dict[int, tuple[str, int, int]]:
    """State, parent and group of each process."""
    found = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent, group = path.read_text().rpartition(")")[2].split()[:3]
        except OSError:
            continue
        found[int(path.parent.name)] = (state, int(parent), int(group))
    return found


def _command(process: int) -> str:
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
    except OSError:
        return ""
