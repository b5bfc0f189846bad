"""Operators over typed values. Facts: Kusto, "Numerical operators", "String operators", "Null values", "Datetime /
timespan arithmetic"; Snowflake, "Comparison operators", "Arithmetic operators", "Data type conversion"."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import fmod
from operator import add, mul, sub
from typing import Any

from rulescope import ir
from rulescope.engines.reference.common.moments import moment_of_text
from rulescope.engines.reference.common.names import field_value
from rulescope.engines.reference.interpreter import Reading
from rulescope.engines.reference.values import Duration, Moment, Row, in_relation, number, text, whole_rest, wrapped
from rulescope.errors import Refusal
from rulescope.text import Span

_EXACT: dict[str, Callable[[Any, Any], Any]] = {"+": add, "-": sub, "*": mul}
_ROWS = {("!=", "all"), ("=", "any")}


def typed_binary(node: ir.Binary, row: Row, reading: Reading) -> Any:
    """Two values put together."""
    if isinstance(node.right, ir.Call) and node.right.function in ("all", "any"):
        return _with_rows(node, row, reading)
    left, right = reading.value(node.left, row), reading.value(node.right, row)
    if node.operator in ("=", "!=", "<", "<=", ">", ">="):
        return compared(node.operator, left, right, reading, node.span)
    if node.operator == ".":
        one, other = text(left), text(right)
        return None if one is None or other is None else one + other
    if left is None or right is None:
        return None
    return _arithmetic(node, left, right, reading)


def compared(operator: str, left: Any, right: Any, reading: Reading, span: Span) -> bool | None:
    """A comparison; with null unknown, but for Kusto's `==` and `!=`: a null equals no value."""
    if left is None or right is None:
        if operator in ("=", "!=") and reading.meaning.null_equals_nothing and (left is None) != (right is None):
            return operator == "!="
        return None
    return in_relation(operator, *_alike(left, right, reading, span))


def _alike(left: Any, right: Any, reading: Reading, span: Span) -> tuple[Any, Any]:
    """Two values of one kind. Where texts convert, one beside a time is read as one, and beside a number as one."""
    for one in (bool, Moment, Duration, str):
        if isinstance(left, one) and isinstance(right, one):
            return left, right
    if _is_number(left) and _is_number(right):
        # Beside a double, a whole number is one.
        return (left, right) if isinstance(left, int) is isinstance(right, int) else (float(left), float(right))
    if reading.meaning.texts_convert:
        if isinstance(left, str) and not isinstance(right, str):
            return _as_kind_of(right, left, span), right
        if isinstance(right, str) and not isinstance(left, str):
            return left, _as_kind_of(left, right, span)
    raise Refusal("the reference has no reading of values of two kinds compared", span=span, code="RUN035")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _as_kind_of(example: Any, written: str, span: Span) -> Any:
    found = moment_of_text(written) if isinstance(example, Moment) else number(written) if _is_number(example) else None
    if found is None:
        raise Refusal("the reference has no reading of values of two kinds compared", span=span, code="RUN035")
    return found


def _arithmetic(node: ir.Binary, left: Any, right: Any, reading: Reading) -> Any:
    operator = node.operator
    if any(isinstance(one, Moment | Duration) for one in (left, right)):
        return _of_times(node, left, right)
    if not _is_number(left) or not _is_number(right):
        raise Refusal("the reference has no reading of arithmetic with other values than numbers", span=node.span)
    if operator in _EXACT:
        found = _EXACT[operator](left, right)
        return wrapped(found) if reading.meaning.wraps and isinstance(found, int) else found
    if right == 0:
        raise Refusal("the reference has no reading of a division by zero", span=node.span)
    if operator == "/":
        whole = reading.meaning.whole_division and isinstance(left, int) and isinstance(right, int)
        size = abs(left) // abs(right) if whole else left / right
        return -size if whole and (left < 0) is not (right < 0) else size
    if reading.meaning.positive_remainders:
        return left % abs(right)
    if isinstance(left, int) and isinstance(right, int):
        return whole_rest(left, right)
    return fmod(left, right)


def _of_times(node: ir.Binary, left: Any, right: Any) -> Any:
    operator = node.operator
    if isinstance(left, Moment) and isinstance(right, int) and operator in ("+", "-"):
        # Snowflake, "Date & time data types": a whole number counts days.
        return Moment(left.seconds + (right if operator == "+" else -right) * 86400)
    if isinstance(left, Moment) and isinstance(right, Moment) and operator == "-":
        return Duration(left.seconds - right.seconds)
    if isinstance(left, Moment) and isinstance(right, Duration) and operator in ("+", "-"):
        return Moment(left.seconds + (right.seconds if operator == "+" else -right.seconds))
    if isinstance(left, Duration) and isinstance(right, Duration):
        if operator in ("+", "-"):
            return Duration(left.seconds + (right.seconds if operator == "+" else -right.seconds))
        if operator == "/" and right.seconds:
            return left.seconds / right.seconds
    if isinstance(left, Duration) and _is_number(right) and (operator == "*" or (operator == "/" and right)):
        return Duration(left.seconds * right if operator == "*" else left.seconds / right)
    raise Refusal("the reference has no reading of this arithmetic of times", span=node.span)


def rows_of(node: ir.Subsearch, row: Row, reading: Reading) -> list[Any]:
    """The first column of a query, which may read the row around it."""
    outer = {name: field_value(name, row, reading, node.span) for name in node.outer}
    table = replace(reading, outer={**reading.outer, **outer}).run(node.pipeline)
    names = list(table.columns)
    if not names:
        raise Refusal("the reference has no reading of a query without columns", span=node.span)
    return [row.get(names[0]) for row in table.rows]


def _with_rows(node: ir.Binary, row: Row, reading: Reading) -> bool | None:
    """`<> ALL` of a query is NOT IN, `= ANY` is IN."""
    assert isinstance(node.right, ir.Call)
    (rows,) = node.right.arguments
    if (node.operator, node.right.function) not in _ROWS or not isinstance(rows, ir.Subsearch):
        raise Refusal("the reference has no reading of this comparison with a query", span=node.span)
    found = _is_among(reading.value(node.left, row), rows_of(rows, row, reading), reading, node.span)
    return found if node.operator == "=" or found is None else not found


def typed_list(node: ir.InList, row: Row, reading: Reading) -> bool | None:
    """Whether a value is one of the options, or of the first column of a query."""
    options: list[Any] = []
    for option in node.options:
        if isinstance(option, ir.Subsearch):
            options += rows_of(option, row, reading)
        else:
            value = reading.value(option, row)
            options += value if isinstance(value, list) else [value]
    return _is_among(reading.value(node.value, row), options, reading, node.span)


def _is_among(value: Any, options: list[Any], reading: Reading, span: Span) -> bool | None:
    """True where one is equal; else unknown where a null leaves it open, which in Kusto none does."""
    if not options:
        return False
    found = [compared("=", value, option, reading, span) for option in options]
    if True in found:
        return True
    return None if None in found and not reading.meaning.null_equals_nothing else False
