"""From the paths a user names to the inputs to read: what is a log file, and of which format."""

from __future__ import annotations

import gzip
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath

from rulescope.errors import missing_path
from rulescope.logs.model import FileReport, Limits
from rulescope.logs.readers.streams import BROKEN_STREAM


class Format(StrEnum):
    """The formats that are read."""

    EVTX = "evtx"
    JSON_LINES = "jsonl"
    JSON = "json"
    CSV = "csv"
    PARQUET = "parquet"
    TEXT = "text"


LOG_SUFFIXES = frozenset((".evtx", ".json", ".jsonl", ".ndjson", ".csv", ".tsv", ".parquet", ".log", ".txt", ".xml"))
"""What is taken for a log inside folders and archives; a file that is named by the user is read whatever its name."""

_TABLES = frozenset((".csv", ".tsv"))
_HEAD = 1 << 16
_SLICE = 32 << 20
"""Large plain JSON Lines files are read in slices of this size, so that several processes can share one file."""


@dataclass(frozen=True, slots=True)
class LogInput:
    """One thing to read: a file, a member of a zip file, or a slice of a large file.

    `label` is what `_file` says. `size` is an estimate of the plain bytes, `packed` the compressed size (0 if plain).
    """

    path: Path
    label: str
    format: Format
    size: int
    member: str | None = None
    compressed: bool = False
    packed: int = 0
    start: int = 0
    length: int | None = None


def find_inputs(paths: Iterable[Path], limits: Limits) -> tuple[list[LogInput], list[FileReport]]:
    """All inputs under the paths, in order (folders sorted by name, recursive), and what was passed over and why.

    Hidden files, `__MACOSX` and symbolic links inside folders are passed over. Raises NotFoundError for a missing path.
    """
    inputs: list[LogInput] = []
    skipped: list[FileReport] = []
    for path in paths:
        if path.is_dir():
            for file in _walk(path, skipped):
                _add_file(file, inputs, skipped, limits, named=False)
        elif path.is_file():
            _add_file(path, inputs, skipped, limits, named=True)
        else:
            raise missing_path(path, what="log file or folder", code="LOG001")
    return inputs, skipped


def _walk(folder: Path, skipped: list[FileReport]) -> Iterator[Path]:
    try:
        entries = sorted(folder.iterdir(), key=lambda entry: entry.name)
    except OSError as error:
        skipped.append(FileReport(str(folder), None, skipped=error.strerror or "can't be opened"))
        return
    for entry in entries:
        if entry.name.startswith(".") or entry.name == "__MACOSX":
            continue
        if entry.is_symlink():
            skipped.append(FileReport(str(entry), None, skipped="a symbolic link"))
        elif entry.is_dir():
            yield from _walk(entry, skipped)
        elif entry.is_file():
            yield entry


def _add_file(path: Path, inputs: list[LogInput], skipped: list[FileReport], limits: Limits, *, named: bool) -> None:
    label = str(path)
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(_HEAD)
        if head.startswith(b"PK\x03\x04"):
            _add_archive(path, inputs, skipped, limits)
            return
        compressed = head.startswith(b"\x1f\x8b")
        if compressed:
            with gzip.open(path) as unpacked:
                head = unpacked.read(_HEAD)
    except BROKEN_STREAM as error:
        skipped.append(FileReport(label, None, skipped=str(error) or type(error).__name__))
        return
    name = path.name.removesuffix(".gz")
    if not named and PurePosixPath(name).suffix.lower() not in LOG_SUFFIXES:
        skipped.append(FileReport(label, None, skipped="not a log file by its name"))
        return
    kind = _format(name, head)
    if isinstance(kind, str) and not isinstance(kind, Format):
        skipped.append(FileReport(label, None, skipped=kind))
    elif kind is Format.PARQUET and compressed:
        skipped.append(FileReport(label, None, skipped="Parquet inside gzip is not read"))
    elif compressed:
        inputs.append(LogInput(path, label, kind, size * 12, compressed=True, packed=size))
    elif kind is Format.JSON_LINES and size > 2 * _SLICE:
        inputs.extend(_slices(path, label, size))
    else:
        inputs.append(LogInput(path, label, kind, size))


def _slices(path: Path, label: str, size: int) -> Iterator[LogInput]:
    """Slices that begin at line starts; the slice before reads the line that crosses its end."""
    start = 0
    with path.open("rb") as file:
        while start < size:
            end = min(start + _SLICE, size)
            if end < size:
                file.seek(end - 1)
                while (piece := file.readline(1 << 20)) and not piece.endswith(b"\n"):
                    pass
                end = file.tell()
            yield LogInput(path, label, Format.JSON_LINES, end - start, start=start, length=end - start)
            start = end


def _add_archive(path: Path, inputs: list[LogInput], skipped: list[FileReport], limits: Limits) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if len(members) > limits.archive_members:
                skipped.append(FileReport(str(path), "zip", skipped=f"more than {limits.archive_members:,} members"))
                return
            total = 0
            for member in members:
                total = _add_member(archive, member, path, inputs, skipped, limits, total)
    except BROKEN_STREAM as error:
        skipped.append(FileReport(str(path), "zip", skipped=str(error) or type(error).__name__))


def _add_member(
    archive: zipfile.ZipFile,
    member: zipfile.ZipInfo,
    path: Path,
    inputs: list[LogInput],
    skipped: list[FileReport],
    limits: Limits,
    total: int,
) -> int:
    """Add one member; gives the sum of unpacked sizes so far. A member's name is only ever a label, never a path."""
    parts = PurePosixPath(member.filename.replace("\\", "/")).parts
    if member.is_dir() or "__MACOSX" in parts or not parts or parts[-1].startswith("."):
        return total
    label = f"{path}!{member.filename}"
    name = parts[-1].removesuffix(".gz")
    reason: str | None = None
    if PurePosixPath(name).suffix.lower() not in LOG_SUFFIXES:
        reason = "a zip inside a zip is not opened" if name.lower().endswith(".zip") else "not a log file by its name"
    elif member.file_size > limits.member_bytes:
        reason = f"says it unpacks to {member.file_size:,} bytes, more than {limits.member_bytes:,}"
    elif member.file_size > limits.ratio_floor and member.file_size > member.compress_size * limits.ratio:
        reason = f"unpacks to more than {limits.ratio} times its size (a zip bomb?)"
    elif total + member.file_size > limits.archive_bytes:
        reason = f"the archive unpacks to more than {limits.archive_bytes:,} bytes"
    if reason is None:
        try:
            with archive.open(member) as stream:
                head = stream.read(_HEAD)
            compressed = head.startswith(b"\x1f\x8b")
            if compressed:
                with archive.open(member) as stream, gzip.open(stream) as unpacked:
                    head = unpacked.read(_HEAD)
        except BROKEN_STREAM as error:
            reason = str(error) or type(error).__name__
        else:
            kind = _format(name, head)
            if kind is Format.PARQUET:
                reason = "Parquet inside an archive is not read; unpack it first"
            elif isinstance(kind, Format):
                inputs.append(
                    LogInput(
                        path,
                        label,
                        kind,
                        member.file_size * (12 if compressed else 1),
                        member=member.filename,
                        compressed=compressed,
                        packed=max(member.compress_size, 1),
                    )
                )
                return total + member.file_size
            else:
                reason = kind
    skipped.append(FileReport(label, None, skipped=reason))
    return total


def _format(name: str, head: bytes) -> Format | str:
    """The format by content, with the name's help for tables; else the reason why it is none."""
    suffix = PurePosixPath(name).suffix.lower()
    if not head:
        return "empty"
    if head.startswith(b"ElfFile\0") or suffix == ".evtx":
        return Format.EVTX
    if head.startswith(b"PAR1"):
        return Format.PARQUET
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "UTF-16 text is not read; convert it to UTF-8"
    if b"\0" in head[:1024]:
        return "binary"
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not text:
        return "empty"
    if suffix in _TABLES:
        return Format.CSV
    if text.startswith(b"["):
        return (
            Format.JSON if suffix in (".json", ".jsonl", ".ndjson") or text[1:].lstrip()[:1] in b"{]" else Format.TEXT
        )
    if text.startswith(b"{"):
        return Format.JSON if _is_spread(text) else Format.JSON_LINES
    return Format.JSON_LINES if suffix in (".jsonl", ".ndjson") else Format.TEXT


def _is_spread(text: bytes) -> bool:
    """Whether a JSON document goes over several lines: its first line is no whole object, the next begins none."""
    first, end, rest = text.partition(b"\n")
    if not end:
        return False
    line = first.strip()
    if line in (b"{", b"{}") or line.endswith((b",", b"{", b"[", b":")):
        return not rest.lstrip().startswith(b"{")
    return False
