"""Where the texts of a TOML file stand: Python's own reader gives values without their places.

Only what is needed to find them is read here: tables, keys, and strings of the four kinds (toml.io, v1.0.0, "String");
everything else is stepped over.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

Offsets = tuple[tuple[int, int], ...]

_SKIPPED = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)+")
_TABLE = re.compile(r"\[\[?[ \t]*([^\]\n]*?)[ \t]*\]\]?")
_KEY = re.compile(
    r"[ \t]*(?:\"(?:\\.|[^\"\\\n])*\"|'[^'\n]*'|[\w-]+)(?:[ \t]*\.[ \t]*(?:\"[^\"\n]*\"|'[^'\n]*'|[\w-]+))*"
)
_STRING = re.compile(
    r'(?P<triple>"""(?:\\.|[^\\"]|"(?!""))*"{3,5})'
    r"|(?P<literal_triple>'''(?:[^']|'(?!''))*'{3,5})"
    r'|(?P<basic>"(?:\\.|[^"\\\n])*")'
    r"|(?P<literal>'[^'\n]*')",
    re.DOTALL,
)
_PLAIN = re.compile(r"[^\n\"'#\[\]{}]+")
_ESCAPE = re.compile(r"\\(?:([ \t]*\r?\n[ \t\r\n]*)|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))|\r\n", re.DOTALL)
_ESCAPES = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", "e": "\x1b", '"': '"', "\\": "\\"}
_LINE_BREAK = re.compile(r"\r\n")
_OPENING = re.compile(r"\r?\n")


@dataclass(frozen=True, slots=True)
class TomlValue:
    """The place of a key's value in the file, and the offset map of it if it is a text (else empty)."""

    key_start: int
    start: int
    end: int
    offsets: Offsets = ()
    value: str | None = None


def toml_values(text: str) -> dict[str, TomlValue]:
    """The values of a file by `table.key`; of repeated tables (`[[table]]`) the first one's. Never raises."""
    found: dict[str, TomlValue] = {}
    table = ""
    place = 0
    while place < len(text):
        skipped = _SKIPPED.match(text, place)
        if skipped is not None:
            place = skipped.end()
            continue
        header = _TABLE.match(text, place)
        if header is not None:
            table = header[1].strip()
            place = header.end()
            continue
        key = _KEY.match(text, place)
        sign = _after_blanks(text, key.end()) if key is not None else place
        if key is None or not text.startswith("=", sign):
            end = text.find("\n", place)
            place = len(text) if end < 0 else end + 1
            continue
        start = _after_blanks(text, sign + 1)
        value, place = _value(text, key.start(), start)
        name = f"{table}.{key.group().strip()}" if table else key.group().strip()
        found.setdefault(name, value)
    return found


def _after_blanks(text: str, place: int) -> int:
    while place < len(text) and text[place] in " \t":
        place += 1
    return place


def _value(text: str, key_start: int, start: int) -> tuple[TomlValue, int]:
    string = _STRING.match(text, start)
    if string is not None:
        value, offsets = _decoded(string.group(), string.lastgroup or "", start)
        return TomlValue(key_start, start, string.end(), offsets, value), string.end()
    end = _end_of_value(text, start)
    return TomlValue(key_start, start, end), end


def _end_of_value(text: str, start: int) -> int:
    """Where a number, an array or an inline table ends."""
    depth = 0
    place = start
    while place < len(text):
        character = text[place]
        if character in "\"'":
            string = _STRING.match(text, place)
            place = string.end() if string is not None else place + 1
        elif character in "[{":
            depth += 1
            place += 1
        elif character in "]}":
            depth -= 1
            place += 1
            if depth <= 0:
                return place
        elif character == "#" or (character == "\n" and depth == 0):
            if character == "\n" or depth == 0:
                return place
            end = text.find("\n", place)
            place = len(text) if end < 0 else end
        elif character == "\n":
            place += 1
        else:
            plain = _PLAIN.match(text, place)
            place = plain.end() if plain is not None else place + 1
    return place


def _decoded(written: str, style: str, start: int) -> tuple[str, Offsets]:
    """The text that a string stands for, and the runs over which text and file advance together."""
    size = 3 if style.endswith("triple") else 1
    place = size
    end = len(written) - size
    if size == 3:
        # A line break right after the opening quotes is none of the text.
        opening = _OPENING.match(written, place)
        if opening is not None:
            place = opening.end()
    parts: list[str] = []
    runs: list[tuple[int, int]] = []
    length = 0

    def add(piece: str, at: int) -> None:
        nonlocal length
        if not piece:
            return
        if not runs or start + at - runs[-1][1] != length - runs[-1][0]:
            runs.append((length, start + at))
        parts.append(piece)
        length += len(piece)

    for found in (_LINE_BREAK if style.startswith("literal") else _ESCAPE).finditer(written, place, end):
        add(written[place : found.start()], place)
        place = found.end()
        if found.group() == "\r\n":
            add("\n", found.start())
        elif found[1] is None:
            add(_escaped(found), found.start())
    add(written[place:end], place)
    return "".join(parts), tuple(runs) or ((0, start + size),)


def _escaped(found: re.Match[str]) -> str:
    digits = found[2] or found[3]
    if digits:
        code = int(digits, 16)
        return chr(code) if code <= 0x10FFFF else ""
    return _ESCAPES.get(found[4], found[4] or "")
