"""Zeek's logs as its ASCII writer makes them: rows under a header whose lines begin with `#` (Zeek documentation,
"ASCII Writer").

`#separator` tells what stands between cells, `#unset_field` and `#empty_field` what stands for no value. Where a
header is damaged its rows are read all the same, as far as it tells what they are, and LOG050 says so.
"""

from __future__ import annotations

import re
from collections import Counter

from rulescope.logs.model import Event, Fields
from rulescope.logs.readers.sink import Sink
from rulescope.logs.timestamps import parse_time
from rulescope.logs.windows_xml import add_value

_HEADER = re.compile(r"#(?:separator(?=\s|$)|(?:set_separator|empty_field|unset_field|path|open|fields|types)(?=\t|$))")
_WORDS = frozenset(("set_separator", "empty_field", "unset_field", "path", "open", "close", "fields", "types"))
_CODED = re.compile(r"(?:\\x[0-9A-Fa-f]{2})+")
_CODE = "LOG050"


class ZeekText:
    """The header of a Zeek log as far as it was read, and its rows as events. A file may hold several logs."""

    def __init__(self, source: str, sink: Sink) -> None:
        self._source = source
        self._sink = sink
        self._begun = False
        self._begin()

    def _begin(self) -> None:
        self._separator = "\t"
        self._unset, self._empty = "-", "(empty)"
        self._names: list[str] = []
        self._plain = True

    def takes(self, text: str, number: int) -> bool:
        """Take a line of a header, or a row under one that tells its names; false for any other line."""
        if text.startswith("#") and (self._begun or _HEADER.match(text)):
            self._begun = True
            self._header(text, number)
            return True
        if self._names:
            if text:
                self._sink.event(self._event(text, number))
            return True
        if self._begun and text:
            self._say("no names of fields: its rows are read as plain text", number)
        return False

    def _header(self, text: str, number: int) -> None:
        if text.startswith("#separator"):
            self._begin()
            self._separator = self._read_separator(text.removeprefix("#separator").strip(), number)
            return
        word, *cells = text[1:].split(self._separator)
        if word not in _WORDS:
            word, *cells = text[1:].split("\t")
            if word not in _WORDS:
                self._sink.note(_CODE, "a line with '#' that is no part of a Zeek header is not read", number)
                return
            self._say("another separator than stands between its names: a tab is taken", number)
            self._separator = "\t"
        self._take(word, cells, number)

    def _event(self, text: str, number: int) -> Event:
        cells = text.split(self._separator)
        if len(cells) != len(self._names):
            self._sink.note("LOG033", "a row with more or fewer cells than there are names", number)
        nothing = (self._unset, self._empty, "")
        pairs = ((name, cell) for name, cell in zip(self._names, cells, strict=False) if cell not in nothing)
        fields: Fields = {}
        if self._plain:
            fields.update(pairs)
        else:
            for name, cell in pairs:
                add_value(fields, name, cell)
        time = parse_time(fields.get("ts"))
        fields["_raw"] = text
        fields["source"] = self._source
        fields["sourcetype"] = "bro"
        fields.setdefault("index", "main")
        return Event(number, time, fields)

    def _say(self, what: str, number: int) -> None:
        self._sink.note(_CODE, f"the header of a Zeek log has {what}", number)

    def _read_separator(self, text: str, number: int) -> str:
        if _CODED.fullmatch(text):
            return bytes.fromhex(text.replace("\\x", "")).decode("utf-8", "replace")
        if len(text) == 1:
            return text
        self._say("a separator that can't be read: a tab is taken", number)
        return "\t"

    def _take(self, word: str, cells: list[str], number: int) -> None:
        if word == "fields":
            self._names = cells
            twice = sorted(name for name, count in Counter(cells).items() if count > 1)
            self._plain = not twice
            if twice:
                listed = ", ".join(twice[:5])[:300]
                message = (
                    f"the header has names more than once ({listed}): such a field has the values of all its columns"
                )
                self._sink.note("LOG032", message, number)
        elif word == "types" and self._names and len(cells) != len(self._names):
            self._say(f"{len(self._names)} names and {len(cells)} types: one of these lines is damaged", number)
        elif word == "unset_field" and cells:
            self._unset = cells[0]
        elif word == "empty_field" and cells:
            self._empty = cells[0]


__all__ = ["ZeekText"]
