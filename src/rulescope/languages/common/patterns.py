"""Comparisons with wildcards, and Lucene's regular expressions as PCRE."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rulescope.ir import Any, Compare, ComparisonKind, Glob, Value
from rulescope.ir.predicates import Missing, Quantifier
from rulescope.text import NO_SPAN, Span

# Operators of Lucene's regular expressions, where they stand unescaped outside a class: any string @, empty #, literal
# text in quotes; complement ~, intersection & and interval <1-5>, for which PCRE has nothing.
_LUCENE_PIECE = re.compile(r'\\.|\[(?:\\.|[^\]\\])*\]|"[^"]*"|.', re.DOTALL)
_LUCENE_OWN = {"@": ".*", "#": "(?!)"}
_LUCENE_ONLY = frozenset('~&<"')
_REPEATING = frozenset("*+?{")
_ESCAPED_PIECE = re.compile(r"\\([*?\\])|(\*+)|(\?)|([^\\*?]+|\\)", re.DOTALL)


def split_wildcards(text: str, one: bool = True, escapes: bool = False) -> tuple[str | Any, ...]:
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


def _split_escaped(text: str) -> tuple[str | Any, ...]:
    pieces: list[str | Any] = []
    for found in _ESCAPED_PIECE.finditer(text):
        escape, stars, mark, plain = found.groups()
        piece: str | Any = Any.RUN if stars else Any.ONE if mark else plain if escape is None else escape
        if isinstance(piece, str) and pieces and isinstance(pieces[-1], str):
            pieces[-1] += piece
        elif piece is not Any.RUN or not pieces or pieces[-1] is not Any.RUN:
            pieces.append(piece)
    return tuple(pieces)


def pattern_value(pieces: tuple[str | Any, ...]) -> str | Glob:
    """The pieces as a comparison's value: text where there are no wildcards, else a glob."""
    if all(isinstance(piece, str) for piece in pieces):
        return "".join(piece for piece in pieces if isinstance(piece, str))
    return Glob(pieces)


def compare_pattern(
    field: str,
    pieces: tuple[str | Any, ...],
    ignore_case: bool,
    missing: Missing,
    span: Span = NO_SPAN,
    value_span: Span = NO_SPAN,
    quantifier: Quantifier = "any",
) -> Compare:
    """The comparison of a whole value with a pattern, in its plainest kind (`x*` is `starts_with`; `*` is
    `exists`, unless a missing field gives NULL, which `exists` does not)."""
    literal = [piece for piece in pieces if isinstance(piece, str)]
    spans = (value_span,)
    if pieces == (Any.RUN,) and missing != "unknown":
        return Compare(field, "exists", (), missing="false", span=span)
    kind: ComparisonKind
    value: Value
    if len(literal) == len(pieces):
        kind, value = "eq", "".join(literal)
    elif len(literal) == 1 and Any.ONE not in pieces and len(pieces) <= 3:
        value = literal[0]
        if len(pieces) == 3:
            kind = "contains"
        else:
            kind = "starts_with" if isinstance(pieces[0], str) else "ends_with"
    else:
        kind, value = "wildcard", Glob(pieces)
    return Compare(field, kind, (value,), ignore_case, missing, quantifier=quantifier, span=span, value_spans=spans)


def compare_patterns(
    field: str,
    values: Iterable[tuple[tuple[str | Any, ...], Span]],
    ignore_case: bool,
    missing: Missing,
    span: Span,
    quantifier: Quantifier = "any",
) -> Compare:
    """The comparison of a whole value with any of several patterns."""
    listed = list(values)
    if len(listed) == 1:
        return compare_pattern(field, listed[0][0], ignore_case, missing, span, listed[0][1], quantifier)
    return Compare(
        field,
        "in",
        tuple(pattern_value(pieces) for pieces, _ in listed),
        ignore_case,
        missing,
        quantifier=quantifier,
        span=span,
        value_spans=tuple(place for _, place in listed),
    )


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
