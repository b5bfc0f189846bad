"""The tokens of kuery.

A word without quotes may hold blanks (`message: null pointer`): it goes on until a special character, or `and`, `or`,
`not` between blanks. So the reader makes words of pieces; the pieces are the tokens here.
"""

from __future__ import annotations

import re

from rulescope import ir
from rulescope.languages.common.problems import SyntaxProblem
from rulescope.languages.common.tokens import Token, TokenReader, tokenise
from rulescope.text import Diagnostic, Span

Pieces = tuple[str | ir.Any, ...]

_TOKENS = re.compile(
    r"(?P<blank>\s+)"
    r'|(?P<text>"(?:\\.|[^"\\])*")'
    r"|(?P<sign><=|>=|[<>:(){}])"
    r'|(?P<word>(?:\\.|[^\s\\<>:(){}"])+)',
    re.DOTALL,
)
_UNQUOTED = re.compile(r"\\(u[0-9A-Fa-f]{4}|(?i:and|or|not)(?![^\s():<>{}\"])|.)|(\*+)|([^\\*]+)", re.DOTALL)
_QUOTED = re.compile(r"\\(u[0-9A-Fa-f]{4}|.)", re.DOTALL)
_BLANKS = {"t": "\t", "n": "\n", "r": "\r"}
_SPECIAL = frozenset('\\():<>"*{}')


def read_tokens(text: str) -> TokenReader:
    """A reader over the text's tokens. Raises `SyntaxProblem` where a text in quotes is not closed."""
    tokens = tokenise(text, _TOKENS, "KQL004")
    for token in tokens:
        if token.kind == "stray":
            if token.text == '"':
                raise SyntaxProblem(Diagnostic("KQL001", "a text in quotes is not closed", token.span))
            message = f"'{token.text}' can't stand here"
            raise SyntaxProblem(Diagnostic("KQL002", message, token.span, hint="put the value in quotes"))
    return TokenReader(text, tokens, "KQL002", "KQL003")


def quoted_value(reader: TokenReader, token: Token) -> str:
    """What a text in quotes stands for; `*` in it is a plain character."""
    inside = token.text[1:-1]
    if "\\" not in inside:
        return inside

    def put(found: re.Match[str]) -> str:
        escape = found[1]
        if len(escape) > 1:
            return chr(int(escape[1:], 16))
        if escape in ('"', "\\"):
            return escape
        if escape in _BLANKS:
            place = token.start + 1 + found.start()
            reader.note(
                "KQL011",
                f"'\\{escape}' is a blank here, not a backslash and a letter",
                Span(place, place + 2),
                "warning",
                "double the backslash",
            )
            return _BLANKS[escape]
        return found.group()

    return _QUOTED.sub(put, inside)


def unquoted_pieces(reader: TokenReader, text: str, start: int) -> Pieces:
    """The literal pieces and wildcards of a value without quotes; `start` is where it stands."""
    pieces: list[str | ir.Any] = []

    def add(literal: str) -> None:
        if pieces and isinstance(pieces[-1], str):
            pieces[-1] += literal
        else:
            pieces.append(literal)

    for found in _UNQUOTED.finditer(text):
        escape, star, plain = found.groups()
        if star is not None:
            if not pieces or pieces[-1] is not ir.Any.RUN:
                pieces.append(ir.Any.RUN)
        elif plain is not None:
            add(plain)
        elif len(escape) == 5 and escape[0] == "u":
            add(chr(int(escape[1:], 16)))
        elif escape in _BLANKS:
            add(_BLANKS[escape])
        elif escape in _SPECIAL or escape.lower() in ("and", "or", "not") or escape.isspace():
            add(escape)
        else:
            place = start + found.start()
            reader.note("KQL010", f"'{escape}' needs no backslash", Span(place, place + 2), "warning")
            add(f"\\{escape}")
    return tuple(pieces)
