"""No verb writes its results over a file that it reads, under whatever name that is given."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from rulescope.cli.app import run as run_program

RULE = "title: A\nlogsource: {product: windows}\ndetection: {s: {a: b}, condition: s}\n"
EVENT = '{"_time": 1, "a": "b"}\n'


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, text in {"rules/a.yml": RULE, "logs/a.jsonl": EVENT, "tables/t.csv": "a\nb\n"}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "link.jsonl").symlink_to("logs/a.jsonl")
    os.link(tmp_path / "logs/a.jsonl", tmp_path / "hard.jsonl")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    "arguments",
    [
        "search a=b logs/a.jsonl -o logs/a.jsonl",
        "search a=b logs -o link.jsonl",
        "search a=b link.jsonl --output logs/../logs/a.jsonl",
        "search a=b logs -o hard.jsonl",
        "search rules/a.yml logs -o rules/a.yml",
        "search rules/a.yml#1 logs -o rules/a.yml",
        "search a=b logs --lookups tables -o tables/t.csv",
        "run rules --logs logs -o logs/a.jsonl",
        "run rules --logs logs -o hard.jsonl",
        "run rules/a.yml --logs logs -o rules/a.yml",
        "run rules --logs logs -o rules/a.yml",
        "run rules --logs logs --lookups tables -o tables/t.csv",
        "run rules --logs logs --catalog rules/a.yml",
        "run rules --logs logs --catalog logs/a.jsonl",
        "build rules --catalog rules/a.yml",
        "build rules --catalog new.catalog --site rules",
        "build rules/a.yml --catalog new.catalog -o rules",
    ],
)
def test_an_output_over_an_input_is_refused(work: Path, arguments: str, capsys: pytest.CaptureFixture[str]) -> None:
    files = sorted(path for path in work.rglob("*") if path.is_file())
    before = [path.read_bytes() for path in files]
    assert run_program(arguments.split()) == 1
    assert capsys.readouterr().err.startswith("error[RSC163]: ")
    assert sorted(path for path in work.rglob("*") if path.is_file()) == files
    assert [path.read_bytes() for path in files] == before


@pytest.mark.parametrize(
    ("arguments", "written"),
    [
        ("search a=b logs -o logs/new.csv", "logs/new.csv"),
        ("run rules --logs logs -o rules/hits.csv", "rules/hits.csv"),
        ("build rules --catalog rules/new.catalog --site rules/site", "rules/site/index.html"),
    ],
)
def test_a_new_file_among_the_inputs_is_written(work: Path, arguments: str, written: str) -> None:
    assert run_program(arguments.split()) == 0
    assert (work / written).is_file()
