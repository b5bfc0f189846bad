"""The members of a zip file: where each stands, and its plain bytes.

Members are told by their place, not by their name, since two may have the same. A zip file whose directory is missing
(it stands at the end, so a cut takes it first) is walked from member to member.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from lzma import LZMAError
from pathlib import Path
from typing import IO

from rulescope.logs.readers.inflate import CUT, WRONG_CHECKSUM, Inflated, Readable, damaged

BROKEN_ZIP = (
    OSError,
    EOFError,
    ValueError,
    struct.error,
    OverflowError,
    zlib.error,
    zipfile.BadZipFile,
    NotImplementedError,
    RuntimeError,
)
"""What the standard library raises over a directory that is damaged or made up."""

_MAGIC = b"PK\x03\x04"
_HEADER = struct.Struct("<4s2B4HL2L2H")
_END_MAGIC = b"PK\x05\x06"
_END_TAIL = 22 + 0xFFFF
_STORED, _DEFLATED = 0, 8
_UNKNOWN = 0xFFFFFFFF
_ENCRYPTED, _SIZES_FOLLOW, _UTF8 = 0x1, 0x8, 0x800
_SEARCHED = 1 << 20
_STEP = 1 << 12


@dataclass(frozen=True, slots=True)
class Member:
    """A member: `start` is where its header begins, `packed` and `size` its sizes as the zip file states them. They,
    and `checksum`, are None where it states none."""

    name: str
    start: int
    packed: int | None
    size: int | None
    checksum: int | None
    method: int
    encrypted: bool = False


def list_members(path: Path, most: int) -> tuple[list[Member], str | None]:
    """The members of a zip file in the order of its directory, at most `most` and one, and what is wrong with the
    directory. Raises one of BROKEN_ZIP where the file can't be read at all."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = [_of_directory(info) for info in archive.infolist()[: most + 1]]
    except BROKEN_ZIP:
        found = list(_walk(path, most + 1))
        return found, "the directory at the end of the zip file is missing or damaged: the file may have been cut off"
    stated = _stated_count(path)
    if stated is not None and stated > len(members) and len(members) <= most:
        return list(_walk(path, most + 1)), "the directory of the zip file is damaged"
    return members, None


def _of_directory(info: zipfile.ZipInfo) -> Member:
    return Member(
        info.filename,
        info.header_offset,
        info.compress_size,
        info.file_size,
        info.CRC,
        info.compress_type,
        bool(info.flag_bits & _ENCRYPTED),
    )


def _stated_count(path: Path) -> int | None:
    """How many members the end of a zip file says it has; None where it does not say."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(size - _END_TAIL, 0))
        tail = file.read()
    place = tail.rfind(_END_MAGIC)
    count = int.from_bytes(tail[place + 10 : place + 12], "little")
    return None if place < 0 or count == 0xFFFF else count


def _walk(path: Path, most: int) -> Iterator[Member]:
    """The members by their own headers, from the start of the file."""
    with path.open("rb") as file:
        place = _find_header(file, 0)
        for _ in range(most):
            if place is None:
                return
            file.seek(place)
            header = file.read(_HEADER.size)
            if len(header) < _HEADER.size:
                return
            *_, flags, method, _, _, checksum, packed, size, name_length, extra_length = _HEADER.unpack(header)
            name = file.read(name_length).decode("utf-8" if flags & _UTF8 else "cp437", "replace")
            start = place + _HEADER.size + name_length + extra_length
            known = not flags & _SIZES_FOLLOW and _UNKNOWN not in (packed, size)
            encrypted = bool(flags & _ENCRYPTED)
            if known:
                yield Member(name, place, packed, size, checksum, method, encrypted)
            else:
                yield Member(name, place, None, None, None, method, encrypted)
            place = _find_header(file, start + packed if known else start)


def _find_header(file: IO[bytes], start: int) -> int | None:
    """Where the next header begins, from a place in the file on."""
    file.seek(start)
    kept = b""
    while data := file.read(_SEARCHED):
        place = (kept + data).find(_MAGIC)
        if place >= 0:
            return start - len(kept) + place
        start += len(data)
        kept = (kept + data)[-3:]
    return None


@contextmanager
def open_member(path: Path, member: Member) -> Iterator[Readable]:
    """The plain bytes of a member; their `failure` says why they end early, or don't fit the member's checksum.

    Raises one of BROKEN_ZIP where there is no such member, or it is compressed in a way that is not read.
    """
    with path.open("rb") as file:
        header = b""
        if 0 <= member.start < path.stat().st_size:
            file.seek(member.start)
            header = file.read(_HEADER.size)
        if len(header) < _HEADER.size or not header.startswith(_MAGIC):
            raise zipfile.BadZipFile("there is no member where the directory of the zip file says: it is damaged")
        name_length, extra_length = _HEADER.unpack(header)[-2:]
        file.seek(name_length + extra_length, 1)
        packed = _Bounded(file, member.packed)
        if member.method == _STORED and member.packed is not None:
            yield _Checked(packed, member)
        elif member.method == _DEFLATED:
            yield _Checked(Inflated(packed, gzip=False), member)
        else:
            with _open_other(path, member) as plain:
                yield _Checked(plain, member)


@contextmanager
def _open_other(path: Path, member: Member) -> Iterator[Readable]:
    with zipfile.ZipFile(path) as archive:
        info = next((info for info in archive.infolist() if info.header_offset == member.start), None)
        if info is None:
            raise zipfile.BadZipFile(f"compression method {member.method} is not read without the zip file's directory")
        # The library keeps the last bytes back where they don't fit a checksum; `_Checked` gives them and says so.
        del info.CRC
        with archive.open(info) as plain:
            yield _Stepped(plain)


class _Stepped:
    """What the standard library unpacks, in small steps: of a damaged stream, no more than one of them is lost beside
    the damage."""

    def __init__(self, plain: Readable) -> None:
        self._plain = plain
        self.failure: str | None = None

    def read(self, size: int, /) -> bytes:
        """The next bytes; none at the end and after a failure."""
        found = bytearray()
        while len(found) < size and self.failure is None:
            try:
                data = self._plain.read(min(_STEP, size - len(found)))
            except EOFError:
                self.failure = CUT
            except (OSError, ValueError, LZMAError, zipfile.BadZipFile) as error:
                self.failure = damaged(str(error))
            else:
                if not data:
                    break
                found += data
        return bytes(found)


class _Bounded:
    """A file up to so many bytes from here."""

    def __init__(self, file: IO[bytes], size: int | None) -> None:
        self._file = file
        self._left = size

    def read(self, size: int, /) -> bytes:
        """The next bytes."""
        if self._left is None:
            return self._file.read(size)
        data = self._file.read(min(size, self._left))
        self._left -= len(data)
        return data


class _Checked:
    """Plain bytes, held against the size and checksum that the zip file states once they end."""

    def __init__(self, plain: Readable, member: Member) -> None:
        self._plain = plain
        self._member = member
        self._size = 0
        self._checksum = 0
        self.failure: str | None = None

    def read(self, size: int, /) -> bytes:
        """The next bytes; none at the end."""
        if self.failure is not None:
            return b""
        data = self._plain.read(size)
        self._size += len(data)
        stated = self._member.size
        if stated is not None and self._size > stated:
            self.failure = f"unpacks to more than the {stated:,} bytes that the zip file states: it is damaged"
            data = data[: len(data) - (self._size - stated)]
        self._checksum = zlib.crc32(data, self._checksum)
        if not data and self.failure is None:
            self.failure = getattr(self._plain, "failure", None) or self._check()
        return data

    def _check(self) -> str | None:
        stated = self._member.size
        if stated is not None and self._size < stated:
            if self._member.method == _STORED:
                return CUT
            return f"unpacks to less than the {stated:,} bytes that the zip file states: it is damaged"
        if self._member.checksum is not None and self._checksum != self._member.checksum:
            return WRONG_CHECKSUM
        return None
