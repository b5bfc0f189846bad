"""Reading a stage's text from left to right: places and messages, characters, words.

There is no separate lexer, since what a word is depends on the command.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NoReturn

from rulescope.ir.expressions import FieldReference, MacroCall, Subsearch
from rulescope.languages.common.problems import SyntaxProblem
from rulescope.text import Diagnostic, Severity, Span

if TYPE_CHECKING:
    from rulescope.languages.spl.parser import Parser

SPACE = re.compile(r"\s+")
SEPARATORS = re.compile(r"[\s,]+")
QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
VALUE = re.compile(r'[^\s,|\[\]()"`]+')
ESCAPE = re.compile(r'\\(["\\])')
_SINGLE = re.compile(r"'([^']*)'")
_WORD = re.compile(r'[^\s,|\[\]()"`=]+')
_FIELD = re.compile(
    r"(?:[^\s,|\[\]()\"'`=<>!]|<<\w+>>|!(?!=))+"
    r"(?:\([^()\s|\"'`]*\)(?:[^\s,|\[\]()\"'`=<>!]|<<\w+>>|!(?!=))*)?"
)


def unescape(text: str) -> str:
    r"""The text that a quoted one stands for: `\"` is a quote, `\\` a backslash, any other backslash stays."""
    return ESCAPE.sub(r"\1", text) if "\\" in text else text


class Reader:
    """A reader over `parser.scan.text` from `position` up to `end`."""

    __slots__ = ("aggregating", "command", "end", "macro_arguments", "parser", "position", "start", "text")

    def __init__(self, parser: Parser, start: int, end: int, command: str) -> None:
        self.parser = parser
        self.text = parser.scan.text
        self.start = start
        self.position = start
        self.end = end
        self.command = command
        self.macro_arguments: list[tuple[str, MacroCall | Subsearch]] = []
        self.aggregating = False

    # places and messages

    def span(self, start: int, end: int | None = None) -> Span:
        """The span, in the text as written, of what stands from `start` to `end` (default: here)."""
        return self.parser.span(start, self.position if end is None else end)

    def fail(
        self, code: str, message: str, start: int | None = None, end: int | None = None, hint: str | None = None
    ) -> NoReturn:
        """Give up the stage with an error at the given place (default: here)."""
        at = self.position if start is None else start
        while at < self.end - 1 and self.text[at].isspace():
            at += 1
        until = end if end is not None else max(at + 1, self.position if start is not None else at + 1)
        raise SyntaxProblem(Diagnostic(code, message, self.span(at, min(max(until, at), self.end)), hint=hint))

    def note(
        self,
        code: str,
        message: str,
        start: int,
        end: int | None = None,
        hint: str | None = None,
        severity: Severity = "warning",
    ) -> None:
        """Record a finding and go on."""
        self.parser.diagnostics.append(Diagnostic(code, message, self.span(start, end), severity, hint))

    def wrong_value(self, message: str, word: str, start: int, end: int | None = None, hint: str | None = None) -> None:
        """Record that an option has a value of another kind, with which the search would not run. A token that is
        filled in later (`$span$`) may have the right one."""
        severity: Severity = "warning" if "$" in word or "<<" in word else "error"
        self.note("SPL023", message, start, end, hint, severity)

    def found(self) -> str:
        """What stands here, for "expected X, found Y"."""
        if self.at_end():
            return "the end of the stage"
        return f"'{self.found_word()[:40]}'"

    def found_word(self) -> str:
        """The word or sign that stands here; empty at the end."""
        if self.at_end():
            return ""
        word = VALUE.match(self.text, self.position, self.end)
        return word.group() if word else self.text[self.position]

    def expected(self, what: str, hint: str | None = None) -> NoReturn:
        """Give up with "expected X, found Y" at this place."""
        self.fail("SPL010", f"{self.command}: expected {what}, found {self.found()}", hint=hint)

    # characters

    def skip(self) -> None:
        """Go past white space."""
        found = SPACE.match(self.text, self.position, self.end)
        if found:
            self.position = found.end()

    def skip_separators(self) -> None:
        """Go past white space and commas."""
        found = SEPARATORS.match(self.text, self.position, self.end)
        if found:
            self.position = found.end()

    def at_end(self) -> bool:
        """Whether nothing but white space is left."""
        self.skip()
        return self.position >= self.end

    def peek(self) -> str:
        """The next character after white space, or an empty text at the end."""
        self.skip()
        return self.text[self.position] if self.position < self.end else ""

    def match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Match `pattern` here (after white space) and go past it."""
        self.skip()
        found = pattern.match(self.text, self.position, self.end)
        if found:
            self.position = found.end()
        return found

    def looking_at(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Match `pattern` here without going past it."""
        self.skip()
        return pattern.match(self.text, self.position, self.end)

    def accept(self, text: str) -> bool:
        """Go past `text` if it stands here."""
        self.skip()
        if self.position < self.end and self.text.startswith(text, self.position, self.end):
            self.position += len(text)
            return True
        return False

    def require(self, text: str) -> None:
        """Go past `text`, or give up."""
        if not self.accept(text):
            self.expected(f"'{text}'")

    def keyword(self, word: str) -> bool:
        """Go past `word` (in any case) if it stands here as a whole word."""
        self.skip()
        stop = self.position + len(word)
        if stop <= self.end and self.text[self.position : stop].lower() == word.lower():
            after = self.text[stop] if stop < self.end else " "
            if not (after.isalnum() or after in "_=.:"):
                self.position = stop
                return True
        return False

    def at_keyword(self, word: str) -> bool:
        """Whether `word` stands here as a whole word."""
        before = self.position
        found = self.keyword(word)
        self.position = before
        return found

    def rest(self) -> str:
        """Everything that is left, without white space at its ends; goes to the end."""
        self.skip()
        text = self.text[self.position : self.end].rstrip()
        self.position = self.end
        return text

    # words

    def quoted(self) -> str | None:
        """A text in double quotes, unescaped, or None."""
        found = self.match(QUOTED)
        return unescape(found.group(1)) if found else None

    def text_value(self, what: str = "a value") -> str:
        """A quoted text or a bare value; `=` may be part of it."""
        text = self.quoted()
        if text is not None:
            return text
        found = self.match(VALUE)
        if not found:
            self.expected(what)
        return found.group()

    def word(self, what: str = "a word") -> str:
        """A bare or quoted word that holds no `=`."""
        text = self.quoted()
        if text is not None:
            return text
        found = self.match(_WORD)
        if not found:
            self.expected(what)
        return found.group()

    def field_name(self, what: str = "a field name") -> str:
        """A field's name: bare, or in single or double quotes."""
        self.skip()
        character = self.peek()
        if character == '"':
            text = self.quoted()
            if text is not None:
                return text
            self.fail("SPL001", "unbalanced quote: this text is not closed")
        if character == "'":
            found = self.match(_SINGLE)
            if found:
                return found.group(1)
        found = self.match(_FIELD)
        if not found:
            self.expected(what)
        if found.group()[-1] == "." and self.text.startswith('"', self.position, self.end):
            return found.group() + (self.quoted() or "")
        return found.group()

    def field(self, what: str = "a field name") -> FieldReference:
        """A field's name with its place."""
        self.skip()
        start = self.position
        name = self.field_name(what)
        return FieldReference(name, self.span(start))
