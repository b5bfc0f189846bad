"""What a file is: a log or not by its name, its format and encoding by its first bytes, or why it is not read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath


class LogFormat(StrEnum):
    """The formats that are read."""

    EVTX = "evtx"
    JSON_LINES = "jsonl"
    JSON = "json"
    CSV = "csv"
    PARQUET = "parquet"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Recognised:
    """The format of a file, and the encoding of its text where that is not UTF-8."""

    format: LogFormat
    encoding: str | None = None


LOG_SUFFIXES = frozenset((".evtx", ".json", ".jsonl", ".ndjson", ".csv", ".tsv", ".parquet", ".log", ".txt", ".xml"))
"""What is taken for a log inside folders and archives; a file that is named by the user is read whatever its name."""

_SYSTEM_LOGS = frozenset(
    ("auth", "boot", "cron", "daemon", "debug", "dmesg", "kern", "mail", "maillog", "messages", "secure", "syslog")
    + ("access_log", "error_log", "ssl_access_log", "ssl_error_log", "ssl_request_log")
)
"""Logs without a suffix, as syslog and Apache's httpd name them in /var/log."""

_ROTATED = re.compile(r"[.-](?:\d{1,4}|\d{8}(?:[-_.T]?\d{2,6})?|\d{4}-\d\d-\d\d(?:[-_.T][\d:-]{2,8})?|old)\Z")
"""What logrotate puts behind a name: a number, or a date (its options `dateext` and `dateformat`)."""

_CONTROLS = bytes(byte for byte in (*range(32), 127) if byte not in b"\t\n\r\f\x1b")

NOT_BY_NAME = "not a log file by its name"

_TABLES = frozenset((".csv", ".tsv"))
_JSON = frozenset((".json", ".jsonl", ".ndjson"))

_BYTE_ORDER_MARKS = (
    (b"\xff\xfe\0\0", "utf-32-le"),
    (b"\0\0\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)

_NOT_READ = (
    (0, b"\x28\xb5\x2f\xfd", "compressed with Zstandard"),
    (4, b"1AY&SY", "compressed with bzip2"),
    (0, b"\xfd7zXZ\0", "compressed with xz"),
    (0, b"\x04\x22\x4d\x18", "compressed with LZ4"),
    (0, b"\x1f\x9d", "compressed with compress"),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (0, b"Rar!\x1a\x07", "a RAR archive"),
    (257, b"ustar", "a tar archive"),
)
_NOT_LOGS = (
    (4, b"LfLe", "an event log of Windows XP and 2003 (.evt), which is not read: export it as .evtx"),
    (0, b"SQLite format 3\0", "an SQLite database, which is not read: export its tables as CSV"),
    (0, b"\xd4\xc3\xb2\xa1", "a packet capture, which is not read: it holds no events"),
    (0, b"\xa1\xb2\xc3\xd4", "a packet capture, which is not read: it holds no events"),
    (8, b"\x4d\x3c\x2b\x1a", "a packet capture, which is not read: it holds no events"),
    (0, b"\x1f\x8b", "gzip inside gzip, which is not read: unpack it first"),
    (0, b"PK\x03\x04", "a zip inside an archive, which is not opened: unpack it first"),
    (0, b"PK\x05\x06", "an empty zip"),
)


def is_log_name(name: str) -> bool:
    """Whether a file in a folder or archive is taken for a log: by its suffix, or as a system's log without one. What
    compression and rotation put behind the name does not count."""
    bare = bare_name(name)
    return PurePosixPath(bare).suffix in LOG_SUFFIXES or bare in _SYSTEM_LOGS


def bare_name(name: str) -> str:
    """A name in lower case without `.gz` and without the number or date of a rotated file."""
    bare = name.lower().removesuffix(".gz")
    while (found := _ROTATED.search(bare)) is not None and found.start() > 0:
        bare = bare[: found.start()]
    return bare


def recognise(name: str, head: bytes) -> Recognised | str:
    """The format by content, with the name's help for tables; else the reason why the file is not read."""
    if not head:
        return "empty"
    suffix = PurePosixPath(bare_name(name)).suffix
    if head.startswith(b"ElfFile\0") or suffix == ".evtx":
        return Recognised(LogFormat.EVTX)
    if head.startswith(b"PAR1"):
        return Recognised(LogFormat.PARQUET)
    if (reason := _unread(head)) is not None:
        return reason
    encoding = _encoding(head)
    if encoding is not None:
        text = head.decode(encoding, "replace").encode()
    elif _is_binary(head):
        return "binary, of no format that is read"
    else:
        text = head
    text = text.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n\0")
    return Recognised(_text_format(suffix, text), encoding) if text else "empty"


def _unread(head: bytes) -> str | None:
    for offset, magic, what in _NOT_READ:
        if head.startswith(magic, offset):
            return f"{what}, which is not read yet: unpack it first"
    for offset, magic, reason in _NOT_LOGS:
        if head.startswith(magic, offset):
            return reason
    return None


def _encoding(head: bytes) -> str | None:
    """The encoding of text that is no UTF-8: by its byte order mark, or by zeros in every second place."""
    for mark, encoding in _BYTE_ORDER_MARKS:
        if head.startswith(mark):
            return encoding
    start = head[:256]
    first, second = start[::2], start[1::2]
    if len(start) >= 8 and not any(second) and all(first):
        return "utf-16-le"
    if len(start) >= 8 and not any(first) and all(second):
        return "utf-16-be"
    return None


def _is_binary(head: bytes) -> bool:
    """Whether bytes are no text. Zeros around what is text, and a few of them inside, are places that a crash left
    unwritten in a log."""
    if b"\0" not in head[:1024]:
        return False
    written = head.strip(b"\0")
    controls = len(written) - len(written.translate(None, _CONTROLS))
    return controls > len(written) // (50 if len(written) > 1024 else 10) or not written


def _text_format(suffix: str, text: bytes) -> LogFormat:
    if suffix in _TABLES:
        return LogFormat.CSV
    if text.startswith(b"["):
        return LogFormat.JSON if suffix in _JSON or text[1:].lstrip()[:1] in b"{]" else LogFormat.TEXT
    if text.startswith(b"{"):
        return LogFormat.JSON if _is_spread(text) else LogFormat.JSON_LINES
    return LogFormat.JSON_LINES if suffix in (".jsonl", ".ndjson") else LogFormat.TEXT


def _is_spread(text: bytes) -> bool:
    """Whether a JSON document goes over several lines: its first line is no whole object, the next begins none."""
    first, end, rest = text.partition(b"\n")
    if not end:
        return False
    line = first.strip()
    if line in (b"{", b"{}") or line.endswith((b",", b"{", b"[", b":")):
        return not rest.lstrip().startswith(b"{")
    return False
