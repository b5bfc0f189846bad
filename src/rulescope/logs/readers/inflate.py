"""Compressed bytes to plain ones, up to the very place where a stream is cut off or damaged."""

from __future__ import annotations

import zlib
from typing import Protocol

_PACKED = 1 << 17
_RAW = -zlib.MAX_WBITS
_GZIP = 16 + zlib.MAX_WBITS
_GZIP_MAGIC = b"\x1f\x8b"

CUT = "the compressed data ends before its end mark: it was cut off"
WRONG_CHECKSUM = "the compressed data does not fit its checksum: some of what was read may be damaged"


class Readable(Protocol):
    """Anything that gives bytes."""

    def read(self, size: int, /) -> bytes:
        """The next bytes, at most `size`; none at the end."""


class Inflated:
    """The plain bytes of deflated ones. `failure` says why they end where the stream does not.

    Of a damaged stream all comes out that stands before the damage. gzip files may hold several streams, one after the
    other; zeros may follow them.
    """

    def __init__(self, packed: Readable, *, gzip: bool) -> None:
        self._packed = packed
        self._gzip = gzip
        self._stream = self._new()
        self._rest = b""
        self.failure: str | None = None
        self._done = False

    def read(self, size: int) -> bytes:
        """The next bytes, at most `size`; none at the end and after a failure."""
        while not self._done:
            data = self._rest or self._packed.read(_PACKED)
            self._rest = b""
            plain = self._feed(data, size) if data else self._last(size)
            if not self._done and self._stream.eof:
                self._next_stream(self._stream.unused_data)
            if plain:
                return plain
        return b""

    def _feed(self, data: bytes, size: int) -> bytes:
        before = self._stream.copy()
        try:
            plain = self._stream.decompress(data, size)
        except zlib.error as error:
            self._end(_explain(error))
            return _salvage(before, data)
        self._rest = self._stream.unconsumed_tail
        return plain

    def _last(self, size: int) -> bytes:
        """What is left inside the decompressor after the last byte."""
        plain = self._stream.flush(size)
        if not self._stream.eof:
            self._end(getattr(self._packed, "failure", None) or CUT)
        return plain

    def _next_stream(self, rest: bytes) -> None:
        """After the end of a stream: another one, or nothing more."""
        self._done = True
        if not self._gzip:
            return
        rest = rest.lstrip(b"\0")
        while len(rest) < len(_GZIP_MAGIC) and (more := self._packed.read(_PACKED)):
            rest = (rest + more).lstrip(b"\0")
        if rest.startswith(_GZIP_MAGIC):
            self._stream, self._rest, self._done = self._new(), rest, False
        elif rest:
            self.failure = "after the end of the compressed data come bytes that are no gzip: they are not read"

    def _end(self, failure: str) -> None:
        self.failure = failure
        self._done = True

    def _new(self) -> zlib._Decompress:
        return zlib.decompressobj(_GZIP if self._gzip else _RAW)


def _salvage(stream: zlib._Decompress, data: bytes) -> bytes:
    """What comes out of the bytes before the one at which the stream breaks."""
    found = bytearray()
    for place in range(len(data)):
        try:
            found += stream.decompress(data[place : place + 1])
        except zlib.error:
            break
    return bytes(found)


def _explain(error: zlib.error) -> str:
    # zlib's own words come after its number: `Error -3 while decompressing data: invalid block type`.
    reason = str(error).rpartition(": ")[2]
    if reason in ("incorrect data check", "incorrect length check"):
        return WRONG_CHECKSUM
    return damaged(reason)


def damaged(reason: str) -> str:
    """What is said of compressed data that breaks in the middle, for a reason in the library's words."""
    return f"the compressed data is damaged ({reason}): what comes after that place is not read"
