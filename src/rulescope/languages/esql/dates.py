"""Dates of ES|QL in the tree: what is one, dates moved by time spans, and dates that are compared.

A date is an instant; the engine keeps it as text in ISO 8601 to the millisecond, in UTC, as ES|QL shows it. So both
sides of a comparison of which one is a date are brought to that form.
"""

from __future__ import annotations

from rulescope.ir import Call, Constant, Expression, Operation
from rulescope.text import Span

_UNITS = {
    "millisecond": ("millisecond", "milliseconds", "ms"),
    "second": ("second", "seconds", "sec", "s"),
    "minute": ("minute", "minutes", "min", "m"),
    "hour": ("hour", "hours", "h"),
    "day": ("day", "days", "d"),
    "week": ("week", "weeks", "w"),
    "month": ("month", "months", "mo"),
    "quarter": ("quarter", "quarters", "q"),
    "year": ("year", "years", "yr", "y"),
}
TIME_UNITS = {name: unit for unit, names in _UNITS.items() for name in names}
"""Each spelling of a unit of time spans and the unit. Source: "ES|QL time spans"."""

_DATES = frozenset({"now", "date_trunc", "date_parse", "to_datetime"})


def time_span(amount: int | float, unit: str, span: Span) -> Operation:
    """`amount unit` as a value."""
    named = Constant(TIME_UNITS.get(unit.lower(), unit.lower()), span)
    return Operation("time_span", (Constant(amount, span), named), span)


def is_time_span(value: Expression) -> bool:
    """Whether a value is a time span that is written as one."""
    return isinstance(value, Operation) and value.name == "time_span"


def shifted(sign: str, left: Expression, right: Expression, span: Span) -> Call | Operation | None:
    """A date and a time span put together as `date_add(date, amount, unit)`; None where the two are something else.

    A span that is chosen by conditions (`CASE(a, 1 hour, 3 hours)`) moves the date in each branch.
    """
    if sign not in ("+", "-"):
        return None
    if sign == "+" and _is_span(left) and not _is_span(right):
        left, right = right, left
    if not isinstance(right, Call | Operation) or not _is_span(right) or _is_span(left):
        return None
    if isinstance(right, Call):
        branches = list(right.arguments)
        branches[1::2] = [
            branch if _is_null(branch) else shifted(sign, left, branch, span) or branch for branch in branches[1::2]
        ]
        return Call("case", tuple(branches), span)
    amount, unit = right.arguments
    if sign == "-" and isinstance(amount, Constant) and isinstance(amount.value, int | float):
        amount = Constant(-amount.value, amount.span)
    return Operation("date_add", (left, amount, unit), span)


def dated(left: Expression, right: Expression) -> tuple[Expression, Expression]:
    """The two sides of a comparison, both as dates where one of them is known to be one."""
    if _is_date(left) == _is_date(right):
        return left, right
    if _is_date(left):
        return left, Call("to_datetime", (right,), right.span)
    return Call("to_datetime", (left,), left.span), right


def _is_span(value: Expression) -> bool:
    if not isinstance(value, Call) or value.function != "case":
        return is_time_span(value)
    spans = [branch for branch in value.arguments[1::2] if not _is_null(branch)]
    return bool(spans) and all(map(_is_span, spans))


def _is_null(value: Expression) -> bool:
    return isinstance(value, Constant) and value.value is None


def _is_date(value: Expression) -> bool:
    if isinstance(value, Operation):
        return value.name == "date_add"
    return isinstance(value, Call) and value.function in _DATES
