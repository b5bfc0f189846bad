"""The modifiers that take a number out of a date: `minute`, `hour`, `day`, `week`, `month`, `year`.

The specification leaves formats and time zones alone; dates are read as ISO 8601 writes them, which is how logs in XML
and JSON do, and the number is that which is written.
"""

from __future__ import annotations

from typing import Final, Literal

from rulescope.ir import And, Binary, Call, Compare, Constant, FieldReference, Predicate, Test
from rulescope.ir.expressions import BinaryOperator
from rulescope.text import Span

_DATE = r"^\d{4}-\d\d-\d\d"
_CLOCK = _DATE + r"[T ]\d\d:\d\d"
TIME_PARTS: Final[dict[str, tuple[str, str]]] = {
    "minute": (_CLOCK, r"^\d{4}-\d\d-\d\d[T ]\d\d:(\d\d).*$"),
    "hour": (_CLOCK, r"^\d{4}-\d\d-\d\d[T ](\d\d):.*$"),
    "day": (_DATE, r"^\d{4}-\d\d-(\d\d).*$"),
    "week": (_DATE, r"^(\d{4}-\d\d-\d\d).*$"),
    "month": (_DATE, r"^\d{4}-(\d\d)-.*$"),
    "year": (_DATE, r"^(\d{4})-.*$"),
}
"""Each modifier with what a date must look like, and the pattern whose group is the number (for `week`, the date)."""

_SIGNS: Final[dict[str, BinaryOperator]] = {"eq": "=", "gt": ">", "ge": ">=", "lt": "<", "le": "<="}


def time_part_test(
    field: str,
    part: str,
    kind: Literal["eq", "gt", "ge", "lt", "le"] | str,
    number: int | float,
    span: Span,
) -> Predicate:
    """Whether the part of the date in `field` compares so with `number`; false where there is no date.

    Weeks are those of ISO 8601.
    """
    shape, pattern = TIME_PARTS[part]
    text = Call("replace", (FieldReference(field, span), Constant(f"(?s){pattern}", span), Constant(r"\1", span)), span)
    if part == "week":
        date = Call("strptime", (text, Constant("%Y-%m-%d", span)), span)
        text = Call("strftime", (date, Constant("%V", span)), span)
    value = Call("tonumber", (text,), span)
    test = Test(Binary(_SIGNS[kind], value, Constant(number, span), span), span)
    return And((Compare(field, "match", (shape,), span=span), test), span)
