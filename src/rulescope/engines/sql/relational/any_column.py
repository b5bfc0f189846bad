"""Text that is looked for in any column.

Source: Kusto's reference, "search operator", Search predicate syntax.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rulescope import ir
from rulescope.errors import Refusal
from rulescope.text import Span

ANY_COLUMN = "_rs_any_column"
"""What the texts of all columns are bound to."""
ANY_COLUMN_KINDS: dict[str, tuple[ir.ComparisonKind, bool]] = {
    "==": ("eq", False), "eq": ("eq", True), "eq_cs": ("eq", False), "starts_with": ("starts_with", True),
    "starts_with_cs": ("starts_with", False), "ends_with": ("ends_with", True), "ends_with_cs": ("ends_with", False),
    "match": ("match", False), "in": ("in", False), "in~": ("in", True), "has": ("has", True),
}  # fmt: skip
"""Comparisons with any column by what they are called, and whether they regard no case."""
_EDGE = "[^\\p{L}\\p{N}]"


def any_column_leaf(term: ir.Term) -> ir.Compare:
    """The text as a comparison with any column: a whole term, or, by where `*` stands in it, the beginning or the
    end of one, a part of the text, a pattern."""
    opened, closed = term.text.startswith("*"), term.text.endswith("*")
    text = term.text.strip("*")
    kind: ir.ComparisonKind = "match"
    if "*" in text:
        text = rf"\b{'.*'.join(map(re.escape, text.split('*')))}\b"
    elif opened is closed:
        kind = "contains" if opened else "has"
    elif closed:
        text = (f"(?:^|{_EDGE})" if text[0].isalnum() else "") + re.escape(text)
    else:
        text = re.escape(text) + (f"(?:$|{_EDGE})" if text[-1].isalnum() else "")
    return ir.Compare("*", kind, (text,), term.directive != "CASE", span=term.span)


def any_column_test(name: str, values: Sequence[ir.Expression], span: Span) -> ir.Compare:
    """A comparison with any column, of constants. Raises `Refusal` for others."""
    constants = tuple(one.value for one in values if isinstance(one, ir.Constant) and isinstance(one.value, str))
    if len(constants) < len(values):
        raise Refusal("any column is compared with constant texts only", span=span, code="RUN040")
    kind, folds = ANY_COLUMN_KINDS[name]
    return ir.Compare("*", kind, constants, folds, span=span)
