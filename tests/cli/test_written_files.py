"""What is written to files: whole or not at all, and nothing that a spreadsheet runs."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import pytest

from rulescope.cli.app import run as run_program
from running_program import MOST, left_in, start
from sample_rules import FILES, write_repository

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


def test_a_carriage_return_ends_no_row(tmp_path: Path) -> None:
    log, out = tmp_path / "log.jsonl", tmp_path / "rows.csv"
    log.write_text(json.dumps({"v": "x\r=1+1", "w": "\r=2"}) + "\n")
    for options in ([], ["--csv-raw"]):
        assert run_program(["search", 'v=* | rename w AS "=n" | table v "=n"', str(log), "-o", str(out), *options]) == 0
        head, row = cells(out)
        mark = "" if options else "'"
        assert (head, row) == (["v", f"{mark}=n"], ["x\r=1+1", f"{mark}\r=2"])


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

    done = start(tmp_path, "search", "a=* | table a", str(log), "-o", str(out), file_size=1_000_000)
    _, errors = done.communicate(timeout=MOST)
    assert done.returncode == 1
    assert errors.startswith(f"error[RSC160]: {out} can't be written: File too large")
    assert "Traceback" not in errors
    assert out.read_text() == "old\n"
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


FULL = Path("/dev/full")
needs_full = pytest.mark.skipif(not FULL.exists(), reason="there is no /dev/full here")


@needs_full
@pytest.mark.parametrize("verb", [["search", "a=*", "LOG"], ["run", "RULES", "--logs", "LOG"]])
@pytest.mark.parametrize("form", ["table", "json", "csv"])
def test_a_full_disk_is_named(
    log: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], verb: list[str], form: str
) -> None:
    rule = tmp_path / "a.spl"
    rule.write_text("a=*")
    named = {"LOG": str(log), "RULES": str(rule)}
    assert run_program([*(named.get(word, word) for word in verb), "--format", form, "-o", str(FULL)]) == 1
    errors = capsys.readouterr().err
    assert f"error[RSC160]: {FULL} can't be written: No space left on device\n  hint: the disk is full" in errors


@needs_full
@pytest.mark.parametrize(
    "arguments", [["search", "a=*", "LOG"], ["search", "--json", "a=*", "LOG"], ["explain", "a=1"]]
)
def test_a_full_disk_behind_standard_output_is_named(log: Path, tmp_path: Path, arguments: list[str]) -> None:
    words = [str(log) if word == "LOG" else word for word in arguments]
    with FULL.open("w") as full:
        program = start(tmp_path, *words, output=full)
        _, errors = program.communicate(timeout=MOST)
    assert program.returncode == 1
    assert "error[RSC164]: No space left on device\n  hint: the disk is full" in errors
    assert "Traceback" not in errors
    assert "Exception ignored" not in errors


def built(tmp_path: Path, *arguments: str, file_size: int | None = None) -> tuple[int, str, str]:
    program = start(tmp_path, "build", *arguments, file_size=file_size)
    output, errors = program.communicate(timeout=MOST)
    return program.returncode, output, errors


def test_where_the_disk_is_full_the_old_catalogue_stays(tmp_path: Path) -> None:
    folder = write_repository(tmp_path / "shop", FILES)
    catalog = tmp_path / "made" / "c"
    catalog.parent.mkdir()
    assert built(tmp_path, str(folder), "--catalog", str(catalog))[0] == 0
    before = catalog.read_bytes()
    (folder / "new.spl").write_text("a=1")
    status, output, errors = built(tmp_path, str(folder), "--catalog", str(catalog), file_size=30_000)
    assert (status, output) == (1, "")
    assert errors.startswith(f"error[RSC204]: the catalogue can't be written to {catalog}: ")
    assert errors.count("\n") == 1 + ("hint" in errors)
    assert catalog.read_bytes() == before
    assert list(catalog.parent.iterdir()) == [catalog]


def test_where_the_disk_is_full_a_site_has_whole_pages_only(tmp_path: Path) -> None:
    folder = write_repository(tmp_path / "shop", FILES)
    arguments = [str(folder), "--catalog", str(tmp_path / "c"), "-o", str(tmp_path / "site")]
    assert built(tmp_path, *arguments)[0] == 0
    whole = {path.relative_to(tmp_path): path.read_bytes() for path in (tmp_path / "site").rglob("*") if path.is_file()}
    shutil.rmtree(tmp_path / "site")
    # The catalogue is as it was, and larger than that: it is left alone.
    largest = sorted(map(len, whole.values()))[-3]
    status, _, errors = built(tmp_path, *arguments, file_size=largest)
    assert status == 1
    assert errors.startswith("error[RSC162]: the site can't be written: ")
    assert "File too large" in errors
    written = [path for path in (tmp_path / "site").rglob("*") if path.is_file()]
    parts = {path.name: path.read_bytes() for path in written if whole.get(path.relative_to(tmp_path)) is None}
    assert parts == {}
    manifest = tmp_path / "site" / ".rulescope-site.json"
    assert all(path == manifest or path.read_bytes() == whole[path.relative_to(tmp_path)] for path in written)
    # There is room again: the next build writes what is missing.
    assert built(tmp_path, *arguments)[0] == 0
    again = {path.relative_to(tmp_path): path.read_bytes() for path in (tmp_path / "site").rglob("*") if path.is_file()}
    assert again == whole


SMALL_MEMORY = """
import sys
from rulescope.logs import connection
connection.open_connection.__kwdefaults__.update(memory="60MB", threads=1)
from rulescope.cli import main
main()
"""


def test_where_the_disk_is_full_a_rule_that_needs_it_is_named_and_others_run(log: Path, tmp_path: Path) -> None:
    """What does not fit into memory goes to files; here none may be larger than a page."""
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "sound.spl").write_text("c=* | stats count")
    (rules / "large.spl").write_text(
        "a=* | eval n=mvrange(0, 100000) | mvexpand n limit=0 | eval m=md5(n), s=sha256(n) | sort 0 m s "
        "| stats values(s) AS v list(m) AS w BY m s | where isnotnull(v)"
    )
    program = start(tmp_path, "run", str(rules), "--logs", str(log), "--json", file_size=4096, script=SMALL_MEMORY)
    output, errors = program.communicate(timeout=MOST)
    assert (program.returncode, errors) == (0, "")
    found = json.loads(output)
    (failed,) = found["failed"]
    assert (failed["rule"], failed["code"]) == ("rules/large.spl", "RUN020")
    assert "temporary files have no room: File too large" in failed["message"]
    assert "TMPDIR" in failed["hint"]
    assert [(hit["rule"], hit["count"]) for hit in found["hits"]] == [("rules/sound.spl", 1)]
    assert left_in(tmp_path) == []
