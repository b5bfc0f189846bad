"""`rulescope search` from the command line: what it loads, prints and says."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from rulescope.cli.app import run

SAMPLE = Path(__file__).resolve().parents[2] / "samples" / "logs" / "windows.jsonl"


def test_a_small_search_loads_nothing_that_it_does_not_need() -> None:
    script = (
        "import sys\nfrom rulescope.cli.app import run\n"
        f"run(['search', '--json', 'EventCode=1 | stats count by Image', {str(SAMPLE)!r}])\n"
        "heavy = {'yaml', 'jinja2', 'pyarrow', 'numpy', 'pygments', 'sqlite3', 'rich', 'evtx', 'rulescope.corpus.read'}"
        "\n"
        "sys.exit(', '.join(sorted(heavy & set(sys.modules))) or None)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["fields"] == ["Image", "count"]


@pytest.mark.parametrize(
    ("given", "head"),
    [
        (["-o", "rows.csv"], b"Image,count\n"),
        (["-o", "rows.JSON"], b'{"fields":["Image","count"]'),
        (["-o", "rows.parquet"], b"PAR1"),
        (["-o", "rows.txt"], b"Image"),
        (["-o", "rows.txt", "--format", "csv"], b"Image,count\n"),
    ],
)
def test_rows_are_written_as_the_name_of_the_file_says(tmp_path: Path, given: list[str], head: bytes) -> None:
    file = tmp_path / given[1]
    search = "EventCode=1 | stats count by Image"
    assert run(["search", search, str(SAMPLE), "-o", str(file), *given[2:]]) == 0
    assert file.read_bytes().startswith(head)


def test_a_folder_without_logs_is_pointed_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "notes.docx").write_bytes(b"x")
    assert run(["search", "Image=*", str(tmp_path)]) == 1
    said = capsys.readouterr().err
    assert "warning[LOG002]" in said
    assert "error[LOG003]: there is no log file here" in said
    # A search that makes its rows itself needs none.
    assert run(["search", "| makeresults", str(tmp_path)]) == 0
