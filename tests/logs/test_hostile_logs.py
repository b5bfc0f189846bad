"""Broken and hostile input: bounded, counted, located, and nothing lost of the rest."""

from __future__ import annotations

import gzip
import random
import zipfile
from pathlib import Path

import pytest

from rulescope.errors import NotFoundError
from rulescope.logs import LoadLimits, load_logs

from .conftest import rows_of


def test_bad_lines_are_located(load):
    store = load("e.jsonl", '{"_time": 1}\n{"_time": \n[1]\n{"_time": 2}\n')
    assert store.count == 2
    assert [(problem.record, problem.offset) for problem in store.problems] == [(2, 13), (3, 24)]
    assert [(file.good, file.bad) for file in store.files] == [(2, 2)]


def test_a_line_beyond_the_bound_is_skipped_and_the_next_is_read(load):
    long = b'{"_time": 1, "x": "' + b"a" * 5_000_000 + b'"}\n'
    store = load("e.jsonl", b'{"_time": 0}\n' + long + b'{"_time": 2}\n', LoadLimits(line_bytes=1_000_000))
    assert [row["_time"] for row in rows_of(store)] == [0.0, 2.0]
    assert [(problem.record, problem.offset) for problem in store.problems] == [(2, 13)]


@pytest.mark.parametrize("depth", [100, 5_000, 200_000])
def test_deep_json(load, depth: int):
    text = '{"_time": 1, "x": ' + "[" * depth + "]" * depth + '}\n{"_time": 2}\n'
    store = load("e.jsonl", text)
    assert rows_of(store)[-1]["_time"] == 2.0
    assert store.count + store.bad == 2


def test_deep_objects_are_refused(load):
    store = load("e.jsonl", '{"a":' * 200 + "1" + "}" * 200 + "\n")
    assert (store.count, store.bad) == (0, 1)


def test_zip_bombs(tmp_path: Path):
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.json", b" " * 20_000_000)
        archive.writestr("good.json", b'{"_time": 1}\n')
        archive.writestr("inner.zip", b"PK\3\4")
    (tmp_path / "bomb.json.gz").write_bytes(gzip.compress(b'{"_time": 5}\n' + b" " * 20_000_000))
    store = load_logs([tmp_path], limits=LoadLimits(ratio=100, ratio_floor=1_000_000, line_bytes=100_000))
    reasons = {Path(file.path).name: file.skipped for file in store.files}
    assert "zip bomb" in (reasons["bomb.zip!bomb.json"] or "")
    assert reasons["bomb.zip!inner.zip"] == "a zip inside an archive, which is not opened: unpack it first"
    assert sorted(row["_time"] for row in rows_of(store)) == [1.0, 5.0]
    assert any("zip bomb" in problem.message for problem in store.problems)


def test_damaged_archives(tmp_path: Path):
    (tmp_path / "broken.zip").write_bytes(b"PK\3\4" + b"x" * 100)
    (tmp_path / "cut.jsonl.gz").write_bytes(gzip.compress(b'{"_time": 1}\n' * 1000)[:-10])
    (tmp_path / "good.jsonl").write_text('{"_time": 7}\n')
    store = load_logs([tmp_path])
    assert [file.skipped for file in store.files if file.path.endswith("broken.zip")] == []
    assert {Path(problem.path).name for problem in store.problems} == {"broken.zip", "cut.jsonl.gz"}
    assert [row["_time"] for row in rows_of(store)][-1] == 7.0
    assert store.count > 900, "what lies before the cut is read"


def test_nothing_to_read(tmp_path: Path):
    store = load_logs([tmp_path])
    assert store.count == 0
    assert store.connection.execute("SELECT count(*) FROM events").fetchall() == [(0,)]
    with pytest.raises(NotFoundError):
        load_logs([tmp_path / "absent"])


@pytest.mark.corpus
def test_damaged_evtx(shared: Path, tmp_path: Path):
    whole = (shared / "events/impacket/LM_wmiexec_impacket_sysmon_whoami.evtx").read_bytes()
    path = tmp_path / "x.evtx"

    path.write_bytes(whole[:50_000])
    store = load_logs([path])
    assert store.count == 7, "all seven records stand before the cut"
    assert "cut off" in store.problems[0].message

    path.write_bytes(b"\0" + whole[1:])
    store = load_logs([path])
    assert (store.count, store.bad) == (0, 1)

    generator = random.Random(7)
    for _ in range(40):
        data = bytearray(whole)
        for _ in range(30):
            data[generator.randrange(4096, 20_000)] ^= 1 << generator.randrange(8)
        path.write_bytes(bytes(data))
        store = load_logs([path])
        assert store.count <= 7
        assert store.count == 7 or store.problems
