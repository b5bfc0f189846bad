"""Expressions over one row: operators as their language has them, and calls of its functions."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import fmod
from operator import add, mul, sub
from typing import Any

from rulescope import ir
from rulescope.engines.reference.common.names import field_value
from rulescope.engines.reference.common.patterns import like_holds
from rulescope.engines.reference.common.predicates import condition_of
from rulescope.engines.reference.common.typed import typed_binary, typed_list
from rulescope.engines.reference.interpreter import Reading, RowCall, reads_expression
from rulescope.engines.reference.values import (
    Quoted,
    Row,
    exact_number,
    exact_text,
    in_relation,
    number,
    numbers,
    only,
    text,
    values_of,
    whole_rest,
    wrapped,
)
from rulescope.errors import Refusal

_WHOLES: dict[str, Callable[[int, int], int]] = {"+": add, "-": sub, "*": mul}


@reads_expression(ir.Constant)
def constant(node: ir.Constant, row: Row, reading: Reading) -> Any:
    """A constant is itself; text in quotes stays text."""
    if isinstance(node.value, str):
        return Quoted(node.value)
    return _untyped(node.value, reading)


def _untyped(value: str | float | int | bool | None, reading: Reading) -> Any:
    """A constant number; a whole one is a double, or text that reads as one where a double would lose digits."""
    if not isinstance(value, int) or isinstance(value, bool) or reading.meaning.typed or reading.meaning.wholes:
        return value
    return exact_text(value) if reading.meaning.exact_wholes else float(value)


@reads_expression(ir.FieldReference)
def field(node: ir.FieldReference, row: Row, reading: Reading) -> Any:
    """The value of a field."""
    return field_value(node.name, row, reading, node.span)


@reads_expression(ir.PredicateExpression)
def condition(node: ir.PredicateExpression, row: Row, reading: Reading) -> bool | None:
    """A predicate as a value."""
    return reading.holds(node.predicate, row)


@reads_expression(ir.Call)
def call(node: ir.Call, row: Row, reading: Reading) -> Any:
    """A function of the language. Raises `Refusal` where there is no reading of it."""
    reader = reading.meaning.function_reader(node.function.lower())
    if reader is None:
        message = f"the reference has no reading of the function '{node.written or node.function}'"
        raise Refusal(message, span=node.span, code="RUN011")
    return reader(RowCall(node, row, reading))


@reads_expression(ir.Operation)
def operation(node: ir.Operation, row: Row, reading: Reading) -> Any:
    """An operation of the tree."""
    reader = reading.meaning.operation_reader(node.name)
    if reader is None:
        raise Refusal(f"the reference has no reading of '{node.name}'", span=node.span, code="RUN011")
    return reader(RowCall(node, row, reading))


@reads_expression(ir.Unary)
def unary(node: ir.Unary, row: Row, reading: Reading) -> Any:
    """`not`, which turns no NULL, and the signs."""
    value = reading.value(node.operand, row)
    if node.operator == "not":
        held = condition_of(value, node, reading)
        return None if held is None else not held
    if node.operator == "+":
        return value
    if isinstance(node.operand, ir.Constant) and isinstance(node.operand.value, int | float):
        return _untyped(-node.operand.value, reading)
    if reading.meaning.typed and isinstance(value, int | float):
        return -value
    size = exact_number(value) if reading.meaning.wholes else number(value)
    return None if size is None else -size


@reads_expression(ir.InList)
def listed(node: ir.InList, row: Row, reading: Reading) -> bool | None:
    """Whether a value equals one of the options, as `=` has it."""
    if reading.meaning.typed:
        return typed_list(node, row, reading)
    subject = operand(node.value, row, reading)
    options = [reading.value(option, row) for option in node.options]
    if reading.meaning.single_operands:
        # One of several values equals nothing; the list is unknown only where all of it is so.
        single = [option for option in options if not (isinstance(option, list) and len(option) > 1)]
        found = either(equal("=", subject, only(option), reading) for option in single)
        return found if single else None
    return either(equal("=", subject, option, reading) for option in options)


def operand(node: ir.Expression, row: Row, reading: Reading) -> Any:
    """What an operator takes: several values are none in a language whose operators take one."""
    value = reading.value(node, row)
    return only(value) if reading.meaning.single_operands else value


@reads_expression(ir.Binary)
def binary(node: ir.Binary, row: Row, reading: Reading) -> Any:
    """Two values put together."""
    if node.operator in ("and", "or", "xor"):
        return _connected(node, row, reading)
    if reading.meaning.typed:
        return typed_binary(node, row, reading)
    left, right = operand(node.left, row, reading), operand(node.right, row, reading)
    if node.operator == "like":
        patterns = text(right)
        found = [
            like_holds(patterns, spelt) for one in values_of(left) if patterns and (spelt := text(one)) is not None
        ]
        return any(found) if found else None if left is None or patterns is None else False
    if node.operator in ("=", "!=", "<", "<=", ">", ">="):
        return equal(node.operator, left, right, reading)
    if node.operator == ".":
        one, other = text(left), text(right)
        return None if one is None or other is None else one + other
    if reading.meaning.wholes:
        return exact_arithmetic(node.operator, left, right)
    return _arithmetic(node.operator, left, right)


def _connected(node: ir.Binary, row: Row, reading: Reading) -> bool | None:
    one, other = (condition_of(reading.value(part, row), part, reading) for part in (node.left, node.right))
    if node.operator == "and":
        return False if one is False or other is False else None if one is None or other is None else True
    if node.operator == "or":
        return either((one, other))
    return None if one is None or other is None else one != other


def either(found: Iterable[bool | None]) -> bool | None:
    """True where one is true, else unknown where one is."""
    held = list(found)
    return True if True in held else None if None in held else False


def exact_arithmetic(operator: str, left: Any, right: Any) -> Any:
    """Two numbers put together: whole ones give a whole one (none beyond 64 bits), others a double; a division `//`
    of whole ones is cut off towards 0."""
    one, other = exact_number(left), exact_number(right)
    if one is None or other is None or (operator in ("/", "//", "%") and other == 0):
        return None
    if operator == "/" or not (isinstance(one, int) and isinstance(other, int)):
        return _arithmetic("/" if operator == "//" else operator, float(one), float(other))
    if operator == "//":
        size = abs(one) // abs(other)
        found = -size if (one < 0) is not (other < 0) else size
    else:
        found = whole_rest(one, other) if operator == "%" else _WHOLES[operator](one, other)
    return found if wrapped(found) == found else None


def _arithmetic(operator: str, left: Any, right: Any) -> Any:
    if operator == "+" and not (isinstance(left, int | float) or isinstance(right, int | float)):
        return _plus(left, right)
    one, other = number(left), number(right)
    if one is None or other is None or (operator in ("/", "%") and other == 0):
        return None
    match operator:
        case "+":
            return one + other
        case "-":
            return one - other
        case "*":
            return one * other
        case "/":
            return one / other
    # The sign is that of the dividend.
    return fmod(one, other)


def _plus(left: Any, right: Any) -> Any:
    """Two values of which none was computed as a number: a sum where both read as numbers, else one text."""
    one, other = text(left), text(right)
    if one is None or other is None:
        return None
    if not isinstance(left, Quoted) and not isinstance(right, Quoted):
        first, second = number(one), number(other)
        if first is not None and second is not None:
            return first + second
    return Quoted(one + other)


def equal(operator: str, left: Any, right: Any, reading: Reading) -> bool | None:
    """A comparison: unknown with NULL; of several values it holds where it does for any of them."""
    ones, others = values_of(left), values_of(right)
    if not ones or not others:
        return None
    return any(in_relation(operator, *_comparable(operator, one, other, reading)) for one in ones for other in others)


def _comparable(operator: str, left: Any, right: Any, reading: Reading) -> tuple[Any, Any]:
    """Both as numbers, or both as texts: text in quotes equals only what reads the same, and is ordered by size only
    beside a value that is no text in quotes."""
    if isinstance(left, bool) and isinstance(right, bool):
        return left, right
    if isinstance(left, bool) or isinstance(right, bool):
        return (text(left) or "").lower(), (text(right) or "").lower()
    quoted = [isinstance(one, Quoted) for one in (left, right)]
    computed = any(isinstance(one, int | float) for one in (left, right))
    as_numbers = computed or not any(quoted) or (operator not in ("=", "!=") and not all(quoted))
    sizes = numbers(left, right, reading.meaning.exact_wholes)
    if as_numbers and sizes is not None:
        return sizes
    return text(left) or "", text(right) or ""
