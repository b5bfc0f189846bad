"""The condition of a rule: from its text to a predicate over named blocks.

Precedence, most binding first (specification, "Condition"): brackets, `x of …`, `not`, `and`, `or`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NoReturn

from rulescope.ir import And, Not, Or, Predicate
from rulescope.languages.sigma.nodes import SigmaReading
from rulescope.text import Source, Span, nearest_name

MAXIMUM_DEPTH = 100
"""How deep brackets and `not` may nest; the deepest known condition has four levels."""

MAXIMUM_WORDS = 20_000
"""Words of a condition that are read; the longest known one has some forty."""

_TOKEN = re.compile(r"\s*(?:([()|])|([^\s()|]+))")
_WORDS = frozenset({"and", "or", "not", "of", "them", "near"})


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    span: Span

    @property
    def folded(self) -> str:
        return self.text.lower()


class _Unreadable(Exception):
    """The condition can't be read any further; what is wrong has been reported."""


@dataclass(frozen=True, slots=True)
class Aggregation:
    """What stands after the pipe of an old condition, with its place."""

    text: str
    span: Span


class ConditionReader:
    """Reads conditions over one rule's blocks; `used` collects the names of the blocks that they name."""

    def __init__(self, reading: SigmaReading, blocks: Mapping[str, Predicate | None]) -> None:
        """`blocks` are the rule's search identifiers, in order; None where one could not be read."""
        self._reading = reading
        self._blocks = blocks
        self.used: dict[str, None] = {}
        self._words: list[_Word] = []
        self._place = 0
        self._end = Span(0, 0)

    def read(self, source: Source, place: Callable[[Span], Span]) -> tuple[Predicate | None, Aggregation | None]:
        """The predicate of one condition, and the aggregation after it; None for what isn't there or can't be read.

        `source` is the condition's text, `place` moves spans over it to spans over the rule's.
        """
        text = source.text
        self._words = []
        for found in _TOKEN.finditer(text):
            group = 1 if found[1] is not None else 2
            self._words.append(_Word(found[group], place(Span(*found.span(group)))))
            if len(self._words) > MAXIMUM_WORDS:
                self._reading.report("SIG011", "the condition is too long", place(Span(0, len(text))))
                return None, None
        self._place = 0
        self._end = place(Span(len(text), len(text)))
        aggregation = self._aggregation(text, place)
        try:
            if not self._words:
                self._fail("the condition is empty", self._end)
            predicate = self._or(0)
            left = self._next()
            if left is not None:
                self._fail(f"expected 'and', 'or' or the end, found '{left.text[:60]}'", left.span)
        except _Unreadable:
            return None, aggregation
        return predicate, aggregation

    def _aggregation(self, text: str, place: Callable[[Span], Span]) -> Aggregation | None:
        """Cuts off what stands from the pipe on."""
        bar = text.find("|")
        if bar < 0:
            return None
        start = place(Span(bar, bar + 1)).start
        self._words = [word for word in self._words if word.span.start < start]
        rest = text[bar + 1 :]
        inner = Span(bar + 1 + len(rest) - len(rest.lstrip()), len(text.rstrip()))
        return Aggregation(rest.strip(), place(Span(inner.start, max(inner.end, inner.start))))

    # -- levels of precedence ------------------------------------------------------------------------------------

    def _or(self, depth: int) -> Predicate | None:
        return self._chain("or", Or, lambda: self._and(depth))

    def _and(self, depth: int) -> Predicate | None:
        return self._chain("and", And, lambda: self._not(depth))

    def _chain(
        self, word: str, kind: type[And] | type[Or], operand: Callable[[], Predicate | None]
    ) -> Predicate | None:
        operands = [operand()]
        while (follows := self._peek()) is not None and follows.folded == word:
            self._place += 1
            operands.append(operand())
        return _combined(kind, operands)

    def _not(self, depth: int) -> Predicate | None:
        word = self._peek()
        if word is not None and word.folded == "not" and "not" not in self._blocks:
            self._place += 1
            self._bound(depth, word)
            operand = self._not(depth + 1)
            return None if operand is None else Not(operand, word.span)
        return self._operand(depth)

    def _operand(self, depth: int) -> Predicate | None:
        word = self._next()
        if word is None:
            self._fail("expected a search identifier, found the end of the condition", self._end)
        if word.text == "(":
            self._bound(depth, word)
            inner = self._or(depth + 1)
            closing = self._next()
            if closing is None or closing.text != ")":
                self._fail("'(' is not closed", word.span)
            return inner
        if word.text == ")":
            self._fail("')' closes nothing", word.span)
        follows = self._peek()
        if follows is not None and follows.folded == "of" and word.text not in self._blocks:
            return self._of(word)
        return self._block(word)

    def _of(self, quantity: _Word) -> Predicate | None:
        self._place += 1
        target = self._next()
        if target is None or target.text in "()":
            self._fail("expected 'them' or a pattern of search identifiers after 'of'", self._end)
        folded = quantity.folded
        if folded not in ("1", "any", "all"):
            self._fail(f"expected '1 of' or 'all of', found '{quantity.text[:60]} of'", quantity.span)
        names = self._named(target)
        if not names:
            self._missing(target, f"no search identifier fits '{target.text[:60]}'")
            return None
        self.used.update(dict.fromkeys(names))
        return _combined(And if folded == "all" else Or, [self._blocks[name] for name in names])

    def _named(self, target: _Word) -> list[str]:
        """The blocks that a pattern names. Those that begin with an underscore must be asked for by that."""
        if target.folded == "them":
            return [name for name in self._blocks if not name.startswith("_")]
        pattern = target.text
        hidden = target.text.startswith("_")
        return [name for name in self._blocks if _fits(pattern, name) and (hidden or not name.startswith("_"))]

    def _block(self, word: _Word) -> Predicate | None:
        if word.text not in self._blocks:
            if word.folded in _WORDS:
                self._fail(f"expected a search identifier, found '{word.text}'", word.span)
            self._missing(word, f"there is no search identifier '{word.text[:60]}'")
            return None
        self.used[word.text] = None
        return self._blocks[word.text]

    # -- small steps ---------------------------------------------------------------------------------------------

    def _peek(self) -> _Word | None:
        return self._words[self._place] if self._place < len(self._words) else None

    def _next(self) -> _Word | None:
        word = self._peek()
        self._place += word is not None
        return word

    def _bound(self, depth: int, word: _Word) -> None:
        if depth >= MAXIMUM_DEPTH:
            self._fail(f"more than {MAXIMUM_DEPTH} levels of brackets", word.span)

    def _missing(self, word: _Word, message: str) -> None:
        near = nearest_name(word.text, self._blocks)
        self._reading.report("SIG012", message, word.span, hint=f"did you mean '{near}'?" if near else None)

    def _fail(self, message: str, span: Span) -> NoReturn:
        self._reading.report("SIG011", message, span)
        raise _Unreadable


def _combined(kind: type[And] | type[Or], operands: list[Predicate | None]) -> Predicate | None:
    """The operands joined; None where one of them could not be read, for the whole would mean something else."""
    known = [operand for operand in operands if operand is not None]
    if len(known) != len(operands):
        return None
    if len(known) == 1:
        return known[0]
    spans = [operand.span for operand in known]
    whole = spans[0]
    for span in spans[1:]:
        whole = whole.union(span)
    return kind(tuple(known), whole)


def _fits(pattern: str, name: str) -> bool:
    """Whether a name is what a pattern with stars says; each piece is found once, so that no pattern takes long."""
    first, *rest = pattern.split("*")
    if not rest:
        return pattern == name
    last = rest.pop()
    if not name.startswith(first) or not name.endswith(last) or len(name) < len(first) + len(last):
        return False
    place, end = len(first), len(name) - len(last)
    for piece in rest:
        found = name.find(piece, place, end)
        if found < 0:
            return False
        place = found + len(piece)
    return True
