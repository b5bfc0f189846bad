"""Windows events in text files of XML, however they stand in lines: one a line, several, or one over many lines.

Event Viewer and PowerShell write a document with one element around all events, `wevtutil` writes events one after the
other. What stands around them (a declaration, comments, the tags of the outer element) is no event; any other text
between them is given back to be read as text.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from rulescope.logs.model import LoadLimits
from rulescope.logs.readers.sink import Sink
from rulescope.logs.windows_xml import read_event_xml

EVENT_END = b"</Event>"
"""Where a line that is too long to be held may be parted."""

_START = re.compile(r"<Event(?=[\s>]|$)")
_FIRST = re.compile(r"\s*<Event(?=[\s>]|$)")
# What does not end takes in the rest, so that nothing is searched twice.
_TAG = re.compile(r"<!\[CDATA\[.*?(?:\]\]>|$)|<!--.*?(?:-->|$)|(<)(/?)Event(?=[\s>]|$)(?![^<>]*/>)")
_AGAIN = re.compile(r"<Event(?:\s[^<>]*)?>\s*<System[\s>]")
# Nothing is tried twice: comments could else be parted in more ways than there is time for.
_AROUND = re.compile(r"(?:\s*(?><\?[^<>]*\?>|<!--.*?-->|</?[A-Za-z_][\w.:-]*(?:\s[^<>]*)?>))++\s*")
_NAME = re.compile(r"</?([A-Za-z_][\w.:-]*)")

_MOST_HELD = 100
"""So many lines of markup may stand before the first event."""


class EventXml:
    """Takes the lines of a text file that are XML with Windows events in it; `plain` takes text that is none."""

    def __init__(self, sink: Sink, limits: LoadLimits, plain: Callable[[str, int], None]) -> None:
        self._sink = sink
        self._limits = limits
        self._plain = plain
        self._parts: list[str] = []
        self._number = 0
        self._size = 0
        self._depth = 0
        self._held: list[tuple[str, int]] = []
        self._outer: set[str] | None = None
        self._comment = 0

    def take(self, text: str, number: int) -> bool:
        """Take a line, if it is or may be XML with events; false where it is other text."""
        if self._parts and not self._has_room(text):
            self._emit()
        elif self._parts and _FIRST.match(text):
            # The event before has lost its end.
            self._emit()
        place: int | None = self._inside(text, 0) if self._parts else 0
        while place is not None and place < len(text):
            place = self._outside(text, place, number)
        return bool(self._parts) or bool(place)

    def end(self) -> None:
        """The file, or its XML, ends here: the event that is being read ends, too, and what was held is text."""
        self._emit()
        if self._comment:
            self._sink.note("LOG053", "a comment of XML that does not end takes in all that follows", self._comment)
            self._comment = 0
        held, self._held = self._held, []
        for text, number in held:
            self._plain(text, number)

    def _has_room(self, text: str) -> bool:
        self._size += len(text) + 1
        if len(self._parts) < self._limits.event_lines and self._size <= self._limits.line_bytes:
            return True
        bounds = f"{self._limits.event_lines:,} lines or {self._limits.line_bytes:,} characters"
        self._sink.note("LOG036", f"an event of more than {bounds} is read as several", self._number)
        return False

    def _outside(self, text: str, place: int, number: int) -> int | None:
        """Go on to where the next event begins, or to the end of the line; None for a line that is other text."""
        if self._comment:
            return self._in_comment(text, place, number)
        found = _START.search(text, place)
        end = len(text) if found is None else found.start()
        opened = text.find("<!--", place, end)
        if opened >= 0 and self._is_markup(text[place:opened]):
            self._comment = number
            return self._in_comment(text, opened, number)
        between = text[place:end]
        if between.strip() and not self._is_around(between, number, found is not None):
            if place == 0:
                self.end()
                return None
            self._plain(between.strip(), number)
        if found is not None:
            self._begin(number)
            return self._inside(text, end)
        return end

    def _is_markup(self, before: str) -> bool:
        """Whether a comment may begin here: tags of a document of events were seen, and nothing else stands before."""
        if not before.strip():
            return self._outer is not None or bool(self._held)
        known = self._outer is not None and _AROUND.fullmatch(before) is not None
        return known and set(_NAME.findall(before)) <= (self._outer or set())

    def _in_comment(self, text: str, place: int, number: int) -> int:
        """Go past a comment, in which no event is one, or to the end of the line."""
        found = text.find("-->", place)
        end = len(text) if found < 0 else found + len("-->")
        if _START.search(text, place, end):
            self._sink.note("LOG052", "an event in a comment of XML is passed over", number)
        if self._outer is None:
            # Nothing tells yet that this is no text.
            self._held.append((text[place:end], number))
        self._comment = 0 if found >= 0 else self._comment
        return end

    def _is_around(self, text: str, number: int, begins: bool) -> bool:
        """Whether text outside of events is markup around them. Before the first event nothing tells but that one
        comes: the line is held until then."""
        if _AROUND.fullmatch(text) is None:
            return False
        names = set(_NAME.findall(text))
        if self._outer is not None:
            return names <= self._outer
        if not begins:
            self._held.append((text, number))
            return len(self._held) <= _MOST_HELD
        self._outer = names.union(*(_NAME.findall(held) for held, _ in self._held))
        return True

    def _begin(self, number: int) -> None:
        if self._outer is None:
            self._outer = {name for held, _ in self._held for name in _NAME.findall(held)}
        self._held.clear()
        self._number, self._size, self._depth = number, 0, 0

    def _inside(self, text: str, place: int) -> int:
        """Go on to where the event ends, or to the end of the line."""
        for tag in _TAG.finditer(text, place):
            if tag.group(1) is None:
                # Text, or a comment, in which an event's tag is none.
                continue
            if tag.group(2):
                self._depth -= 1
            elif self._depth and _AGAIN.match(text, tag.start()):
                # Another event begins where this one has not ended.
                self._parts.append(text[place : tag.start()])
                self._emit()
                return tag.start()
            else:
                self._depth += 1
            if self._depth == 0:
                end = tag.end() + 1
                self._parts.append(text[place:end])
                self._emit()
                return end
        self._parts.append(text[place:])
        return len(text)

    def _emit(self) -> None:
        """Give the event that is being read, if there is one."""
        if not self._parts:
            return
        raw = "\n".join(self._parts).strip()
        self._parts = []
        try:
            self._sink.event(read_event_xml(raw, self._number, raw=raw, unbalanced=self._tell_unbalanced))
        except ValueError as error:
            self._sink.problem(str(error), record=self._number)

    def _tell_unbalanced(self) -> None:
        self._sink.note("LOG049", "an event whose XML tags don't pair: some of its fields may be missing", self._number)
