"""A query's text, where it stands in its file, and spans over it."""

from __future__ import annotations

from bisect import bisect_right
from typing import NamedTuple


class Span(NamedTuple):
    """A half-open range of character offsets into a `Source.text`."""

    start: int
    end: int

    def union(self, other: Span) -> Span:
        """The smallest span that holds both."""
        return Span(min(self.start, other.start), max(self.end, other.end))


NO_SPAN = Span(0, 0)


class Position(NamedTuple):
    """A place in a file as people count: line and column both start at 1."""

    line: int
    column: int


class Source:
    """The text of one query, with the way back to the file that it was read from.

    `name` is what messages call the file. `text` is the query itself, as the language's parser sees it.
    When the query is a value inside a larger file (a folded YAML scalar, a setting of a .conf file), `outer`
    is the whole file's text and `offsets` maps positions: a sorted tuple of `(offset in text, offset in outer)`
    pairs, each opening a run over which both advance one character at a time. Without them the query is the file.
    `first_line` is the number of the outer text's first line, where that is one record of a larger file.
    From `own_end` on the text is that of other files, which the query draws in: it stands at the query's start.
    """

    __slots__ = ("_inner_starts", "_line_starts", "first_line", "name", "offsets", "outer", "own_end", "text")

    def __init__(
        self,
        text: str,
        name: str = "<text>",
        outer: str | None = None,
        offsets: tuple[tuple[int, int], ...] = (),
        first_line: int = 1,
        own_end: int | None = None,
    ) -> None:
        self.text = text
        self.name = name
        self.outer = outer
        self.offsets = offsets
        self.first_line = first_line
        self.own_end = own_end
        self._line_starts: list[int] | None = None
        self._inner_starts: list[int] | None = None

    @property
    def file_text(self) -> str:
        """The whole text that positions count in: the outer file, or the query where it is the file."""
        return self.text if self.outer is None else self.outer

    def file_offset(self, offset: int) -> int:
        """Where character `offset` of the query stands in `file_text`."""
        if self.outer is None or not self.offsets:
            return offset
        if self.own_end is not None and offset >= self.own_end:
            return self.offsets[0][1]
        if self._inner_starts is None:
            self._inner_starts = [inner for inner, _ in self.offsets]
        index = max(bisect_right(self._inner_starts, offset) - 1, 0)
        inner, outer = self.offsets[index]
        return min(max(outer + offset - inner, 0), len(self.outer))

    def position(self, offset: int) -> Position:
        """Line and column, in the file, of character `offset` of the query."""
        place = self.file_offset(offset)
        starts = self._starts()
        line = bisect_right(starts, place)
        return Position(line + self.first_line - 1, place - starts[line - 1] + 1)

    def line(self, number: int) -> str:
        """The text of line `number` (from 1) of the file, without its line break; empty if there is none."""
        starts = self._starts()
        number -= self.first_line - 1
        if not 1 <= number <= len(starts):
            return ""
        end = starts[number] if number < len(starts) else len(self.file_text)
        return self.file_text[starts[number - 1] : end].rstrip("\r\n")

    def slice(self, span: Span) -> str:
        """The query's characters in `span`, verbatim."""
        return self.text[span.start : span.end]

    def _starts(self) -> list[int]:
        if self._line_starts is None:
            starts = [0]
            text = self.file_text
            found = text.find("\n")
            while found != -1:
                starts.append(found + 1)
                found = text.find("\n", found + 1)
            self._line_starts = starts
        return self._line_starts
