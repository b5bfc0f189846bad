"""Small EVTX files for tests, written by the layout of the format ([MS-EVEN6], 2.2.12 and the chunks around it).

Records hold plain BinXML without templates. The checksums are right, and so are the numbers in the headers.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence

CHUNK = 65536
HEADER = 4096

Element = tuple[str, dict[str, str], "str | Sequence[Element]"]


def event(number: int, channel: str, data: dict[str, str]) -> Element:
    """A Windows event as a tree: (name, attributes, text or elements)."""
    system: list[Element] = [
        ("Provider", {"Name": "Microsoft-Windows-Sysmon"}, ""),
        ("EventID", {}, "1"),
        ("TimeCreated", {"SystemTime": f"2024-05-01T10:00:{number % 60:02d}.000000Z"}, ""),
        ("EventRecordID", {}, str(number)),
        ("Channel", {}, channel),
        ("Computer", {}, "pc"),
    ]
    values: list[Element] = [("Data", {"Name": name}, value) for name, value in data.items()]
    return ("Event", {}, [("System", {}, system), ("EventData", {}, values)])


def write_evtx(events: Sequence[Element], *, a_chunk: int = 20) -> bytes:
    """The file that holds these events, numbered from 1."""
    parts = [events[start : start + a_chunk] for start in range(0, len(events), a_chunk)]
    chunks = [_chunk(part, 1 + place * a_chunk) for place, part in enumerate(parts)]
    head = struct.pack("<8sQQQIHHHH", b"ElfFile\0", 0, len(chunks) - 1, len(events) + 1, 128, 1, 3, HEADER, len(chunks))
    head += bytes(76) + struct.pack("<I", 0)
    return (head + struct.pack("<I", zlib.crc32(head[:120]))).ljust(HEADER, b"\0") + b"".join(chunks)


def _chunk(events: Sequence[Element], first: int) -> bytes:
    body = b""
    start = 512
    for number, one in enumerate(events, first):
        start = 512 + len(body)
        body += _record(one, number, start)
    free = 512 + len(body)
    last = first + len(events) - 1
    head = struct.pack("<8sQQQQIIII", b"ElfChnk\0", first, last, first, last, 128, start, free, zlib.crc32(body))
    head += bytes(64) + struct.pack("<I", 0)
    tables = bytes(384)
    head += struct.pack("<I", zlib.crc32(head[:120] + tables))
    return (head + tables + body).ljust(CHUNK, b"\0")


def _record(one: Element, number: int, place: int) -> bytes:
    xml = b"\x0f\x01\x01\x00" + _element(one, place + 24 + 4) + b"\x00"
    size = 24 + len(xml) + 4
    size += -size % 8
    filetime = (1714557600 + 11644473600) * 10_000_000
    record = struct.pack("<4sIQQ", b"**\0\0", size, number, filetime) + xml
    return record.ljust(size - 4, b"\0") + struct.pack("<I", size)


def _element(one: Element, place: int) -> bytes:
    name, attributes, content = one
    start = struct.pack("<BI", 0x41 if attributes else 0x01, 0)
    out = start + _name(name, place + len(start))
    if attributes:
        listed = b""
        at = place + len(out) + 4
        for place_of, (key, value) in enumerate(attributes.items(), 1):
            token = b"\x06" if place_of == len(attributes) else b"\x46"
            listed += token + _name(key, at + len(listed) + 1) + _text(value)
        out += struct.pack("<I", len(listed)) + listed
    out += b"\x02"
    if isinstance(content, str):
        out += _text(content) if content else b""
    else:
        for inner in content:
            out += _element(inner, place + len(out))
    out += b"\x04"
    return out[:1] + struct.pack("<I", len(out) - 5) + out[5:]


def _name(name: str, place: int) -> bytes:
    """A name stands where it is first used: its place, then the name itself."""
    encoded = name.encode("utf-16-le")
    hashed = 0
    for character in name:
        hashed = hashed * 65599 + ord(character)
    entry = struct.pack("<IHH", 0, hashed & 0xFFFF, len(name)) + encoded + b"\0\0"
    return struct.pack("<I", place + 4) + entry


def _text(text: str) -> bytes:
    encoded = text.encode("utf-16-le")
    return struct.pack("<BBH", 0x05, 0x01, len(text)) + encoded
