"""JSON that a strict reader refuses: what was meant where that is certain, and the whole parts of what is damaged."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from enum import Enum
from typing import Any, NamedTuple

from rulescope.logs.readers.sink import NOT_ITS_ENCODING

_REPLACED = ("LOG030", NOT_ITS_ENCODING)
_HALF = ("LOG030", "an escape that is half a character, such as \\ud800: U+FFFD stands in its place")
_LENIENT = ("LOG048", "control characters, zeros or NaN where JSON does not allow them: read as they stand")

_ESCAPE = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[dD][89a-fA-F][0-9a-fA-F]{2}|\\.", re.S
)
_HALF_LENGTH = len(r"\ud800")
_TOKEN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"?|[][{},]', re.S)
_ENVELOPE = re.compile(rb'\s*\{\s*"[Rr]ecords"\s*:\s*(?=\[)')
_BETWEEN = b" \t\r\n,\0"


class Repaired(NamedTuple):
    """A value, the text that it was read from, and what had to be put up with, as (code, message)."""

    value: Any
    text: str
    remarks: tuple[tuple[str, str], ...]


def repair(data: bytes) -> Repaired:
    """A value that a strict reader refused: with bytes that are no UTF-8, half characters, control characters in texts,
    NaN, or zeros around it. Raises ValueError or RecursionError where it is no JSON for all that."""
    remarks = []
    try:
        text = data.decode()
    except UnicodeDecodeError:
        text = data.decode("utf-8", "replace")
        remarks.append(_REPLACED)
    whole = _ESCAPE.sub(_whole_character, text)
    if whole != text:
        remarks.append(_HALF)
    value, lenient = _parse(whole)
    if lenient:
        remarks.append(_LENIENT)
    return Repaired(value, text, tuple(remarks))


def _whole_character(found: re.Match[str]) -> str:
    escape = found.group()
    return "\ufffd" if len(escape) == _HALF_LENGTH else escape


def _parse(text: str) -> tuple[Any, bool]:
    constants: list[str] = []

    def constant(name: str) -> str:
        constants.append(name)
        return name

    stripped = text.strip().strip("\0")
    try:
        value = json.loads(stripped, parse_float=str, parse_constant=constant)
    except ValueError:
        return json.loads(stripped, parse_float=str, parse_constant=constant, strict=False), True
    return value, bool(constants) or stripped != text.strip()


class Piece(Enum):
    """What a part of a damaged text is: an object that stands alone, an element of an array, either of them when it
    breaks off, or text between values."""

    OBJECT = 1
    ELEMENT = 2
    CUT_OBJECT = 3
    CUT_ELEMENT = 4
    BETWEEN = 5


Pieces = Iterator[tuple[Piece, int, int]]


def find_pieces(data: bytes) -> Pieces:
    """The values of a text by their brackets, each with where it begins and ends: the objects that it is made of, and
    the elements of its arrays."""
    depth = 0
    listed = False
    place = 0
    for token in _TOKEN.finditer(data):
        character = token.group()
        if character in (b"[", b"{"):
            if depth == 0:
                yield from _piece(Piece.BETWEEN, data, place, token.start())
                listed = character == b"["
                place = token.end() if listed else token.start()
            depth += 1
        elif character in (b"]", b"}") and depth:
            depth -= 1
            if depth == 0:
                end = token.start() if listed else token.end()
                yield from _piece(Piece.ELEMENT if listed else Piece.OBJECT, data, place, end)
                place = token.end()
        elif character == b"," and depth == 1 and listed:
            yield from _piece(Piece.ELEMENT, data, place, token.start())
            place = token.end()
    if depth:
        yield Piece.CUT_ELEMENT if listed else Piece.CUT_OBJECT, place, len(data)
    else:
        yield from _piece(Piece.BETWEEN, data, place, len(data))


def _piece(kind: Piece, data: bytes, start: int, end: int) -> Pieces:
    text = data[start:end].lstrip(_BETWEEN)
    if text:
        yield kind, end - len(text), end


def inside_envelope(data: bytes, start: int, end: int) -> int | None:
    """Where the array begins in a part of a text that is CloudTrail's or Azure's envelope (`{"Records": […`); None
    where it is none."""
    found = _ENVELOPE.match(data, start, end)
    return None if found is None else found.end()
