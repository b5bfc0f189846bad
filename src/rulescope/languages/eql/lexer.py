"""The tokens of EQL, and what its quoted texts and names stand for."""

from __future__ import annotations

import re

from rulescope.languages.common.problems import SyntaxProblem
from rulescope.languages.common.tokens import Token, TokenReader, tokenise
from rulescope.text import Diagnostic, Span

_TOKENS = re.compile(
    r"(?P<blank>\s+|//[^\n]*|/\*.*?\*/)"
    r'|(?P<raw>""".*?"""+|\?"(?:\\"|[^"\n])*"|\?\'(?:\\\'|[^\'\n])*\')'
    r'|(?P<text>"(?:\\.|[^"\\\n])*")'
    r"|(?P<single>'(?:\\.|[^'\\\n])*')"
    r"|(?P<number>(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?(?![\w.]))"
    r"|(?P<span>\d+(?:\.\d+)?[A-Za-z]+\b(?![.-]))"
    r"|(?P<word>(?:[A-Za-z_@][\w@]*|`(?:[^`]|``)*`)~?)"
    r"|(?P<sign>==|!=|<=|>=|[<>:=()\[\],|.+*/%!?-])",
    re.DOTALL,
)
_ESCAPE = re.compile(r"\\(u\{[0-9A-Fa-f]{1,8}\}|.)", re.DOTALL)
_PLAIN = {"n": "\n", "r": "\r", "t": "\t", "\\": "\\", '"': '"', "'": "'", "b": "\b", "f": "\f"}
_CATEGORY = re.compile(r"[A-Za-z_][\w]*")


def read_tokens(text: str) -> TokenReader:
    """A reader over the text's tokens. Raises `SyntaxProblem` where a text in quotes or a comment is not closed."""
    tokens = tokenise(text, _TOKENS, "EQL004")
    for token in tokens:
        if token.kind == "stray":
            if token.text in "\"'`":
                what = "name in backticks" if token.text == "`" else "text in quotes"
                raise SyntaxProblem(Diagnostic("EQL001", f"a {what} is not closed", token.span))
            raise SyntaxProblem(Diagnostic("EQL002", f"'{token.text}' is no part of EQL", token.span))
    return TokenReader(text, tokens, "EQL002", "EQL003")


def text_value(reader: TokenReader, token: Token) -> str:
    """What a quoted text stands for; doubtful escapes are noted."""
    written = token.text
    if token.kind == "raw":
        if written.startswith('"""'):
            return written[3:-3]
        reader.note("EQL014", "raw texts are written in three double quotes today", token.span, "info")
        return written[2:-1]
    if token.kind == "single":
        reader.note("EQL013", "texts in single quotes are not supported", token.span, hint="use double quotes")
    inside = written[1:-1]
    if "\\" not in inside:
        return inside

    def put(found: re.Match[str]) -> str:
        escape = found[1]
        if escape[0] == "u" and len(escape) > 1:
            code = int(escape[2:-1], 16)
            if code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF:
                return chr(code)
        elif escape in _PLAIN:
            return _PLAIN[escape]
        place = token.start + 1 + found.start()
        reader.note("EQL015", f"there is no escape '\\{escape[:1]}'", Span(place, place + 2), hint="write '\\\\'")
        return escape[:1]

    return _ESCAPE.sub(put, inside)
