"""Loads by several processes give the same events as loads in one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rulescope.logs import LoadLimits, load_logs
from rulescope.logs.model import Progress

from .conftest import rows_of


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    logs = tmp_path / "logs"
    logs.mkdir()
    for number in range(3):
        lines = []
        for line in range(400):
            record: dict[str, object] = {"EventID": line % 7, "Channel": f"C{number}", "SourceName": "P", "n": line}
            if line % 5 == 0:
                record = {"_time": line, "t": ["a", "b"], "T": "x", "number": number}
            lines.append(json.dumps(record))
        (logs / f"{number}.jsonl").write_text("\n".join(lines) + "\n{broken\n")
    return logs


def test_same_events_either_way(folder: Path, tmp_path: Path):
    small = load_logs([folder])
    seen: list[Progress] = []
    forced = LoadLimits(in_process_bytes=0, buffer_bytes=20_000)
    with load_logs([folder], limits=forced, cache=tmp_path / "cache", progress=seen.append) as large:
        assert rows_of(large, hidden=True) == rows_of(small, hidden=True)
        assert large.columns == small.columns
        assert large.files == small.files
        assert large.problems == small.problems
        assert large.count == 1200
        assert seen[-1].inputs_done == seen[-1].inputs == 3
        assert seen[-1].events == 1200
        narrow = large.relation(["n"], channels=["C1"], event_ids=["3"])
        rows = large.connection.execute(f"SELECT _row, n FROM ({narrow}) ORDER BY _row").fetchall()
        same = small.connection.execute(
            f"SELECT _row, n FROM ({small.relation(['n'], channels=['C1'], event_ids=['3'])}) ORDER BY _row"
        ).fetchall()
        assert rows == same
        assert rows
        nothing = large.relation(["n"], event_ids=["no such"])
        assert large.connection.execute(f"SELECT count(*) FROM ({nothing})").fetchall() == [(0,)]
    with load_logs([folder], limits=forced, cache=tmp_path / "cache") as cached:
        assert rows_of(cached, hidden=True) == rows_of(small, hidden=True)
        assert cached.problems == small.problems


def test_slices_of_one_file_keep_line_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("rulescope.logs.discover._SLICE", 1000)
    path = tmp_path / "big.jsonl"
    path.write_text("".join(json.dumps({"_time": line, "x": "y" * (line % 50)}) + "\n" for line in range(1, 301)))
    with load_logs([path], limits=LoadLimits(in_process_bytes=0)) as store:
        rows = rows_of(store, hidden=True)
        assert [row["_record"] for row in rows] == list(range(1, 301))
        assert [row["_time"] for row in rows] == [float(line) for line in range(1, 301)]
        assert [(file.path, file.good) for file in store.files] == [(str(path), 300)]


@pytest.mark.corpus
@pytest.mark.slow
def test_all_of_otrf(shared: Path):
    with load_logs([shared / "events/otrf"]) as store:
        assert store.count > 480_000
        count, distinct, highest = store.connection.execute(
            "SELECT count(*), count(DISTINCT _row), max(_row) FROM events"
        ).fetchone() or (0, 0, 0)
        assert (count, distinct, highest) == (store.count, store.count, store.count - 1)
