"""The tokens of Lucene's query syntax, and what its words stand for."""

from __future__ import annotations

import re

from rulescope import ir
from rulescope.languages.common.problems import SyntaxProblem
from rulescope.languages.common.tokens import TokenReader, tokenise
from rulescope.text import Diagnostic

Pieces = tuple[str | ir.Any, ...]

_TOKENS = re.compile(
    r"(?P<blank>[\s\u3000]+)"
    r'|(?P<text>"(?:\\.|[^"\\])*")'
    r"|(?P<regex>/(?:\\.|[^/\\\n])*/)"
    r"|(?P<mark>[~^](?:\d+(?:\.\d+)?|\.\d+)?)"
    r"|(?P<sign>&&|\|\||[<>]=?|[:(){}\[\]+!-])"
    r'|(?P<word>(?:\\.|[^\s\\:(){}\[\]"~^<>/])(?:\\.|[^\s\\:(){}\[\]"~^])*)',
    re.DOTALL,
)
_PIECE = re.compile(r"\\(u[0-9A-Fa-f]{4}|.)|(\*+)|(\?)|([^\\*?]+)", re.DOTALL)


def read_tokens(text: str) -> TokenReader:
    """A reader over the text's tokens. Raises `SyntaxProblem` where a quote or a slash is not closed."""
    tokens = tokenise(text, _TOKENS, "LUC004")
    for token in tokens:
        if token.kind == "stray":
            if token.text in '"/':
                what = "text in quotes" if token.text == '"' else "regular expression"
                hint = "escape it: '\\/'" if token.text == "/" else None
                raise SyntaxProblem(Diagnostic("LUC001", f"a {what} is not closed", token.span, hint=hint))
            raise SyntaxProblem(Diagnostic("LUC002", f"'{token.text}' can't stand here", token.span))
    return TokenReader(text, tokens, "LUC002", "LUC003")


def word_pieces(text: str) -> Pieces:
    """The literal pieces and wildcards of a word; a backslash makes any character plain."""
    pieces: list[str | ir.Any] = []
    for found in _PIECE.finditer(text):
        escape, star, one, plain = found.groups()
        if star is not None:
            if not pieces or pieces[-1] is not ir.Any.RUN:
                pieces.append(ir.Any.RUN)
        elif one is not None:
            pieces.append(ir.Any.ONE)
        else:
            literal = plain if plain is not None else _escaped(escape)
            if pieces and isinstance(pieces[-1], str):
                pieces[-1] += literal
            else:
                pieces.append(literal)
    return tuple(pieces)


def unescaped(text: str) -> str:
    """What a word or a text in quotes stands for; `*` and `?` are plain."""
    return "".join(piece if isinstance(piece, str) else piece.value for piece in word_pieces(text))


def _escaped(escape: str) -> str:
    return chr(int(escape[1:], 16)) if len(escape) == 5 else escape
