"""Values and bounds of the two languages that search an index by field: kuery and Lucene's query syntax.

What a value means there is said by the mapping of the index. Files have none, so it is read off the value: an address
range is looked into, a bound that is an address or date math compares as such, one that is a number as a number.
"""

from __future__ import annotations

import ipaddress
import re

from rulescope.ir import (
    Any,
    Binary,
    Call,
    Compare,
    ComparisonKind,
    Constant,
    Expression,
    FieldReference,
    Operation,
    Predicate,
    Test,
)
from rulescope.ir.expressions import BinaryOperator
from rulescope.languages.common.patterns import compare_pattern
from rulescope.text import Span

RANGES: dict[str, ComparisonKind] = {"<": "lt", "<=": "le", ">": "gt", ">=": "ge"}
"""The signs of a range, and the kind of comparison that each is."""

_DATE_MATH = re.compile(r"(?:now|\d{4}-\d{2}-\d{2}(?:T[\d:.]+Z?)?\|\|)(?:[+-]\d{1,9}[yMwdhHms])*(?:/[yMwdhHms])?")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_ORDER: dict[str, BinaryOperator] = {"lt": "<", "le": "<=", "gt": ">", "ge": ">="}


def field_value(field: str, pieces: tuple[str | Any, ...], span: Span, value_span: Span) -> Predicate:
    """A field that holds a value, or one that fits a pattern, with case; an address range holds its addresses.

    Source: Elasticsearch's reference, "IP field type": term queries take ranges in CIDR notation.
    """
    text = pieces[0] if len(pieces) == 1 else None
    if isinstance(text, str) and _is_network(text):
        return Compare(field, "cidr", (text,), span=span, value_spans=(value_span,))
    return compare_pattern(field, pieces, False, "false", span, value_span)


def field_bound(field: str, kind: ComparisonKind, text: str, quoted: bool, span: Span, value_span: Span) -> Predicate:
    """A field that is less or greater than a bound.

    A rounded date counts as the end of its unit after `>` and `<=`, as its start after `>=` and `<`; a day alone is
    rounded so. Source: Elasticsearch's reference, "Common options", Date math; "Range query", Date math and rounding,
    Missing date components.
    """
    subject = FieldReference(field, span)
    if kind in ("gt", "le") and _DAY.fullmatch(text):
        text = f"{text}||/d"
    if _DATE_MATH.fullmatch(text):
        end = Constant(kind in ("gt", "le"), value_span)
        date = Operation("date_math", (Constant(text, value_span), end), value_span)
        return _ordered(kind, Call("to_datetime", (subject,), span), date, span)
    if _is_address(text):
        address = Operation("ip_order", (Constant(text, value_span),), value_span)
        return _ordered(kind, Operation("ip_order", (subject,), span), address, span)
    value, numeric = (text, False) if quoted else _read_number(text)
    return Compare(field, kind, (value,), numeric=numeric, numbers_only=numeric, span=span, value_spans=(value_span,))


def _ordered(kind: ComparisonKind, left: Expression, right: Expression, span: Span) -> Test:
    return Test(Binary(_ORDER[kind], left, right, span), span)


def _read_number(text: str) -> tuple[str | int | float, bool]:
    try:
        return int(text) if text.lstrip("-").isdigit() and len(text) < 30 else float(text), True
    except ValueError:
        return text, False


def _is_address(text: str) -> bool:
    if not ("." in text or ":" in text) or len(text) > 45:
        return False
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _is_network(text: str) -> bool:
    """Whether the text is meant as a range of addresses, also where the range has more bits than an address."""
    if "/" not in text or len(text) > 49:
        return False
    address, _, bits = text.partition("/")
    return bits.isdigit() and len(bits) <= 3 and _is_address(address)
