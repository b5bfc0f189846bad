"""What is to be read, and what was passed over."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path

from rulescope.logs.formats import LogFormat
from rulescope.logs.model import FileReport, Problem
from rulescope.logs.readers.inflate import Readable
from rulescope.logs.readers.zip_members import Member

HEAD = 1 << 16
"""So many bytes of a file are looked at to tell its format."""

PACKING = 12
"""How many times its size a compressed file is taken to unpack to, before that is known."""

GZIP_MAGIC = b"\x1f\x8b"
ZIP_MAGIC = b"PK\x03\x04"


@dataclass(frozen=True, slots=True)
class LogInput:
    """One thing to read: a file, a member of a zip file, or a slice of a large file.

    `label` is what `_file` says. `size` is an estimate of the plain bytes, `packed` the compressed size (0 if plain).
    `encoding` is that of text that is no UTF-8.
    """

    path: Path
    label: str
    format: LogFormat
    size: int
    member: Member | None = None
    compressed: bool = False
    packed: int = 0
    start: int = 0
    length: int | None = None
    encoding: str | None = None


@dataclass(slots=True)
class FoundInputs:
    """What there is under the paths: inputs in order, what was passed over and why, and what is wrong with archives."""

    inputs: list[LogInput] = field(default_factory=list)
    skipped: list[FileReport] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def skip(self, label: str, reason: str, form: str | None = None) -> None:
        """Note that something is not read, and why."""
        self.skipped.append(FileReport(label, form, skipped=reason))


_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def label_of(path: Path | str) -> str:
    """A path as text that can be printed and stored: bytes of a name that are no UTF-8, and control characters, stand
    as `\\xff` and `\\x0a`."""
    text = str(path)
    try:
        text.encode()
    except UnicodeEncodeError:
        text = os.fsencode(text).decode("utf-8", "backslashreplace")
    return _CONTROL.sub(lambda found: f"\\x{ord(found.group()):02x}", text)


def read_head(stream: Readable) -> tuple[bytes, str | None]:
    """The first bytes of a stream, and why there are no more where it breaks off."""
    head = b""
    while len(head) < HEAD and (data := stream.read(HEAD - len(head))):
        head += data
    return head, getattr(stream, "failure", None)
