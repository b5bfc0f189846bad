"""The tokens of ES|QL, and what its quoted texts and names stand for."""

from __future__ import annotations

import re

from rulescope.languages.common.problems import SyntaxProblem
from rulescope.languages.common.tokens import Token, TokenReader, tokenise
from rulescope.text import Diagnostic

_TOKENS = re.compile(
    r"(?P<blank>\s+|//[^\n]*|/\*.*?\*/)"
    r'|(?P<raw>""".*?"""+)'
    r'|(?P<text>"(?:\\.|[^"\\\n])*")'
    r"|(?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?(?![\w.]))"
    r"|(?P<span>\d+[A-Za-z]+\b)"
    r"|(?P<word>[A-Za-z_@][\w@]*|`(?:[^`]|``)+`)"
    r"|(?P<parameter>\?\??\w*)"
    r"|(?P<sign>==|!=|<=|>=|=~|::|[<>=:()\[\]{},|.+*/%;-])",
    re.DOTALL,
)
# What an index pattern may hold, beyond a plain word; a cluster's name may stand before it.
INDEX_PATTERN = re.compile(r'"""(?:[^"]|"(?!""))*"""|"[^"\n]*"|[^\s|,()\[\]"=`<>]+(?:<[^>\n]*>[^\s|,()\[\]"=`<>]*)?')
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_PLAIN = {"n": "\n", "r": "\r", "t": "\t"}


def read_tokens(text: str) -> TokenReader:
    """A reader over the text's tokens. What can't be read becomes a token of kind `stray`."""
    return TokenReader(text, tokenise(text, _TOKENS, "ESQ004"), "ESQ002", "ESQ003")


def check_strays(reader: TokenReader, start: int, end: int) -> None:
    """Raise `SyntaxProblem` if among these tokens is one that is no part of the language."""
    for token in reader.tokens[start:end]:
        if token.kind == "stray":
            if token.text in '"`':
                what = "name in backticks" if token.text == "`" else "text in quotes"
                raise SyntaxProblem(Diagnostic("ESQ001", f"a {what} is not closed", token.span))
            raise SyntaxProblem(Diagnostic("ESQ002", f"'{token.text}' can't stand here", token.span))


def text_value(token: Token) -> str:
    r"""What a quoted text stands for. `\n`, `\r`, `\t` are blanks, any other character after a backslash is itself."""
    if token.kind == "raw":
        return token.text[3:-3]
    inside = token.text[1:-1]
    if "\\" not in inside:
        return inside
    return _ESCAPE.sub(lambda found: _PLAIN.get(found[1], found[1]), inside)
