"""What is no log, or can't be reached or read: each is named with the reason and the way out, and the rest is read."""

from __future__ import annotations

import gzip
import io
import json
import os
import shutil
import subprocess
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from rulescope.errors import NotFoundError
from rulescope.logs import EventStore, LoadLimits, load_logs
from rulescope.logs import discover as discovery
from rulescope.logs.formats import bare_name, is_log_name

from .conftest import rows_of

LINE = b'{"_time": 1, "n": "1"}\n'


def reasons(store: EventStore, folder: Path) -> dict[str, str]:
    start = len(str(folder)) + 1
    return {file.path[start:]: file.skipped for file in store.files if file.skipped is not None}


@pytest.mark.parametrize("packed", [False, True])
def test_a_file_that_several_paths_lead_to_is_read_once(tmp_path: Path, packed: bool):
    """Its events would count twice in every result."""
    path = tmp_path / "a.jsonl"
    path.write_bytes(LINE)
    if packed:
        with zipfile.ZipFile(path := tmp_path / "a.zip", "w") as archive:
            archive.writestr("a.jsonl", LINE)
        (tmp_path / "a.jsonl").unlink()
    link = tmp_path / "link"
    link.symlink_to(path)
    with load_logs([path, tmp_path / "." / path.name, link, tmp_path]) as store:
        assert store.count == 1
        assert [problem.code for problem in store.problems] == ["LOG047"] * 3


def test_a_file_that_a_folder_passes_over_can_be_named_as_well(tmp_path: Path):
    (tmp_path / "trace").write_bytes(LINE)
    with load_logs([tmp_path, tmp_path / "trace"]) as store:
        assert store.count == 1
        assert store.problems == ()


def test_folders(tmp_path: Path):
    for name in ("b", "__MACOSX", ".git"):
        (tmp_path / name).mkdir()
    for name in ("b/2.jsonl", "a.jsonl", ".hidden.jsonl", "__MACOSX/x.jsonl", ".git/y.jsonl"):
        (tmp_path / name).write_text(json.dumps({"_time": 1, "name": name}) + "\n")
    (tmp_path / "notes.md").write_text("no log")
    (tmp_path / "empty.json").write_text("")
    (tmp_path / "blank.json").write_text(" \n\n")
    (tmp_path / "program.log").write_bytes(b"\x7fELF\0\0\0")
    (tmp_path / "link.jsonl").symlink_to("/etc/passwd")
    (tmp_path / "nowhere.jsonl").symlink_to(tmp_path / "absent")
    os.mkfifo(tmp_path / "pipe.jsonl")
    store = load_logs([tmp_path])
    assert [row["name"] for row in rows_of(store)] == ["a.jsonl", "b/2.jsonl"]
    assert reasons(store, tmp_path) == {
        ".git": "a hidden folder; name it to have it read",
        ".hidden.jsonl": "a hidden file; name it to have it read",
        "__MACOSX": "a folder of notes that macOS makes for itself",
        "blank.json": "empty",
        "empty.json": "empty",
        "link.jsonl": "a symbolic link; name it to have it read",
        "notes.md": "not a log file by its name; name the file itself to have it read",
        "nowhere.jsonl": "a symbolic link; name it to have it read",
        "pipe.jsonl": "a pipe",
        "program.log": "binary, of no format that is read",
    }


@pytest.mark.parametrize("name", [".hidden.jsonl", "notes.md", "link.jsonl", ".git"])
def test_what_a_reason_says_is_to_be_done_helps(tmp_path: Path, name: str):
    (tmp_path / "other").mkdir()
    (tmp_path / "other/x.jsonl").write_bytes(LINE)
    if name == "link.jsonl":
        (tmp_path / name).symlink_to(tmp_path / "other/x.jsonl")
    elif name == ".git":
        shutil.copytree(tmp_path / "other", tmp_path / name)
    else:
        (tmp_path / name).write_bytes(LINE)
    assert load_logs([tmp_path / name]).count == 1


COMPRESSED = {
    "a.jsonl.zst": (b"\x28\xb5\x2f\xfd\x04\x00", "compressed with Zstandard, which is not read yet: unpack it first"),
    "a.jsonl.bz2": (b"BZh91AY&SY\x00\x01", "compressed with bzip2, which is not read yet: unpack it first"),
    "a.jsonl.xz": (b"\xfd7zXZ\0\0\x04", "compressed with xz, which is not read yet: unpack it first"),
    "a.jsonl.lz4": (b"\x04\x22\x4d\x18\x60", "compressed with LZ4, which is not read yet: unpack it first"),
    "a.7z": (b"7z\xbc\xaf\x27\x1c\0\x04", "a 7z archive, which is not read yet: unpack it first"),
    "a.rar": (b"Rar!\x1a\x07\x01\0", "a RAR archive, which is not read yet: unpack it first"),
    "x.evt": (
        b"\x30\0\0\0LfLe\x01\0\0\0",
        "an event log of Windows XP and 2003 (.evt), which is not read: export it as .evtx",
    ),
    "h.sqlite": (b"SQLite format 3\0\x10\0", "an SQLite database, which is not read: export its tables as CSV"),
    "t.pcap": (b"\xd4\xc3\xb2\xa1\x02\0\x04\0", "a packet capture, which is not read: it holds no events"),
    "e.zip": (b"PK\x05\x06" + bytes(18), "an empty zip"),
    "b.log.gz": (gzip.compress(gzip.compress(LINE)), "gzip inside gzip, which is not read: unpack it first"),
    "c.jsonl.gz": (gzip.compress(b""), "empty"),
    "d.jsonl.gz": (b"\x1f\x8b\x08", "the compressed data ends before its end mark: it was cut off"),
}


@pytest.mark.parametrize("name", COMPRESSED)
def test_other_compressions_and_formats_are_named(tmp_path: Path, name: str):
    data, reason = COMPRESSED[name]
    (tmp_path / name).write_bytes(data)
    (tmp_path / "good.jsonl").write_bytes(LINE)
    store = load_logs([tmp_path])
    assert reasons(store, tmp_path) == {name: reason}
    assert store.count == 1
    assert load_logs([tmp_path / name]).files[0].skipped == reason, "also where the file itself is named"


def test_archives_of_archives(tmp_path: Path):
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("x.jsonl"))
    (tmp_path / "a.tar.gz").write_bytes(gzip.compress(packed.getvalue()))
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.writestr("logs/", b"")
        archive.writestr("logs/inner.zip", b"PK\3\4" + bytes(40))
        archive.writestr("logs/a.tar", packed.getvalue())
        archive.writestr("logs/read me.md", b"text")
        archive.writestr("logs/x.parquet", b"PAR1" + bytes(8))
        archive.writestr(".x.jsonl", LINE)
        archive.writestr("__MACOSX/logs/._a", b"\0\5\x16\7")
        archive.writestr("__MACOSX/logs/._b", b"\0\5\x16\7")
        archive.writestr("logs/auth.log.1", b"May  1 10:00:00 h sshd[1]: x\n")
    store = load_logs([tmp_path])
    named = "; unpack the archive and name the file to have it read"
    assert reasons(store, tmp_path) == {
        "a.tar.gz": "a tar archive, which is not read yet: unpack it first",
        "b.zip!logs/inner.zip": "a zip inside an archive, which is not opened: unpack it first",
        "b.zip!logs/a.tar": "a tar archive, which is not read yet: unpack it first",
        "b.zip!logs/read me.md": "not a log file by its name" + named,
        "b.zip!logs/x.parquet": "Parquet inside an archive is not read: unpack it first",
        "b.zip!.x.jsonl": "a hidden file" + named,
        "b.zip!__MACOSX/": "a folder of notes that macOS makes for itself",
    }
    assert [row["host"] for row in rows_of(store)] == ["h"]


def test_encrypted_members_are_named(tmp_path: Path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("x.jsonl", LINE)
    data = bytearray((tmp_path / "a.zip").read_bytes())
    data[data.index(b"PK\1\2") + 8] |= 1
    (tmp_path / "a.zip").write_bytes(bytes(data))
    store = load_logs([tmp_path])
    assert reasons(store, tmp_path) == {"a.zip!x.jsonl": "encrypted: unpack it with its password first"}


@pytest.mark.parametrize(
    ("name", "bare"),
    [
        ("auth.log.1", "auth.log"),
        ("auth.log.2.gz", "auth.log"),
        ("Messages-20240501", "messages"),
        ("syslog.1", "syslog"),
        ("eve.json-20240501", "eve.json"),
        ("eve.json-20240501.gz", "eve.json"),
        ("app.log.2024-05-01", "app.log"),
        ("app.log.2024-05-01-10", "app.log"),
        ("access_log-20240501.gz", "access_log"),
        ("audit.log.old", "audit.log"),
    ],
)
def test_rotated_logs_are_logs(name: str, bare: str):
    assert bare_name(name) == bare
    assert is_log_name(name)


@pytest.mark.parametrize("name", ["README", "notes.md.1", "1", "data.1", "core-20240501", "messages.md", "a.tar.gz"])
def test_others_are_not(name: str):
    assert not is_log_name(name)


def test_names_that_are_no_text(tmp_path: Path):
    folder = os.fsencode(tmp_path)
    for number, name in enumerate((b"\xff\xfe.jsonl", b"\xff\xfd.jsonl", b"a\x1b[31m\nb.jsonl")):
        with open(os.path.join(folder, name), "wb") as file:  # noqa: PTH118, PTH123 - a name of bytes
            file.write(LINE.replace(b'"1"', str(number).encode()))
    for limits in (LoadLimits(), LoadLimits(in_process_bytes=0)):
        with load_logs([tmp_path], limits=limits) as store:
            found = store.connection.execute("SELECT _file, n FROM events ORDER BY n").fetchall()
            assert [(Path(path).name, n) for path, n in found] == [
                ("\\xff\\xfe.jsonl", "0"),
                ("\\xff\\xfd.jsonl", "1"),
                ("a\\x1b[31m\\x0ab.jsonl", "2"),
            ]
            assert (store.bad, store.problems) == (0, ())


@pytest.fixture
def nested(tmp_path: Path) -> Iterator[Path]:
    """1,500 folders: the path is longer than Linux takes, and deeper than Python recurses (so pytest can't remove
    it)."""
    inner = os.open(tmp_path, os.O_RDONLY)
    for _ in range(1500):
        os.mkdir("deeper", dir_fd=inner)
        following = os.open("deeper", os.O_RDONLY, dir_fd=inner)
        os.close(inner)
        inner = following
    os.close(inner)
    yield tmp_path
    subprocess.run(["rm", "-rf", tmp_path / "deeper"], check=True)


def test_folders_that_nest_too_deep_for_the_system(nested: Path):
    (nested / "x.jsonl").write_bytes(LINE)
    store = load_logs([nested])
    assert store.count == 1
    (reason,) = reasons(store, nested).values()
    assert reason in ("File name too long", "the folder can't be opened: File name too long")


def test_what_goes_while_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for name in ("a", "b", "c"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x.jsonl").write_bytes(LINE)

    def read_then_remove(name: str, head: bytes) -> object:
        shutil.rmtree(tmp_path / "b", ignore_errors=True)
        (tmp_path / "a/x.jsonl").unlink(missing_ok=True)
        return recognise(name, head)

    recognise = discovery.recognise
    monkeypatch.setattr(discovery, "recognise", read_then_remove)
    for limits in (LoadLimits(), LoadLimits(in_process_bytes=0)):
        for name in ("a", "b"):
            (tmp_path / name).mkdir(exist_ok=True)
            (tmp_path / name / "x.jsonl").write_bytes(LINE)
        with load_logs([tmp_path], limits=limits, cache=tmp_path / "cache") as store:
            assert store.count == 1
            assert [(Path(one.path).parent.name, one.message) for one in store.problems] == [
                ("a", "No such file or directory")
            ]
            assert reasons(store, tmp_path)["b"] == "No such file or directory"


def test_a_folder_that_can_not_be_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Tests run as root, whom no permission binds."""
    (tmp_path / "closed").mkdir()
    (tmp_path / "x.jsonl").write_bytes(LINE)
    scan = os.scandir

    def refuse(path: str | Path) -> object:
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied")
        return scan(path)

    monkeypatch.setattr("os.scandir", refuse)
    store = load_logs([tmp_path])
    assert (store.count, reasons(store, tmp_path)) == (1, {"closed": "the folder can't be opened: Permission denied"})


def test_a_file_that_can_not_be_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "closed.jsonl").write_bytes(LINE)
    (tmp_path / "x.jsonl").write_bytes(LINE)
    opened = Path.open

    def refuse(path: Path, *arguments: object) -> object:
        if path.name == "closed.jsonl":
            raise PermissionError(13, "Permission denied")
        return opened(path, *arguments)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", refuse)
    store = load_logs([tmp_path])
    assert (store.count, reasons(store, tmp_path)) == (1, {"closed.jsonl": "Permission denied"})


@pytest.mark.parametrize("kind", ["absent", "long", "loop", "pipe", "zero"])
def test_paths_that_are_no_files(tmp_path: Path, kind: str):
    path = tmp_path / ("a" * 5000 if kind == "long" else "a\0b" if kind == "zero" else "x")
    if kind == "loop":
        path.symlink_to(path)
    if kind == "pipe":
        os.mkfifo(path)
    with pytest.raises(NotFoundError) as caught:
        load_logs([path])
    expected = {
        "absent": "no such log file or folder",
        "long": "File name too long",
        "loop": "Too many levels of symbolic links",
        "pipe": "is a pipe, not a file or folder",
        "zero": "embedded null byte",
    }
    assert expected[kind] in caught.value.message
    assert len(caught.value.message) < 1000
