"""Where each character of a YAML scalar stands in its file, whatever the style it is written in.

The rules are those of YAML 1.1 as libyaml applies them (its line breaks are CR LF, CR, LF and NEL, all read as LF,
and LS and PS, kept as they are): yaml.org/spec/1.1, sections 9.1 (flow scalars), 9.2 and 9.3 (block scalars).
"""

from __future__ import annotations

import re

_BREAK = r"(?:\r\n|[\n\r\x85\u2028\u2029])"
_BREAKS = re.compile(_BREAK)
_NOT_BREAK = re.compile(r"[^\n\r\x85\u2028\u2029]*")
_WHITE = rf"(?P<fold>[ \t]*+{_BREAK}(?:[ \t]|{_BREAK})*+)|(?P<blank>[ \t]{{2,}}+)"
"""A fold, or a run of blanks that is none: taken whole, so that long runs are not searched again at each blank."""
_PLAIN_PIECE = re.compile(_WHITE)
_SINGLE_PIECE = re.compile(rf"(?P<quote>'')|{_WHITE}")
_DOUBLE_PIECE = re.compile(
    rf"(?P<joined>\\{_BREAK}(?:[ \t]|{_BREAK})*+)"
    rf"|(?P<escape>\\(?:x[0-9a-fA-F]{{2}}|u[0-9a-fA-F]{{4}}|U[0-9a-fA-F]{{8}}|.))|{_WHITE}"
)
_HEADER = re.compile(r"[|>]([-+0-9]*)[ \t]*(?:#[^\n\r\x85\u2028\u2029]*)?")
_FIRST_CONTENT = re.compile(r"[^ \n\r\x85\u2028\u2029]")
_ESCAPES = {
    "0": "\0", "a": "\a", "b": "\b", "t": "\t", "\t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r", "e": "\x1b",
    " ": " ", '"': '"', "'": "'", "/": "/", "\\": "\\", "N": "\x85", "_": "\xa0", "L": "\u2028", "P": "\u2029",
}  # fmt: skip

Offsets = tuple[tuple[int, int], ...]


class _Pieces:
    """A value as it is put together, and the runs over which value and file advance together."""

    __slots__ = ("length", "parts", "runs")

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.runs: list[tuple[int, int]] = []
        self.length = 0

    def add(self, text: str, place: int) -> None:
        if not text:
            return
        if not self.runs or place - self.runs[-1][1] != self.length - self.runs[-1][0]:
            self.runs.append((self.length, place))
        self.parts.append(text)
        self.length += len(text)


def yaml_scalar_offsets(file_text: str, start: int, end: int, style: str | None, value: str) -> Offsets:
    """The offset map of a scalar for `Source`: pairs `(offset in value, offset in file_text)`, one a run.

    `start`, `end` and `style` are those of the parser's scalar event, `value` what the parser made of it. A space or
    line feed that stands for a line break maps to that break; a character written as an escape maps to the escape's
    first character. Should the value not come out as the parser read it, the whole of it maps to the scalar's start.
    """
    pieces = _Pieces()
    if style in ("|", ">"):
        _block(pieces, file_text, start, end, style == "|", value)
    elif style == "'":
        _quoted(pieces, file_text, start + 1, end - 1, _SINGLE_PIECE)
    elif style == '"':
        _quoted(pieces, file_text, start + 1, end - 1, _DOUBLE_PIECE)
    else:
        _quoted(pieces, file_text, start, end, _PLAIN_PIECE)
    if "".join(pieces.parts) != value:
        return ((0, start),)
    return tuple(pieces.runs) or ((0, start),)


def _quoted(pieces: _Pieces, text: str, start: int, end: int, pattern: re.Pattern[str]) -> None:
    place = start
    for found in pattern.finditer(text, start, end):
        pieces.add(text[place : found.start()], place)
        place = found.end()
        kind = found.lastgroup
        if kind == "blank":
            pieces.add(found.group(), found.start())
        elif kind == "quote":
            pieces.add("'", found.start())
        elif kind == "escape":
            pieces.add(_unescape(found.group()), found.start())
        else:
            breaks = [(_normal(line.group()), line.start()) for line in _BREAKS.finditer(text, found.start(), place)]
            _fold(pieces, breaks, joined=kind == "joined")
    pieces.add(text[place:end], place)


def _fold(pieces: _Pieces, breaks: list[tuple[str, int]], joined: bool) -> None:
    """Add what a run of line breaks stands for: one is a space (nothing if escaped), each further one a line feed."""
    first, *further = breaks
    if not joined and first[0] != "\n":
        pieces.add(*first)
    elif not joined and not further:
        pieces.add(" ", first[1])
    for text, place in further:
        pieces.add(text, place)


def _unescape(escape: str) -> str:
    if escape[1] in "xuU" and len(escape) > 2:
        code = int(escape[2:], 16)
        return chr(code) if code <= 0x10FFFF else ""
    return _ESCAPES.get(escape[1], "")


def _normal(line_break: str) -> str:
    return line_break if line_break in "\u2028\u2029" else "\n"


def _block(pieces: _Pieces, text: str, start: int, end: int, literal: bool, value: str) -> None:
    header = _HEADER.match(text, start)
    if header is None:
        return
    found = _BREAKS.match(text, header.end())
    if found is None:
        return
    place = found.end()
    indent = _block_indent(text, place, value)
    chomping = header.group(1).strip("0123456789")
    leading: list[tuple[str, int]] = []
    trailing, place = _blank_lines(text, place, end, indent)
    was_indented = False
    while place < end:
        is_indented = text[place : place + 1] in (" ", "\t")
        if not literal and leading and leading[0][0] == "\n" and not was_indented and not is_indented:
            if not trailing:
                pieces.add(" ", leading[0][1])
        else:
            _add_all(pieces, leading)
        _add_all(pieces, trailing)
        was_indented = is_indented
        line = _NOT_BREAK.match(text, place, end)
        stop = line.end() if line else end
        pieces.add(text[place:stop], place)
        found = _BREAKS.match(text, stop, end)
        leading = [(_normal(found.group()), stop)] if found else []
        trailing, place = _blank_lines(text, found.end() if found else stop, end, indent)
    if chomping != "-":
        _add_all(pieces, leading)
    if chomping == "+":
        _add_all(pieces, trailing)


def _add_all(pieces: _Pieces, breaks: list[tuple[str, int]]) -> None:
    for text, place in breaks:
        pieces.add(text, place)


def _block_indent(text: str, place: int, value: str) -> int:
    """How many spaces open each line: those of the first line with content, less those that the value itself has."""
    outer = _FIRST_CONTENT.search(text, place)
    inner = _FIRST_CONTENT.search(value)
    if outer is None or inner is None:
        return 1
    return _spaces_before(text, outer.start()) - _spaces_before(value, inner.start())


def _spaces_before(text: str, place: int) -> int:
    count = 0
    while count < place and text[place - count - 1] == " ":
        count += 1
    return count


def _blank_lines(text: str, place: int, end: int, indent: int) -> tuple[list[tuple[str, int]], int]:
    """The breaks of the empty lines from `place` on, and where the next line's content starts (`end` if none does)."""
    breaks: list[tuple[str, int]] = []
    while place < end:
        column = 0
        while column < indent and text[place + column : place + column + 1] == " ":
            column += 1
        found = _BREAKS.match(text, place + column, end)
        if found is None:
            return breaks, min(place + column, end) if column == indent else end
        breaks.append((_normal(found.group()), found.start()))
        place = found.end()
    return breaks, end
