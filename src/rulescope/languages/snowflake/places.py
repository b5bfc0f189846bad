"""Where sqlglot's nodes stand in the text, and what quoted texts stand for."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from sqlglot import exp
from sqlglot.tokenizer_core import Token

from rulescope.languages.snowflake.texts import unquoted
from rulescope.text import NO_SPAN, Span

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
            meta = one.meta if one._meta is not None else {}
            if "first" in meta:
                start, end = meta["first"], meta["last"]
            elif "start" in meta:
                start, end = meta["start"], meta["end"] + 1
            if "last" in meta:
                end = max(end, meta["last"])
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

    def written(self, node: exp.Literal) -> tuple[str, int]:
        """A constant as it is written, quotes and all, and where it stands."""
        start, end = node.meta.get("start"), node.meta.get("end")
        return (self.text[start : end + 1], start) if start is not None and end is not None else ("", 0)

    def literal(self, node: exp.Literal) -> str:
        """What a quoted text stands for, read from the text itself."""
        found = unquoted(self.written(node)[0])
        return str(node.this) if found is None else found
