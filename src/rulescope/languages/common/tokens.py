"""Tokens of a query, and a reader over them that knows where it is, what was expected, and how deep brackets nest."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import NamedTuple, NoReturn

from rulescope.languages.common.problems import SyntaxProblem
from rulescope.text import Diagnostic, Severity, Span

MAXIMUM_DEPTH = 50
"""How deep brackets and signs may nest: the deepest of the rules known to us has 7. A bracket takes some twelve frames
of Python's stack, which has a thousand."""

MAXIMUM_LENGTH = 500_000
"""Characters of a query that is read."""

MAXIMUM_TOKENS = 200_000
"""Tokens of a query that are read; the longest rule known to us has some 6,000."""

_SHOWN = 40


class Token(NamedTuple):
    """A piece of a query: its kind, its characters, and where they stand. The last token's kind is `end`."""

    kind: str
    text: str
    start: int
    end: int

    @property
    def span(self) -> Span:
        """The place of the token in the query."""
        return Span(self.start, self.end)


_OPENING = "([{"
_CLOSING = ")]}"


def unpaired_bracket(signs: Iterable[tuple[str, int]]) -> tuple[str, int] | None:
    """The first bracket among the signs (each with its place) that nothing closes, or that closes nothing; brackets of
    all kinds count alike."""
    opened: list[tuple[str, int]] = []
    for sign in signs:
        if sign[0] in _OPENING:
            opened.append(sign)
        elif sign[0] in _CLOSING:
            if not opened:
                return sign
            opened.pop()
    return opened[0] if opened else None


def unpaired_problem(code: str, sign: tuple[str, int]) -> Diagnostic:
    """What is to be said of it."""
    wrong = "is not closed" if sign[0] in _OPENING else "closes nothing"
    return Diagnostic(code, f"unbalanced bracket: this '{sign[0]}' {wrong}", Span(sign[1], sign[1] + 1))


def tokenise(text: str, pattern: re.Pattern[str], code: str) -> list[Token]:
    """The tokens of a text, one a named group of `pattern`; groups called `blank` are left out.

    Where nothing matches, one character becomes a token of kind `stray`. Raises `SyntaxProblem` with `code` if there
    are too many.
    """
    tokens: list[Token] = []
    place = 0
    length = len(text)
    while place < length:
        found = pattern.match(text, place)
        if found is None or found.end() == place:
            tokens.append(Token("stray", text[place], place, place + 1))
            place += 1
        else:
            kind = found.lastgroup or "stray"
            if kind != "blank":
                tokens.append(Token(kind, found.group(), place, found.end()))
            place = found.end()
        if len(tokens) > MAXIMUM_TOKENS:
            raise SyntaxProblem(Diagnostic(code, f"more than {MAXIMUM_TOKENS:,} words are not read", Span(0, 1)))
    tokens.append(Token("end", "", length, length))
    return tokens


class TokenReader:
    """Reads tokens from left to right. `code` is the language's code for "expected X, found Y"."""

    def __init__(self, text: str, tokens: list[Token], code: str, depth_code: str) -> None:
        self.text = text
        self.tokens = tokens
        self.index = 0
        self.code = code
        self.depth_code = depth_code
        self.depth = 0
        self.diagnostics: list[Diagnostic] = []

    def peek(self, ahead: int = 0) -> Token:
        """The token at hand, or one further on."""
        return self.tokens[min(self.index + ahead, len(self.tokens) - 1)]

    def take(self) -> Token:
        """The token at hand, and on to the next."""
        token = self.peek()
        if token.kind != "end":
            self.index += 1
        return token

    @property
    def last_end(self) -> int:
        """Where the token that was read last ends."""
        return self.tokens[self.index - 1].end if self.index else 0

    def at(self, *texts: str) -> bool:
        """Whether the token at hand is one of these signs."""
        token = self.peek()
        return token.kind == "sign" and token.text in texts

    def at_word(self, *words: str) -> bool:
        """Whether the token at hand is one of these words, in any case of letters."""
        token = self.peek()
        return token.kind == "word" and token.text.lower() in words

    def accept(self, *texts: str) -> Token | None:
        """Take a sign if it is one of these."""
        return self.take() if self.at(*texts) else None

    def accept_comma(self) -> bool:
        """Take a comma; raises `SyntaxProblem` where nothing follows it that it could part from what stands before."""
        if self.accept(",") is None:
            return False
        if self.peek().kind == "end" or self.at(",", ")", "]", "}", "|", ";"):
            self.fail("something behind the comma")
        return True

    def accept_word(self, *words: str) -> Token | None:
        """Take a word if it is one of these."""
        return self.take() if self.at_word(*words) else None

    def expect(self, text: str, where: str = "") -> Token:
        """Take this sign; raises `SyntaxProblem` if something else stands here."""
        return self.accept(text) or self.fail(f"'{text}'{where}")

    def expect_word(self, word: str, where: str = "") -> Token:
        """Take this word; raises `SyntaxProblem` if something else stands here."""
        return self.accept_word(word) or self.fail(f"'{word}'{where}")

    def fail(self, expected: str, hint: str | None = None, token: Token | None = None) -> NoReturn:
        """Raise the `SyntaxProblem` that something else was expected here."""
        found = token or self.peek()
        shown = "the end of the query" if found.kind == "end" else f"'{_short(found.text)}'"
        span = found.span if found.kind != "end" else Span(max(found.start - 1, 0), max(found.start, 1))
        raise SyntaxProblem(Diagnostic(self.code, f"expected {expected}, found {shown}", self.bounded(span), hint=hint))

    def bounded(self, span: Span) -> Span:
        """The span, kept inside the text."""
        end = len(self.text)
        return Span(min(span.start, end), min(span.end, end))

    def note(
        self, code: str, message: str, span: Span, severity: Severity = "warning", hint: str | None = None
    ) -> None:
        """Note something doubtful that does not stop the reading."""
        self.diagnostics.append(Diagnostic(code, message, self.bounded(span), severity, hint))

    def check_depth(self, depth: int) -> None:
        """Raise `SyntaxProblem` where something nests deeper than is read."""
        if depth > MAXIMUM_DEPTH:
            message = f"this nests deeper than {MAXIMUM_DEPTH}"
            raise SyntaxProblem(Diagnostic(self.depth_code, message, self.bounded(self.peek().span)))

    @contextmanager
    def nested(self) -> Iterator[None]:
        """One bracket deeper; raises `SyntaxProblem` where that is too deep."""
        self.depth += 1
        self.check_depth(self.depth)
        try:
            yield
        finally:
            self.depth -= 1


def name_part(token: Token) -> str:
    """A name, or a part of one, without its backticks (EQL, ES|QL); a doubled backtick is one."""
    if token.text.startswith("`"):
        return token.text[1:-1].replace("``", "`")
    return token.text


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN else f"{line[:_SHOWN]}…"
