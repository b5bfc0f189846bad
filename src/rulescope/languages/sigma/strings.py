"""Sigma's strings: wildcards and their escapes, and what kind of comparison a pattern is."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rulescope.ir import Any, Compare, Glob
from rulescope.ir.predicates import ComparisonKind
from rulescope.text import Span

Pieces = tuple[str | Any, ...]

_WILDCARDS = {"*": Any.RUN, "?": Any.ONE}
_BACKSLASHES = re.compile(r"\\+")


def parse_pattern(text: str) -> Pieces:
    r"""The pieces of a value: text, and the wildcards `*` and `?`.

    A backslash escapes a wildcard or a backslash, and stands for itself before anything else
    (specification, "Escape Character"): `\*` is a star, `\\*` a backslash and then anything, `\\` one backslash.
    """
    pieces: list[str | Any] = []
    plain: list[str] = []
    place, length = 0, len(text)
    while place < length:
        character = text[place]
        if character == "\\" and place + 1 < length and text[place + 1] in "*?\\":
            plain.append(text[place + 1])
            place += 2
            continue
        wildcard = _WILDCARDS.get(character)
        if wildcard is None:
            plain.append(character)
        else:
            if plain:
                pieces.append("".join(plain))
                plain = []
            pieces.append(wildcard)
        place += 1
    if plain:
        pieces.append("".join(plain))
    return joined(pieces)


def escaped_in_path(text: str) -> str | None:
    r"""The wildcard (`\*` or `\?`) that one backslash makes plain in a value whose other backslashes part a path.

    `C:\*\x.exe` is read with a plain star, as the specification has it; its author may have meant any folder.
    """
    runs = [(found.end() - found.start(), text[found.end() : found.end() + 1]) for found in _BACKSLASHES.finditer(text)]
    if not any(length == 1 and after not in _WILDCARDS for length, after in runs):
        return None
    return next((f"\\{after}" for length, after in runs if length == 1 and after in _WILDCARDS), None)


def joined(pieces: Iterable[str | Any]) -> Pieces:
    """The pieces with neighbouring texts put together, and `**` as the one run that it is."""
    result: list[str | Any] = []
    for piece in pieces:
        last = result[-1] if result else None
        if piece is Any.RUN and last is Any.RUN:
            continue
        if isinstance(piece, str) and isinstance(last, str):
            result[-1] = last + piece
        else:
            result.append(piece)
    return tuple(result)


def plain_text_of(pieces: Pieces) -> str | None:
    """The text of a pattern without wildcards; None where it has any."""
    if any(isinstance(piece, Any) for piece in pieces):
        return None
    return "".join(piece for piece in pieces if isinstance(piece, str))


def pattern_comparison(field: str, pieces: Pieces, ignore_case: bool, span: Span, value_span: Span) -> Compare:
    """The comparison that a pattern is for the whole of a field's value, typed by where its stars stand."""
    kind, value = _typed(pieces)
    return Compare(
        field,
        kind,
        () if value is None else (value,),
        ignore_case=ignore_case,
        span=span,
        value_spans=() if value is None else (value_span,),
    )


def _typed(pieces: Pieces) -> tuple[ComparisonKind, str | Glob | None]:
    plain = plain_text_of(pieces)
    if plain is not None:
        return "eq", plain
    if pieces == (Any.RUN,):
        return "exists", None
    inner = [piece for piece in pieces if piece is not Any.RUN]
    if len(inner) == 1 and isinstance(inner[0], str):
        if pieces[0] is not Any.RUN:
            return "starts_with", inner[0]
        return ("contains" if pieces[-1] is Any.RUN else "ends_with"), inner[0]
    return "wildcard", Glob(pieces)
