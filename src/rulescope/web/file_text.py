"""The rule's file as it is on disk, line by line with numbers, its syntax coloured and the query's values linked."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from markupsafe import Markup

from rulescope.catalog.records import Body
from rulescope.web.fragments import has_row, shown
from rulescope.web.text import LONGEST_TEXT

if TYPE_CHECKING:
    from pygments.lexer import Lexer

LONGEST_COLOURED = 200_000
"""Characters of a file whose own syntax is coloured."""

_LEXERS = {"yaml": "YamlLexer", "toml": "TOMLLexer", "json": "JsonLexer", "conf": "IniLexer"}
"""Pygments' lexer for each format of file."""

_CLASSES = {
    "Token.Name.Tag": "h-field",
    "Token.Name.Attribute": "h-field",
    "Token.Literal.Scalar.Plain": "",
    "Token.Punctuation.Indicator": "h-operator",
    "Token.Punctuation": "h-operator",
    "Token.Operator": "h-operator",
}
"""How kinds of tokens show, where their family doesn't say it."""

_FAMILIES = (
    ("Token.Comment", "h-comment"),
    ("Token.Literal.String", "h-string"),
    ("Token.Literal.Number", "h-number"),
    ("Token.Keyword", "h-keyword"),
    ("Token.Name.Tag", "h-field"),
)

_Stretch = tuple[int, int, str, str | None]


def file_text(body: Body) -> Markup:
    """The file's lines, each with an anchor (`line-1`, …)."""
    text = body.file_text[:LONGEST_TEXT]
    lines: list[str] = []
    line: list[str] = []

    def add(start: int, end: int, kind: str, target: str | None) -> None:
        pieces = text[start:end].split("\n")
        for number, piece in enumerate(pieces):
            if number:
                lines.append("".join(line))
                line.clear()
            piece = piece.removesuffix("\r")
            if not piece:
                continue
            if target is not None and has_row(target):
                line.append(f'<a class="{kind}" href="#{shown(target)}">{shown(piece)}</a>')
            elif kind:
                line.append(f'<span class="{kind}">{shown(piece)}</span>')
            else:
                line.append(shown(piece))

    here = 0
    for start, end, kind, target in _stretches(body):
        if start >= len(text):
            break
        if start > here:
            add(here, start, "", None)
        add(start, end, kind, target)
        here = end
    add(here, len(text), "", None)
    if line:
        lines.append("".join(line))
    if len(body.file_text) > len(text):
        lines.append(f"and {len(body.file_text) - len(text):,} more characters")
    return Markup(
        "".join(f'<span class="line" id="line-{number}">{one}\n</span>' for number, one in enumerate(lines, 1))
    )


def _stretches(body: Body) -> Iterator[_Stretch]:
    """What is to be coloured: the query's own highlights, and the file's syntax before and after them."""
    marks = body.file_highlights
    if not marks:
        yield from _syntax(body, 0, len(body.file_text))
        return
    yield from _syntax(body, 0, marks[0].start)
    for mark in marks:
        yield mark.start, mark.end, f"h-{mark.kind}", mark.target
    rest = body.file_text.find("\n", marks[-1].end)
    if rest >= 0:
        yield from _syntax(body, rest, len(body.file_text))


def _syntax(body: Body, start: int, end: int) -> Iterator[_Stretch]:
    lexer = _lexer(body.format)
    if lexer is None or len(body.file_text) > LONGEST_COLOURED:
        return
    for offset, token, value in lexer.get_tokens_unprocessed(body.file_text[start:end]):
        kind = _class_of(token)
        if kind and not value.isspace():
            yield start + offset, start + offset + len(value), kind, None


@cache
def _class_of(token: object) -> str:
    name = str(token)
    if name in _CLASSES:
        return _CLASSES[name]
    return next((shown_as for family, shown_as in _FAMILIES if name.startswith(family)), "")


@cache
def _lexer(format_name: str) -> Lexer | None:
    name = _LEXERS.get(format_name)
    if name is None:
        return None
    from pygments import lexers

    made: Lexer = getattr(lexers, name)()
    return made
