"""Bytes of plain, gzip and zip input as bounded streams and bounded lines."""

from __future__ import annotations

import gzip
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from rulescope.errors import LogFileError
from rulescope.logs.model import Limits

_CHUNK = 1 << 20

BROKEN_STREAM = (OSError, EOFError, zlib.error, zipfile.BadZipFile, NotImplementedError, RuntimeError)
"""What the standard library raises over a damaged, encrypted or unknown compressed stream."""


@contextmanager
def open_input(path: Path, member: str | None, compressed: bool) -> Iterator[IO[bytes]]:
    """The plain bytes of a file, of a gzip file, or of a member of a zip file (also if that is gzip itself)."""
    if member is None:
        with path.open("rb") as raw:
            yield gzip.GzipFile(fileobj=raw) if compressed else raw  # type: ignore[misc]
        return
    with zipfile.ZipFile(path) as archive, archive.open(member) as inner:
        yield gzip.GzipFile(fileobj=inner) if compressed else inner  # type: ignore[misc]


class Meter:
    """Counts what comes out of a compressed stream and stops at the bounds.

    `packed` is the size before unpacking (0 for plain files, which are not bounded by ratio).
    """

    def __init__(self, stream: IO[bytes], packed: int, limits: Limits) -> None:
        self._stream = stream
        self._packed = packed
        self._limits = limits
        self.bytes_read = 0

    def read(self, size: int) -> bytes:
        """The next bytes. Raises LogFileError once more came out than the limits allow."""
        data = self._stream.read(size)
        self.bytes_read += len(data)
        if self._packed:
            limits = self._limits
            if self.bytes_read > limits.member_bytes:
                raise LogFileError(f"unpacks to more than {limits.member_bytes:,} bytes", code="LOG020")
            if self.bytes_read > limits.ratio_floor and self.bytes_read > self._packed * limits.ratio:
                raise LogFileError(
                    f"unpacks to more than {limits.ratio} times its size (a zip bomb?)",
                    code="LOG021",
                )
        return data

    def read_all(self, limit: int) -> bytes:
        """Everything that is left. Raises LogFileError if that is more than `limit` bytes."""
        parts: list[bytes] = []
        total = 0
        while data := self.read(_CHUNK):
            total += len(data)
            if total > limit:
                raise LogFileError(f"more than {limit:,} bytes in a file that must be held whole", code="LOG022")
            parts.append(data)
        return b"".join(parts)


def bounded_lines(
    meter: Meter, limit: int, *, budget: int | None = None, first: int = 1
) -> Iterator[tuple[int, int, bytes | None]]:
    """Lines as (number, byte offset, bytes without the line end); None in place of a line longer than `limit`.

    Such a line is skipped without being held. `budget` stops after the line in which that many bytes were read.
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
            yield number, offset, None if size > limit else line.rstrip(b"\r")
            offset += size
            number += 1
        if len(rest) > limit:
            if not skipping:
                yield number, offset, None
                skipping = True
            offset += len(rest)
            rest = b""
    if rest and not skipping and (budget is None or offset < budget):
        yield number, offset, rest.rstrip(b"\r")
