"""Where sqlglot's nodes stand in the text, and what quoted texts stand for."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from sqlglot import exp
from sqlglot.tokenizer_core import Token

from rulescope.text import NO_SPAN, Span

_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|[0-7]{1,3}|.)|''", re.DOTALL)
_PLAIN = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_NEXT = frozenset({
    "from", "where", "group", "having", "qualify", "order", "limit", "union", "except", "minus", "intersect", "join",
    "inner", "left", "right", "full", "cross", "natural", "lateral", "fetch", "offset", "select",
})  # fmt: skip
_OPENING, _CLOSING = frozenset({"(", "["}), frozenset({")", "]"})


class Places:
    """A query's text and tokens, and the way from sqlglot's nodes to them."""

    def __init__(self, text: str, tokens: Sequence[Token]) -> None:
        self.text = text
        self.tokens = tokens
        self.starts = [token.start for token in tokens]
        # The node is kept beside its extent, so that no other takes its identity.
        self._extents: dict[int, tuple[exp.Expr, int, int]] = {}

    def span(self, node: exp.Expr | None) -> Span:
        """The place of a node, as far as its names and constants tell; brackets that they open or close belong to
        it."""
        if node is None:
            return NO_SPAN
        start, end = self._extent(node)
        return self._balanced(start, end) if end > start else NO_SPAN

    def _extent(self, node: exp.Expr) -> tuple[int, int]:
        """The first and last character that a node's names and constants tell; each node is looked at once."""
        waiting = [node]
        while waiting:
            one = waiting[-1]
            if id(one) in self._extents:
                waiting.pop()
                continue
            below = [child for child in one.iter_expressions() if id(child) not in self._extents]
            if below:
                waiting += below
                continue
            waiting.pop()
            start, end = len(self.text), -1
            if one.meta and one.meta.get("start") is not None:
                start, end = one.meta["start"], one.meta["end"] + 1
            for child in one.iter_expressions():
                _, first, last = self._extents[id(child)]
                start, end = min(start, first), max(end, last)
            self._extents[id(one)] = (one, start, end)
        return self._extents[id(node)][1:]

    def _balanced(self, start: int, end: int) -> Span:
        """The place widened by the brackets that close what stands open in it."""
        first = bisect_left(self.starts, start)
        last = bisect_right(self.starts, end - 1)
        depth = 0
        lowest = 0
        for token in self.tokens[first:last]:
            depth += (token.text in _OPENING and token.token_type.name != "STRING") - (
                token.text in _CLOSING and token.token_type.name != "STRING"
            )
            lowest = min(lowest, depth)
        while lowest < 0 and first > 0 and self.tokens[first - 1].text in _OPENING:
            first -= 1
            start = self.tokens[first].start
            depth += 1
            lowest += 1
        while depth > 0 and last < len(self.tokens) and self.tokens[last].text in _CLOSING:
            end = self.tokens[last].end + 1
            last += 1
            depth -= 1
        return Span(start, end)

    def clause(self, node: exp.Expr | None, *keywords: str) -> Span:
        """The place of a clause: from its keyword before the node to the end of the node."""
        inner = self.span(node)
        if inner == NO_SPAN:
            return inner
        index = bisect_left(self.starts, inner.start) - 1
        start = inner.start
        for back in range(index, max(index - 8, -1), -1):
            if self.tokens[back].text.lower().partition(" ")[0] in keywords:
                start = self.tokens[back].start
                break
        start, end = self._balanced(start, inner.end)
        # Words such as `is null` and `desc` have no place of their own: the clause goes on to the next one.
        for token in self.tokens[bisect_left(self.starts, end) :]:
            if token.text.lower().partition(" ")[0] in _NEXT or token.text in ")];,":
                break
            end = token.end + 1
        return Span(start, end)

    def text_of(self, span: Span) -> str:
        """The text at a place."""
        return self.text[span.start : span.end]

    def literal(self, node: exp.Literal) -> str:
        """What a quoted text stands for: escapes by Snowflake's rules, read from the text itself.

        Source: "String & binary data types", on single-quoted and dollar-quoted constants: a backslash before any
        other character is left out.
        """
        start, end = node.meta.get("start"), node.meta.get("end")
        written = self.text[start : end + 1] if start is not None and end is not None else ""
        if written.startswith("$$") and written.endswith("$$") and len(written) >= 4:
            return written[2:-2]
        if len(written) < 2 or written[0] != "'" or written[-1] != "'":
            return str(node.this)
        return _ESCAPE.sub(_unescaped, written[1:-1])


def _unescaped(found: re.Match[str]) -> str:
    if found.group() == "''":
        return "'"
    escape = found[1]
    if escape[0] in "ux" and len(escape) > 1:
        code = int(escape[1:], 16)
        return found.group() if 0xD800 <= code <= 0xDFFF else chr(code)
    if escape[0] in "01234567":
        return chr(int(escape, 8))
    return _PLAIN.get(escape, escape)
