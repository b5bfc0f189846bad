"""What `field sign text` means in a search: the kind of the comparison, told by the wildcards in its value."""

from __future__ import annotations

import re

from rulescope.ir.predicates import Any, Compare, ComparisonKind, Glob, Not, Predicate, Value
from rulescope.text import Span

LONGEST_RANGE = 60
"""How long an address with its range can be, in characters."""
_CIDR = re.compile(r"(?:\d{1,3}\.){3}\d{1,3}/\d{1,2}|[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*/\d{1,3}")


def is_address_range(text: str) -> bool:
    """Whether a value is spelt as an address range (`10.0.0.0/8`)."""
    return "/" in text and len(text) <= LONGEST_RANGE and _CIDR.fullmatch(text) is not None


def value_pattern(text: str) -> Value:
    """The value that a text with wildcards stands for: the text itself where it has none."""
    if "*" not in text:
        return text
    pieces: list[str | Any] = []
    for index, piece in enumerate(text.split("*")):
        if index and not (pieces and pieces[-1] is Any.RUN):
            pieces.append(Any.RUN)
        if piece:
            pieces.append(piece)
    return Glob(tuple(pieces))


def compare(field: str, sign: str, text: str, span: Span, value_span: Span, *, ignore_case: bool = True) -> Predicate:
    """The predicate that `field sign text` is in a search: its kind told by the wildcards.

    A row without the field makes `=` false and `!=` false too; `!=` is true where any of several values differs.
    """
    if sign in ("<", "<=", ">", ">="):
        kind: ComparisonKind = {"<": "lt", "<=": "le", ">": "gt", ">=": "ge"}[sign]  # type: ignore[assignment]
        return Compare(field, kind, (text,), ignore_case, "false", True, "any", span, (value_span,))
    kind, values = _kind(text)
    numeric = kind == "eq"
    if sign == "!=":
        inner = Compare(field, kind, values, ignore_case, "true", numeric, "all", span, (value_span,) if values else ())
        return Not(inner, span)
    return Compare(field, kind, values, ignore_case, "false", numeric, "any", span, (value_span,) if values else ())


def _kind(text: str) -> tuple[ComparisonKind, tuple[Value, ...]]:
    if "*" not in text:
        if is_address_range(text):
            return "cidr", (text,)
        return "eq", (text,)
    core = text.strip("*")
    if not core:
        return "exists", ()
    if "*" in core:
        return "wildcard", (value_pattern(text),)
    if text[0] == "*" == text[-1]:
        return "contains", (core,)
    return ("ends_with", (core,)) if text[0] == "*" else ("starts_with", (core,))
