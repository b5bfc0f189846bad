"""Bytes of plain, gzip and zip input as bounded streams and bounded lines."""

from __future__ import annotations

import codecs
import os
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from lzma import LZMAError
from pathlib import Path

from rulescope.errors import LogFileError
from rulescope.logs.model import LoadLimits
from rulescope.logs.readers.inflate import Inflated, Readable
from rulescope.logs.readers.zip_members import Member, open_member

_CHUNK = 1 << 20

BROKEN_STREAM = (OSError, EOFError, zlib.error, LZMAError, zipfile.BadZipFile, NotImplementedError, RuntimeError)
"""What the standard library raises over a damaged, encrypted or unknown compressed stream."""


@contextmanager
def open_input(path: Path, member: Member | None, compressed: bool, start: int = 0) -> Iterator[Readable]:
    """The plain bytes of a file from `start` on, of a gzip file, or of a member of a zip file (also if that is gzip
    itself)."""
    if member is None:
        with path.open("rb") as raw:
            raw.seek(start)
            yield Inflated(raw, gzip=True) if compressed else raw
        return
    with open_member(path, member) as inner:
        yield Inflated(inner, gzip=True) if compressed else inner


class Meter:
    """Counts what comes out of a stream, stops at the bounds, and turns text of another encoding into UTF-8.

    A stream that breaks off ends there; `failure` then says why, and `code` of which kind that is. `packed` is the size
    before unpacking (0 for plain files, which are not bounded by ratio). `replaced`: some of the text was not of its
    encoding.
    """

    def __init__(self, stream: Readable, packed: int, limits: LoadLimits, encoding: str | None = None) -> None:
        self._stream = stream
        self._packed = packed
        self._limits = limits
        self._decoder = codecs.getincrementaldecoder(encoding)() if encoding else None
        self._ended = False
        self._bounded = False
        self.bytes_read = 0
        self.failure: str | None = None
        self.code = "LOG031"
        self.replaced = False

    def read(self, size: int) -> bytes:
        """The next bytes; none at the end, after a failure, and at a bound."""
        while not self._ended:
            data = self._take(size)
            self._ended = not data
            if self._decoder is None:
                return data
            first = self.bytes_read == len(data)
            text = self._decode(data)
            if text:
                return (text.removeprefix("\ufeff") if first else text).encode()
        return b""

    def _take(self, size: int) -> bytes:
        try:
            data = self._stream.read(size)
        except BROKEN_STREAM as error:
            self.failure = explain_break(error)
            return b""
        self.bytes_read += len(data)
        if not data:
            self.failure = getattr(self._stream, "failure", None)
        elif self._packed and (reason := self._beyond()) is not None:
            self.failure, self.code = reason
            self._bounded = True
            return b""
        return data

    def _beyond(self) -> tuple[str, str] | None:
        limits = self._limits
        if self.bytes_read > limits.member_bytes:
            return f"unpacks to more than {limits.member_bytes:,} bytes", "LOG020"
        if self.bytes_read > limits.ratio_floor and self.bytes_read > self._packed * limits.ratio:
            return f"unpacks to more than {limits.ratio} times its size (a zip bomb?)", "LOG021"
        return None

    def _decode(self, data: bytes) -> str:
        assert self._decoder is not None
        try:
            return self._decoder.decode(data, not data)
        except UnicodeDecodeError:
            self.replaced = True
            self._decoder.errors = "replace"
            return self._decoder.decode(data, not data)

    def read_all(self, limit: int) -> bytes:
        """Everything that is left. Raises LogFileError if that is more than `limit` bytes, or than a bound on unpacking
        allows."""
        parts: list[bytes] = []
        total = 0
        while data := self.read(_CHUNK):
            total += len(data)
            if total > limit:
                raise LogFileError(f"more than {limit:,} bytes in a file that must be held whole", code="LOG022")
            parts.append(data)
        if self._bounded:
            failure, self.failure = self.failure, None
            raise LogFileError(failure or "", code=self.code)
        return b"".join(parts)


def explain_break(error: BaseException) -> str:
    """Why a stream or file could not be read, in the system's words without the path."""
    if isinstance(error, OSError) and error.errno:
        # The system's own words: Arrow puts a sentence around them.
        return os.strerror(error.errno)
    return str(error).splitlines()[0][:300] if str(error) else type(error).__name__


def bounded_lines(
    meter: Meter, limit: int, *, budget: int | None = None, first: int = 1, parted_at: bytes = b""
) -> Iterator[tuple[int, int, bytes | None]]:
    """Lines as (number, byte offset, bytes without the line end); None in place of a line longer than `limit`.

    Such a line is skipped without being held; but where it holds `parted_at`, it is given in pieces that end with that.
    `budget` stops after the line in which that many bytes were read.
    """
    number = first
    offset = 0
    rest = b""
    skipping = False
    while budget is None or offset < budget:
        data = meter.read(_CHUNK)
        if not data:
            break
        lines = (rest + data).split(b"\n") if rest else data.split(b"\n")
        rest = lines.pop()
        for line in lines:
            size = len(line) + 1
            if skipping:
                skipping = False
                offset += size
                number += 1
                continue
            if budget is not None and offset >= budget:
                return
            is_given = size <= limit or (parted_at and parted_at in line)
            yield number, offset, line.rstrip(b"\r") if is_given else None
            offset += size
            number += 1
        if len(rest) > limit and parted_at and not skipping and parted_at in rest:
            piece = rest[: rest.rindex(parted_at) + len(parted_at)]
            yield number, offset, piece
            offset += len(piece)
            rest = rest[len(piece) :]
        if len(rest) > limit:
            if not skipping:
                yield number, offset, None
                skipping = True
            offset += len(rest)
            rest = b""
    if rest and not skipping and (budget is None or offset < budget):
        yield number, offset, rest.rstrip(b"\r")
