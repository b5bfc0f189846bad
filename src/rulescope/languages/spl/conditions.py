"""From the expressions of `where` to predicates: comparisons of a field with constants become `Compare` leaves.

A comparison with a missing field is unknown there, and NOT does not turn it (Search Manual, "NOT expressions" and the
documentation of `where`); equality is case-sensitive, `*` a plain character.
"""

from __future__ import annotations

import re
from itertools import compress
from typing import TypeGuard

from rulescope.ir.expressions import (
    Binary,
    Call,
    Constant,
    Expression,
    FieldReference,
    Hole,
    InList,
    MacroCall,
    PredicateExpression,
    Subsearch,
    Unary,
)
from rulescope.ir.predicates import And, Any, Compare, ComparisonKind, Glob, Not, Or, Predicate, Quantifier, Test, Value

_ORDER: dict[str, ComparisonKind] = {"<": "lt", "<=": "le", ">": "gt", ">=": "ge"}
_READS_AS_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?", re.ASCII)
_FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


def lower_condition(expression: Expression) -> Predicate:
    """The predicate that is true where the expression is; what is no plain comparison becomes a `Test`."""
    if isinstance(expression, Binary):
        if expression.operator == "and":
            return And(_flatten(expression, "and"), expression.span)
        if expression.operator == "or":
            return Or(_flatten(expression, "or"), expression.span)
        return _comparison(expression)
    if isinstance(expression, Unary) and expression.operator == "not":
        return Not(lower_condition(expression.operand), expression.span)
    if isinstance(expression, Call):
        return _call(expression)
    if isinstance(expression, InList):
        return _in(expression)
    if isinstance(expression, (MacroCall, Subsearch)):
        return expression
    if isinstance(expression, PredicateExpression):
        return expression.predicate
    return Test(expression, expression.span)


def _flatten(expression: Binary, operator: str) -> tuple[Predicate, ...]:
    operands: list[Expression] = []
    node: Expression = expression
    while isinstance(node, Binary) and node.operator == operator:
        operands.append(node.right)
        node = node.left
    operands.append(node)
    return tuple(lower_condition(operand) for operand in reversed(operands))


def _comparison(expression: Binary) -> Predicate:
    left, right, operator = expression.left, expression.right, str(expression.operator)
    if isinstance(left, Hole) or isinstance(right, Hole):
        return Test(expression, expression.span)
    if isinstance(left, Constant) and isinstance(right, FieldReference) and operator != "like":
        left, right, operator = right, left, _FLIPPED.get(operator, operator)
    if not isinstance(left, FieldReference) or not isinstance(right, Constant) or right.value is None:
        return Test(expression, expression.span)
    value = right.value
    if operator == "like":
        return _like(left, right, expression) if isinstance(value, str) else Test(expression, expression.span)
    if isinstance(value, bool):
        return Test(expression, expression.span)
    numeric = _is_number(value)
    if operator in _ORDER:
        # Greater or less is told by numbers where both sides read as one, in quotes or not.
        numeric = numeric or _READS_AS_NUMBER.fullmatch(str(value)) is not None
        return Compare(
            left.name, _ORDER[operator], (value,), False, "unknown", numeric, "any", expression.span, (right.span,)
        )
    if operator in ("=", "!="):
        # Of several values any may be equal, and any may differ.
        quantifier: Quantifier = "any" if operator == "=" else "all"
        equal = Compare(
            left.name, "eq", (value,), False, "unknown", numeric, quantifier, expression.span, (right.span,)
        )
        return equal if operator == "=" else Not(equal, expression.span)
    return Test(expression, expression.span)


def _like(field: FieldReference, pattern: Constant, expression: Expression) -> Predicate:
    kind, value = like_pattern(str(pattern.value))
    return Compare(field.name, kind, (value,), False, "unknown", False, "any", expression.span, (pattern.span,))


def like_pattern(pattern: str) -> tuple[ComparisonKind, Value]:
    """Kind and value of a LIKE pattern: `%` is any run of characters, `_` one."""
    if "_" not in pattern:
        core = pattern.strip("%")
        if core and "%" not in core:
            if pattern == core:
                return "eq", core
            if pattern[0] == "%" == pattern[-1]:
                return "contains", core
            return ("ends_with", core) if pattern[0] == "%" else ("starts_with", core)
        if not pattern:
            return "eq", ""
    pieces: list[str | Any] = []
    plain = ""
    for character in pattern:
        if character in "%_":
            if plain:
                pieces.append(plain)
                plain = ""
            pieces.append(Any.RUN if character == "%" else Any.ONE)
        else:
            plain += character
    if plain:
        pieces.append(plain)
    return "wildcard", Glob(tuple(pieces))


def _call(call: Call) -> Predicate:
    arguments = call.arguments
    if any(isinstance(argument, Hole) for argument in arguments):
        return Test(call, call.span)
    first = arguments[0] if arguments else None
    if len(arguments) == 1 and isinstance(first, FieldReference):
        if call.function == "isnull":
            return Compare(first.name, "missing", span=call.span)
        if call.function == "isnotnull":
            return Compare(first.name, "exists", span=call.span)
    if len(arguments) == 2:
        second = arguments[1]
        if call.function == "match" and isinstance(first, FieldReference) and _is_text(second):
            return Compare(
                first.name, "match", (str(second.value),), False, "unknown", False, "any", call.span, (second.span,)
            )
        if call.function == "like" and isinstance(first, FieldReference) and _is_text(second):
            return _like(first, second, call)
        if call.function == "cidrmatch" and _is_text(first) and isinstance(second, FieldReference):
            return Compare(
                second.name, "cidr", (str(first.value),), False, "unknown", False, "any", call.span, (first.span,)
            )
    return Test(call, call.span)


def _is_text(expression: Expression | None) -> TypeGuard[Constant]:
    return isinstance(expression, Constant) and isinstance(expression.value, str)


def _in(expression: InList) -> Predicate:
    field = expression.value
    options = expression.options
    if not isinstance(field, FieldReference) or isinstance(field, Hole) or not options:
        return Test(expression, expression.span)
    values: list[Value] = []
    for option in options:
        if not isinstance(option, Constant) or option.value is None:
            return Test(expression, expression.span)
        values.append(option.value)
    spans = tuple(option.span for option in options)
    numbers = [_is_number(value) for value in values]

    def among(numeric: bool, chosen: list[bool]) -> Compare:
        kept = tuple(compress(values, chosen))
        places = tuple(compress(spans, chosen))
        return Compare(field.name, "in", kept, False, "unknown", numeric, "any", expression.span, places)

    if any(numbers) and any(isinstance(value, str) and _READS_AS_NUMBER.fullmatch(value) for value in values):
        # A text equals what reads the same, a number what is as large: two lists.
        return Or((among(True, numbers), among(False, [not number for number in numbers])), expression.span)
    return among(any(numbers), [True] * len(values))


def _is_number(value: Value) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
