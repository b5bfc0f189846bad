"""Patterns as texts: how their wildcards become pieces of a `Glob`, and Lucene's regular expressions PCRE.

Rules write patterns as constants, which languages read, and compute them as values, which engines do.
"""

from __future__ import annotations

import re

from rulescope.ir.predicates import Any

Pieces = tuple[str | Any, ...]
"""Literal texts and wildcards, in order."""

# Operators of Lucene's regular expressions, where they stand unescaped outside a class: any string @, empty #, literal
# text in quotes; complement ~, intersection & and interval <1-5>, for which PCRE has nothing.
_LUCENE_PIECE = re.compile(r'\\.|\[(?:\\.|[^\]\\])*\]|"[^"]*"|.', re.DOTALL)
_LUCENE_OWN = {"@": ".*", "#": "(?!)"}
_LUCENE_ONLY = frozenset('~&<"')
_REPEATING = frozenset("*+?{")
_ESCAPED_PIECE = re.compile(r"\\([*?\\])|(\*+)|(\?)|([^\\*?]+|\\)", re.DOTALL)


def split_wildcards(text: str, one: bool = True, escapes: bool = False) -> Pieces:
    r"""A text's literal pieces and wildcards: `*`, and `?` where `one`; runs of `*` are one.

    `escapes`: `\*`, `\?` and `\\` are those characters.
    """
    if escapes:
        return _split_escaped(text)
    pieces: list[str | Any] = []
    for part in re.split(r"(\*+|\?)" if one else r"(\*+)", text):
        if not part:
            continue
        if part[0] == "*":
            pieces.append(Any.RUN)
        elif part == "?" and one:
            pieces.append(Any.ONE)
        else:
            pieces.append(part)
    return tuple(pieces)


def _split_escaped(text: str) -> Pieces:
    pieces: list[str | Any] = []
    for found in _ESCAPED_PIECE.finditer(text):
        escape, stars, mark, plain = found.groups()
        piece: str | Any = Any.RUN if stars else Any.ONE if mark else plain if escape is None else escape
        if isinstance(piece, str) and pieces and isinstance(pieces[-1], str):
            pieces[-1] += piece
        elif piece is not Any.RUN or not pieces or pieces[-1] is not Any.RUN:
            pieces.append(piece)
    return tuple(pieces)


def like_pieces(text: str, escape: str | None) -> Pieces:
    """A LIKE pattern's literal pieces and wildcards: `%` any run, `_` one character."""
    pieces: list[str | Any] = []
    plain: list[str] = []
    letters = iter(text)
    for letter in letters:
        if escape and letter == escape:
            plain.append(next(letters, letter))
        elif letter in "%_":
            if plain:
                pieces.append("".join(plain))
                plain.clear()
            wildcard = Any.RUN if letter == "%" else Any.ONE
            if not (wildcard is Any.RUN and pieces and pieces[-1] is Any.RUN):
                pieces.append(wildcard)
        else:
            plain.append(letter)
    if plain:
        pieces.append("".join(plain))
    return tuple(pieces)


def lucene_regex(pattern: str) -> str | None:
    """A regular expression of Lucene, which must match the whole value, as a PCRE that is found anywhere.

    None where it uses an operator that PCRE has not; one whose brackets don't balance stays as it is, which is no PCRE
    either. An open end (`.*`) needs no anchor and is left out.
    Source: Elasticsearch's reference, "Regular expression syntax".
    """
    depth = 0
    alternatives = False
    pieces: list[str] = []
    before = ""
    for found in _LUCENE_PIECE.finditer(pattern):
        piece = found.group()
        if piece in _LUCENE_ONLY:
            return None
        repeated = before not in ("", "(", "|")
        before = piece
        depth += (piece == "(") - (piece == ")")
        if depth < 0:
            break
        alternatives = alternatives or (piece == "|" and depth == 0)
        if len(piece) > 1 and piece[0] == '"':
            piece = re.escape(piece[1:-1])
        # `^` and `$` are plain characters there, and so is a sign of repetition with nothing before it.
        plain = piece in ("^", "$") or (piece in _REPEATING and not repeated)
        pieces.append(f"\\{piece}" if plain else _LUCENE_OWN.get(piece, piece))
    if depth:
        # Brackets don't balance: what is put around the pattern must not make them.
        return pattern
    if alternatives:
        return f"^(?:{''.join(pieces)})$"
    start, end = "^", "$"
    if pieces[:2] == [".", "*"] and pieces[2:3] not in (["?"], ["+"]):
        pieces, start = pieces[2:], ""
    if pieces[-2:] == [".", "*"]:
        pieces, end = pieces[:-2], ""
    return f"{start}{''.join(pieces)}{end}"
