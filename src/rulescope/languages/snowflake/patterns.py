"""LIKE patterns and regular expressions of Snowflake as the tree has them."""

from __future__ import annotations

import re

from rulescope.ir import Compare, Glob
from rulescope.ir.patterns import Pieces
from rulescope.languages.common.constants import regex_problem
from rulescope.languages.common.patterns import compare_pattern
from rulescope.text import Span


def like_pattern(field: str, pieces: Pieces, ignore_case: bool, span: Span, place: Span) -> Compare:
    """The comparison of a whole value with one LIKE pattern."""
    found = compare_pattern(field, pieces, ignore_case, "unknown", span, place)
    if found.kind == "exists":
        # NULL LIKE '%' is NULL, which NOT does not turn.
        return Compare(field, "wildcard", (Glob(pieces),), ignore_case, "unknown", span=span, value_spans=(place,))
    return found


def whole_match(pattern: str, flags: str) -> str:
    """A pattern that must match the whole value, as one that is found anywhere; one that is none is left as it is."""
    if regex_problem(pattern) is not None:
        # What is put around it must not mend it.
        return pattern
    inner = f"(?:{pattern})" if len(_alternatives(pattern)) > 1 else pattern
    start = "\\A" if "m" in flags else "" if inner.startswith("^") else "^"
    # Not `$`, which would let a line break follow.
    end = "\\z"
    return f"{f'(?{flags})' if flags else ''}{start}{inner}{end}"


def half_open(pattern: str) -> bool:
    """Whether `.*` stands at both ends of a pattern whose alternatives at the top it does not both reach: `.*a|b|c.*`,
    of which the whole value must be b."""
    alternatives = _alternatives(pattern)
    return (
        len(alternatives) > 1
        and alternatives[0].startswith(".*")
        and alternatives[-1].endswith(".*")
        and not all(one.startswith(".*") and one.endswith(".*") for one in alternatives)
    )


def _alternatives(pattern: str) -> list[str]:
    """The alternatives that no brackets hold together."""
    depth = 0
    found = [""]
    for piece in re.findall(r"\\.|\[(?:\\.|[^\]\\])*\]|.", pattern, re.DOTALL):
        depth += (piece == "(") - (piece == ")")
        if piece == "|" and depth == 0:
            found.append("")
        else:
            found[-1] += piece
    return found
