"""Comparisons with wildcards."""

from __future__ import annotations

from collections.abc import Iterable

from rulescope.ir import Any, Compare, ComparisonKind, Constant, Expression, Glob, Value
from rulescope.ir.predicates import Missing, Quantifier
from rulescope.languages.common.tokens import TokenReader
from rulescope.text import NO_SPAN, Span


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


def tell_percent_signs(reader: TokenReader, code: str, patterns: Iterable[Expression]) -> None:
    """A warning, with this code, for patterns of `*` and `?` that look like ones of SQL's LIKE."""
    for one in patterns:
        written = one.value if isinstance(one, Constant) else None
        if isinstance(written, str) and not {"*", "?"} & set(written) and "%" in (written[:1], written[-1:]):
            reader.note(code, "'%' is a plain character in a pattern", one.span, hint="the wildcards are '*' and '?'")
