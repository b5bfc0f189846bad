"""Name and arguments of a macro call, out of the text between its backticks."""

from __future__ import annotations

import re

from rulescope.languages.spl.reader import SPACE, unescape

_MACRO_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"|[(),]', re.DOTALL)


def split_macro(inside: str) -> tuple[str, tuple[str, ...]]:
    """Name and arguments of a macro call, given the text between its backticks; arguments lose their quotes."""
    inside = inside.strip()
    opening = inside.find("(")
    name = inside[:opening].strip()
    if opening == -1 or inside[-1] != ")" or not name or SPACE.search(name):
        return inside, ()
    arguments = inside[opening + 1 : -1]
    if not arguments.strip():
        return name, ()
    parts = []
    depth = 0
    begun = 0
    for token in _MACRO_TOKEN.finditer(arguments):
        character = token.group()
        if character == "(":
            depth += 1
        elif character == ")":
            depth -= 1
        elif character == "," and depth <= 0:
            parts.append(_macro_argument(arguments[begun : token.start()]))
            begun = token.end()
    parts.append(_macro_argument(arguments[begun:]))
    return name, tuple(parts)


def _macro_argument(written: str) -> str:
    text = written.strip()
    return unescape(text[1:-1]) if len(text) >= 2 and text[0] == '"' == text[-1] else text
