"""Loads by several processes when these die, disks are full, and kept files are damaged."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rulescope.errors import LogFileError
from rulescope.logs import EventStore, LoadLimits, crew, load_logs, parallel

from .conftest import rows_of

LARGE = LoadLimits(in_process_bytes=0)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    logs = tmp_path / "logs"
    logs.mkdir()
    for number in range(5):
        lines = [json.dumps({"_time": line, "file": number, "n": str(line)}) for line in range(100)]
        (logs / f"{number}.jsonl").write_text("\n".join(lines) + "\n")
    return logs


def counts(store: EventStore) -> list[int]:
    assert store.connection.execute("SELECT count(*) FROM events").fetchall() == [(store.count,)]
    return [file.good for file in store.files]


# Processes that die


@pytest.fixture
def dying(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[object], bool]], list[object]]:
    """Kills workers as soon as they are handed a message of which the condition holds; gives what they were handed."""

    def start(condition: Callable[[object], bool]) -> list[object]:
        handed: list[object] = []
        send = crew._Worker.send

        def kill_or_send(self: crew._Worker, message: object) -> None:
            if condition(message):
                handed.append(message)
                self.process.kill()
                self.process.wait()
            send(self, message)

        monkeypatch.setattr(crew._Worker, "send", kill_or_send)
        return handed

    return start


def is_for(message: object, name: str) -> bool:
    return isinstance(message, dict) and "input" in message and message["input"]["label"].endswith(name)


def test_a_reading_process_that_is_killed_costs_nothing(folder: Path, dying) -> None:
    once = iter([True])
    handed = dying(lambda message: is_for(message, "2.jsonl") and next(once, False))
    with load_logs([folder], limits=LARGE) as store:
        assert counts(store) == [100] * 5
        assert len(handed) == 1
        assert (store.bad, store.problems) == (0, ())


def test_an_input_that_kills_its_process_costs_itself_only(folder: Path, dying, tmp_path: Path) -> None:
    handed = dying(lambda message: is_for(message, "2.jsonl"))
    with load_logs([folder], limits=LARGE, cache=tmp_path / "cache") as store:
        assert counts(store) == [100, 100, 0, 100, 100]
        assert len(handed) == 2, "it is tried once more, in a process of its own"
        (problem,) = store.problems
        assert (problem.code, Path(problem.path).name) == ("LOG042", "2.jsonl")
        assert "the reading process died on this file (exit status -9); it is left out" in problem.message
        assert store.bad == 1
    assert not (tmp_path / "cache").exists(), "what another load may well read is not kept as unreadable"


def test_a_process_that_dies_over_its_last_file(folder: Path, dying) -> None:
    """After the last input a worker is told to end: that is when it writes what it still holds. A second death could
    be over the same files, which are given up then."""
    deaths = iter(range(1))
    handed = dying(lambda message: message is None and next(deaths, None) is not None)
    with load_logs([folder], limits=LARGE) as store:
        assert counts(store) == [100] * 5
        assert len(handed) == 1
        assert store.problems == ()


def test_processes_that_always_die_end_the_load_all_the_same(folder: Path, dying) -> None:
    handed = dying(lambda message: message is None or is_for(message, ".jsonl"))
    with load_logs([folder], limits=LARGE) as store:
        assert counts(store) == [0] * 5
        assert len(handed) <= 10
        assert [problem.code for problem in store.problems] == ["LOG042"] * 5


# Disks that are full


def only_temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    return place


SCRIPT = """
import resource, sys
from pathlib import Path
from rulescope.errors import LogFileError
from rulescope.logs import LoadLimits, load_logs
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
try:
    load_logs([sys.argv[1]], limits=LoadLimits(in_process_bytes=0), cache=Path(sys.argv[2]))
except LogFileError as error:
    print(error.code, error.message, error.hint, sep="|")
"""


@pytest.mark.parametrize("files", [1, 2])
def test_no_room_for_temporary_files(tmp_path: Path, files: int) -> None:
    """A bound on the size of files stands for the full disk: writing fails, here and in reading processes."""
    logs = tmp_path / "logs"
    logs.mkdir()
    for number in range(files):
        lines = [json.dumps({"_time": line, "x": os.urandom(20).hex()}) for line in range(2000)]
        (logs / f"{number}.jsonl").write_text("\n".join(lines))
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(logs), str(tmp_path / "cache")],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "TMPDIR": str(temporary)},
    )
    assert done.stderr == ""
    assert done.stdout.strip() == (
        "LOG043|the events of large logs are written to a temporary folder, and that failed: File too large"
        "|name a folder with more room in the environment variable TMPDIR"
    )
    assert list(temporary.iterdir()) == []
    assert not (tmp_path / "cache").exists()


def test_no_temporary_folder_at_all(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(parallel, "TemporaryFolder", refuse)
    with pytest.raises(LogFileError) as caught:
        load_logs([folder], limits=LARGE)
    assert caught.value.code == "LOG043"
    assert caught.value.message.endswith("No space left on device")


@pytest.fixture
def no_links(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", refuse)


def test_a_full_cache_is_a_warning(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_links: None
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(shutil, "copyfile", refuse)
    cache = tmp_path / "cache"
    with load_logs([folder], limits=LARGE, cache=cache) as store:
        assert counts(store) == [100] * 5
        (problem,) = store.problems
        assert problem.code == "LOG040"
        assert problem.message == f"the events can't be kept in {cache}: No space left on device"
        assert len(rows_of(store)) == 500
    assert list(cache.iterdir()) == []


def test_a_cache_that_is_no_folder_is_a_warning(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file")
    with load_logs([folder], limits=LARGE, cache=tmp_path / "cache") as store:
        assert counts(store) == [100] * 5
        assert {problem.code for problem in store.problems} == {"LOG040"}
    assert (tmp_path / "cache").read_text() == "a file"


def test_a_cache_on_another_disk(folder: Path, tmp_path: Path, no_links: None) -> None:
    for _ in range(2):
        with load_logs([folder], limits=LARGE, cache=tmp_path / "cache") as store:
            assert counts(store) == [100] * 5
            assert store.problems == ()


def test_temporary_files_go_with_the_store(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = only_temporary(tmp_path, monkeypatch)
    for cache in (None, tmp_path / "cache"):
        with load_logs([folder], limits=LARGE, cache=cache) as store:
            assert len(rows_of(store)) == 500
        assert list(place.iterdir()) == []


# A cache that is damaged


def damage_first_part(entry: Path) -> None:
    """Another byte of the same value's length: the file can be read, and says something else."""
    path = sorted(entry.glob("*.parquet"))[0]
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))


def cut_first_part(entry: Path) -> None:
    path = sorted(entry.glob("*.parquet"))[0]
    path.write_bytes(path.read_bytes()[:-10])


def remove_first_part(entry: Path) -> None:
    sorted(entry.glob("*.parquet"))[0].unlink()


def cut_manifest(entry: Path) -> None:
    path = entry / "manifest.json"
    path.write_bytes(path.read_bytes()[:-10])


def change_manifest(entry: Path) -> None:
    path = entry / "manifest.json"
    path.write_text(path.read_text().replace('"good": 100', '"good": 90'))


def nest_manifest(entry: Path) -> None:
    (entry / "manifest.json").write_text("[" * 100_000)


def no_text_in_manifest(entry: Path) -> None:
    (entry / "manifest.json").write_bytes(b"\xff\xfe")


@pytest.fixture
def kept(folder: Path, tmp_path: Path) -> Iterator[Path]:
    cache = tmp_path / "cache"
    with load_logs([folder], limits=LARGE, cache=cache) as store:
        assert store.problems == ()
    yield cache


@pytest.mark.parametrize(
    "damage",
    [
        damage_first_part,
        cut_first_part,
        remove_first_part,
        cut_manifest,
        change_manifest,
        nest_manifest,
        no_text_in_manifest,
    ],
)
def test_a_damaged_cache_is_read_anew(folder: Path, kept: Path, damage: Callable[[Path], None]) -> None:
    (entry,) = kept.iterdir()
    damage(entry)
    with load_logs([folder], limits=LARGE, cache=kept) as store:
        assert counts(store) == [100] * 5
        assert [row["n"] for row in rows_of(store)] == [str(line) for line in range(100)] * 5
        (problem,) = store.problems
        assert problem.code == "LOG041"
        assert problem.message.endswith("the logs were read anew")
    with load_logs([folder], limits=LARGE, cache=kept) as store:
        assert store.problems == (), "it was kept again"


def test_what_a_killed_load_left_in_the_cache_is_replaced(folder: Path, kept: Path) -> None:
    (entry,) = kept.iterdir()
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    entry.rename(kept / f"{entry.name}.{ended.pid}.part")
    with load_logs([folder], limits=LARGE, cache=kept) as store:
        assert counts(store) == [100] * 5
        assert store.problems == ()
    assert list(kept.iterdir()) == [entry]


def test_what_another_process_keeps_meanwhile_is_left_to_it(
    folder: Path, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both began when nothing was kept; the files of the one that was first are in use."""
    (entry,) = kept.iterdir()
    other = kept / f"{entry.name}.{os.getppid()}.part"
    other.mkdir()
    before = {path.name: path.stat().st_mtime_ns for path in entry.iterdir()}
    found = iter([(None, None)])
    find = parallel.find_cached
    monkeypatch.setattr(parallel, "find_cached", lambda *arguments: next(found, None) or find(*arguments))
    with load_logs([folder], limits=LARGE, cache=kept) as store:
        assert next(found, None) is None
        assert counts(store) == [100] * 5
        assert store.problems == ()
    assert {path.name: path.stat().st_mtime_ns for path in entry.iterdir()} == before
    assert sorted(kept.iterdir()) == [entry, other]


def test_another_file_is_another_entry(folder: Path, kept: Path) -> None:
    (folder / "0.jsonl").write_text('{"_time": 7, "n": "new"}\n')
    with load_logs([folder], limits=LARGE, cache=kept) as store:
        assert counts(store) == [1, 100, 100, 100, 100]
    assert len(list(kept.iterdir())) == 2
