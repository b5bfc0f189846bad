"""The tokens of Kusto's query language, and what its quoted texts and names stand for."""

from __future__ import annotations

import re

from rulescope.languages.common.problems import SyntaxProblem
from rulescope.languages.common.tokens import Token, TokenReader, tokenise
from rulescope.text import Diagnostic, Span

_UNITS = (
    "microseconds?|milliseconds?|nanoseconds?|seconds?|minutes?|hours?|days?|ticks?|millis?|micros?|mins?|secs?|hrs?"
    "|ms|d|h|m|s"
)
_HYPHENATED = (
    "project-away|project-keep|project-rename|project-reorder|project-by-names|mv-expand|mv-apply|make-series"
    "|parse-where|parse-kv|sample-distinct|top-nested|top-hitters|reduce-by|graph-match|graph-to-table|graph-merge"
    "|make-graph|assert-schema|graph-shortest-paths|graph-mark-components|macro-expand"
)
_TOKENS = re.compile(
    r"(?P<blank>\s+|//[^\n]*|(?m:^)[ \t]*\#[^\n]*)"
    r'|(?P<text>[hH]?@"(?:[^"]|"")*"|[hH]?@\'(?:[^\']|\'\')*\'|[hH]?"(?:\\.|[^"\\\n])*"|[hH]?\'(?:\\.|[^\'\\\n])*\''
    r"|[hH]?```.*?```|[hH]?~~~.*?~~~)"
    r"|(?P<typed>\bdatetime\s*\(\s*\d+\s*,\s*\d+\s*,\s*\d+\s*\)"
    r"|\b(?:datetime|date|timespan|time|guid|uuid|uniqueid|decimal|real|double|long|int|bool|boolean)"
    r"\s*\([\w:./+\-\s]*\))"
    rf"|(?P<span>\d+(?:\.\d+)?(?:{_UNITS})\b)"
    r"|(?P<number>0[xX][0-9A-Fa-f]+\b|\d+(?:\.\d+|\.(?![.\w]))?(?:[eE][+-]?\d+)?(?![\w]))"
    rf"|(?P<word>(?:{_HYPHENATED})\b|hint\.\w+|[\w$]+(?:~(?=\s*\())?)"
    r"|(?P<bang>![A-Za-z_]+~?)"
    r"|(?P<open>[\"'`].*)"
    r"|(?P<sign>==|=~|!~|!=|<>|<=|>=|=>|\.\.|[-<>=()\[\]{},;|.+*/%:?@!])",
    re.DOTALL,
)
_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|x[0-9A-Fa-f]{2}|[0-7]{1,3}|.)", re.DOTALL)
_PLAIN = {"n": "\n", "r": "\r", "t": "\t", "\\": "\\", '"': '"', "'": "'", "b": "\b", "f": "\f", "a": "\a", "v": "\v"}


def read_tokens(text: str) -> list[Token]:
    """The text's tokens. Raises `SyntaxProblem` where a text in quotes is not closed."""
    tokens = tokenise(text, _TOKENS, "KUS004")
    for token in tokens:
        if token.kind == "open":
            place = Span(token.start, token.start + 1)
            raise SyntaxProblem(Diagnostic("KUS001", "a text in quotes is not closed", place))
        if token.kind == "stray":
            raise SyntaxProblem(Diagnostic("KUS002", f"'{token.text}' is no part of Kusto's language", token.span))
    return tokens


def text_value(reader: TokenReader, token: Token) -> str:
    """What a quoted text stands for: `\\` escapes in plain quotes, doubled quotes after `@`, nothing in three signs."""
    written = token.text
    if written[0] in "hH":
        written = written[1:]
    shift = token.end - token.start - len(written)
    if written.startswith(("```", "~~~")):
        return written[3:-3]
    if written[0] == "@":
        quote = written[1]
        return written[2:-1].replace(quote * 2, quote)
    inside = written[1:-1]
    if "\\" not in inside:
        return inside

    def put(found: re.Match[str]) -> str:
        escape = found[1]
        if escape[0] in "uUx" and len(escape) > 1:
            return _character(int(escape[1:], 16), found.group())
        if escape[0] in "01234567":
            return _character(int(escape, 8), found.group())
        if escape in _PLAIN:
            return _PLAIN[escape]
        place = token.start + shift + 1 + found.start()
        hint = "write '\\\\', or put @ before the text: @\"…\""
        reader.note("KUS011", f"there is no escape '\\{escape}'", Span(place, place + 2), "error", hint)
        return found.group()

    return _ESCAPE.sub(put, inside)


def _character(code: int, written: str) -> str:
    return chr(code) if code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF else written
