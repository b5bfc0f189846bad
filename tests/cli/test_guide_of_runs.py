"""The examples of docs/guide/run.md, run: its files are written, its commands give the lines it shows."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
GUIDE = (PROJECT / "docs" / "guide" / "run.md").read_text(encoding="utf-8")
LEFT_OUT = "…"

_FILE = re.compile(r"^\*\*`([^`]+)`\*\*\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SESSION = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def examples() -> list[tuple[str, list[str]]]:
    """Each command, and the lines that are shown of what it prints."""
    found: list[tuple[str, list[str]]] = []
    for session in _SESSION.findall(GUIDE):
        for line in session.splitlines():
            if line.startswith("$ "):
                found.append((line[2:], []))
            else:
                found[-1][1].append(line)
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as a reader would have it: the samples, and the guide's files."""
    made = tmp_path_factory.mktemp("guide")
    (made / "samples").symlink_to(PROJECT / "samples")
    files = _FILE.findall(GUIDE)
    assert [name for name, _ in files] == ["macros.conf", "fields.toml", "lookups/purposes.csv", "test_detections.py"]
    for name, text in files:
        (made / name).parent.mkdir(exist_ok=True)
        (made / name).write_text(text, encoding="utf-8")
    return made


def test_there_are_examples() -> None:
    verbs = {shlex.split(command)[1] for command, _ in examples() if command.startswith("rulescope ")}
    assert verbs == {"search", "run", "sql"}
    assert all(shown for _, shown in examples())


@pytest.mark.parametrize(("command", "shown"), examples())
def test_example(folder: Path, command: str, shown: list[str]) -> None:
    programs = Path(sys.executable).parent
    environment = {**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}", "COLUMNS": "200"}
    done = subprocess.run(
        shlex.split(command), cwd=folder, env=environment, capture_output=True, encoding="utf-8", check=False
    )
    lines = {"stdout": done.stdout.splitlines(), "stderr": done.stderr.splitlines()}
    for line in shown:
        if line == LEFT_OUT:
            continue
        head, left_out, _ = line.partition(LEFT_OUT)
        for stream in lines.values():
            place = next(
                (n for n, one in enumerate(stream) if (one.startswith(head) if left_out else one.rstrip() == line)),
                None,
            )
            if place is not None:
                del stream[: place + 1]
                break
        else:
            pytest.fail(f"not printed (in this order): {line}\n{done.stdout}\n{done.stderr}")


def test_codes_in_the_guide_are_those_of_the_program() -> None:
    written = "\n".join(path.read_text(encoding="utf-8") for path in (PROJECT / "src").rglob("*.py"))
    for code in set(re.findall(r"\bRUN\d{3}\b", GUIDE)):
        assert f'"{code}"' in written, code
