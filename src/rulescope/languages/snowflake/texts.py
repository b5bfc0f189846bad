"""What quoted texts stand for, and which escapes in them are likely mistakes.

Source: Snowflake's SQL reference, "String & binary data types" (string constants), and "String functions (regular
expressions)", on patterns in single quotes: a backslash before any other character is left out.
"""

from __future__ import annotations

import re
from typing import Final

from rulescope.text import Diagnostic, Span

_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|[0-7]{1,3}|.)|''", re.DOTALL)
_CONTROL: Final[dict[str, str]] = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_NAMES = {"b": "a backspace", "f": "a form feed", "n": "a line break", "r": "a carriage return", "t": "a tab"}
_CLASSES = frozenset("dDsSwWB")
_SHOWN = 3


def unquoted(written: str) -> str | None:
    """What a quoted text stands for, as written with its quotes; None for what is no quoted text."""
    if len(written) >= 4 and written.startswith("$$") and written.endswith("$$"):
        return written[2:-2]
    if len(written) < 2 or written[0] != "'" or written[-1] != "'":
        return None
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
    return _CONTROL.get(escape, escape)


def doubtful_escapes(written: str, start: int, pattern: bool) -> list[Diagnostic]:
    r"""Escapes in a text at offset `start` that hardly mean what they stand for; `pattern`: a regular expression.

    `\\\b` is a backslash and a backspace, not the beginning of a name; `\s` in a regular expression is the letter s.
    """
    found: list[Diagnostic] = []
    if not written.startswith("'"):
        return found
    before = -1
    for escape in _ESCAPE.finditer(written, 1, len(written) - 1):
        letter = escape[1]
        after_backslash = before == escape.start()
        before = escape.end() if escape.group() == "\\\\" else -1
        span = Span(start + escape.start(), start + escape.end())
        if letter in _CONTROL and after_backslash:
            message = f"'{escape.group()}' is {_NAMES[letter]}, and a backslash stands before it"
            hint = f"write '\\\\{letter}' for a backslash and the letter {letter}"
            found.append(Diagnostic("SNO015", message, span, "warning", hint))
        elif pattern and letter in _CLASSES and not after_backslash:
            message = f"the backslash of '{escape.group()}' is left out here: the pattern looks for the letter {letter}"
            found.append(Diagnostic("SNO016", message, span, "warning", f"write '\\\\{letter}' in quotes"))
    return found[:_SHOWN]
