"""Comparisons that can be true of no event, as told by what columns can hold."""

from __future__ import annotations

from collections.abc import Callable

from rulescope import ir
from rulescope.engines.sql.frame import Frame
from rulescope.engines.sql.relational.table_rows import TypedColumn


def impossible(predicate: ir.Predicate, frame: Frame) -> ir.Compare | None:
    """A comparison for which the condition can be true of no event, whatever logs hold; None where it may be."""
    match predicate:
        case ir.And(operands):
            return next((found for one in operands if (found := impossible(one, frame)) is not None), None)
        case ir.Or(operands):
            parts = [impossible(one, frame) for one in operands]
            return parts[0] if parts and all(one is not None for one in parts) else None
        case ir.Compare(field, kind, values):
            entry = frame.schema.fields.get(field)
            if not isinstance(entry, TypedColumn) or entry.values is None or predicate.missing == "true":
                return None
            test = _PLAIN_TESTS.get(kind)
            if test is None or not all(isinstance(value, str) for value in values):
                return None
            fold = str.lower if predicate.ignore_case else str
            known = [fold(value) for value in entry.values]
            wanted = [fold(str(value)) for value in values]
            return None if any(test(one, value) for one in known for value in wanted) else predicate
    return None


_PLAIN_TESTS: dict[str, Callable[[str, str], bool]] = {
    "eq": str.__eq__, "in": str.__eq__, "contains": str.__contains__, "starts_with": str.startswith,
    "ends_with": str.endswith, "has": str.__contains__,
}  # fmt: skip
"""How constants are compared with what a column can hold; `has` is taken for less than it says."""
