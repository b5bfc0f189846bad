"""The text of an eval expression for which no row is needed: what a macro with `iseval` stands for.

macros.conf.spec, `iseval`: the definition is an eval expression that gives the text to put in. Search Reference,
"eval", operators, and "Evaluation functions". Only what needs no database is computed; for anything else there is no
text, and the macro stays a call.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from rulescope.ir.expressions import Binary, Call, Constant, Expression, FieldReference, InList, Unary
from rulescope.ir.stages import Assignment, Eval
from rulescope.languages.spl.parser import Parser

_Value = str | int | float | bool | None

_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
_ARITHMETIC: dict[str, Callable[[float, float], float]] = {"-": operator.sub, "*": operator.mul}
_NUMBER = re.compile(r"[+-]?\d{1,15}(\.\d{1,15})?")
_PLAIN = re.compile(r"[^\\.^$*+?()\[\]{}|]*")
"""A regular expression that is only its text."""
_LARGEST = 2.0**53
_LONGEST = 100_000
_LONGEST_READ = 10_000
"""How long an expression may be, in characters: a search may call its macro thousands of times."""


class _NotConstant(Exception):
    """The expression needs a row, or something that is not computed here."""


def constant_text(expression: str, given: Mapping[str, str]) -> str | None:
    """The text that the expression gives; None where it can't be told. `given` are values of names that are no rows'
    fields: the macro's arguments."""
    if len(expression) > _LONGEST_READ:
        return None
    parser = Parser(f"| makeresults | eval text={expression}")
    _, *stages = parser.search().stages
    assigned = stages[0].assignments if len(stages) == 1 and isinstance(stages[0], Eval) else ()
    if parser.diagnostics or len(assigned) != 1 or not isinstance(assigned[0], Assignment):
        return None
    try:
        return _text(_Reading(given).value(assigned[0].expression))
    except _NotConstant:
        return None


@dataclass(frozen=True, slots=True)
class _Reading:
    given: Mapping[str, str]

    def value(self, node: Expression) -> _Value:
        match node:
            case Constant(value=value):
                return value
            case FieldReference(name=name) if name in self.given:
                return self.given[name]
            case Unary(operator="not", operand=operand):
                truth = self.truth(operand)
                return None if truth is None else not truth
            case Unary(operator="-", operand=operand):
                return -_number(self.value(operand))
            case InList(value=value, options=options):
                subject = self.value(value)
                return any(_compared("=", subject, self.value(option)) for option in options)
            case Binary(operator="and" | "or" | "xor"):
                return self.joined(node)
            case Binary():
                return _computed(node.operator, self.value(node.left), self.value(node.right))
            case Call(function=name, arguments=arguments):
                return self.called(name, arguments)
        raise _NotConstant

    def truth(self, node: Expression) -> bool | None:
        """Whether a condition holds; NULL is neither."""
        value = self.value(node)
        if value is not None and not isinstance(value, bool):
            raise _NotConstant
        return value

    def joined(self, node: Binary) -> bool | None:
        left, right = self.truth(node.left), self.truth(node.right)
        decisive = {"and": False, "or": True}.get(node.operator)
        if decisive is not None and decisive in (left, right):
            return decisive
        if left is None or right is None:
            return None
        return left != right if node.operator == "xor" else not decisive

    def called(self, name: str, arguments: tuple[Expression, ...]) -> _Value:
        if name == "if" and len(arguments) == 3:
            return self.value(arguments[1 if self.truth(arguments[0]) else 2])
        if name == "case" and len(arguments) % 2 == 0:
            pairs = zip(arguments[::2], arguments[1::2], strict=True)
            return next((self.value(value) for condition, value in pairs if self.truth(condition)), None)
        function = _FUNCTIONS.get(name)
        if function is None:
            raise _NotConstant
        values = [self.value(argument) for argument in arguments]
        try:
            return function(*values)
        except TypeError as error:
            # Not so many arguments, or not of this kind.
            raise _NotConstant from error


def _text(value: _Value) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or value is None or not float(value).is_integer() or abs(value) > _LARGEST:
        raise _NotConstant
    return str(int(value))


def _number(value: _Value) -> float | int:
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return float(value)
    if isinstance(value, str | bool) or value is None:
        raise _NotConstant
    return value


def _computed(sign: str, left: _Value, right: _Value) -> _Value:
    if sign in _COMPARISONS:
        return _compared(sign, left, right)
    if left is None or right is None:
        return None
    texts = isinstance(left, str) and isinstance(right, str)
    if sign == "." or (sign == "+" and texts):
        if sign == "+" and _reads_as_number(left) and _reads_as_number(right):
            raise _NotConstant
        return _joined(_text(left), _text(right))
    if sign == "+":
        return _number(left) + _number(right)
    if sign not in _ARITHMETIC:
        raise _NotConstant
    return _ARITHMETIC[sign](_number(left), _number(right))


def _joined(left: str, right: str) -> str:
    if len(left) + len(right) > _LONGEST:
        raise _NotConstant
    return left + right


def _reads_as_number(value: _Value) -> bool:
    return isinstance(value, str) and _NUMBER.fullmatch(value) is not None


def _compared(sign: str, left: _Value, right: _Value) -> bool | None:
    """Numbers by size, also where one of them is a text that reads as one; else texts by their characters."""
    if left is None or right is None:
        return None
    if isinstance(left, bool) or isinstance(right, bool):
        raise _NotConstant
    if isinstance(left, str) and isinstance(right, str):
        return _COMPARISONS[sign](left, right)
    if all(not isinstance(one, str) or _reads_as_number(one) for one in (left, right)):
        return _COMPARISONS[sign](_number(left), _number(right))
    return _COMPARISONS[sign](_text(left), _text(right))


def _replaced(text: _Value, pattern: _Value, replacement: _Value) -> _Value:
    if not isinstance(text, str) or not isinstance(pattern, str) or not isinstance(replacement, str):
        raise _NotConstant
    longest = len(text) * (len(replacement) + 1)
    if not pattern or not _PLAIN.fullmatch(pattern) or "\\" in replacement or longest > _LONGEST:
        raise _NotConstant
    return text.replace(pattern, replacement)


def _matched(text: _Value, pattern: _Value) -> bool:
    if not isinstance(text, str) or not isinstance(pattern, str) or not _PLAIN.fullmatch(pattern):
        raise _NotConstant
    return pattern in text


_FUNCTIONS: dict[str, Callable[..., _Value]] = {
    "coalesce": lambda *values: next((value for value in values if value is not None), None),
    "isnotnull": lambda value: value is not None,
    "isnull": lambda value: value is None,
    "len": lambda value: len(_text(value)),
    "lower": lambda value: _text(value).lower(),
    "match": _matched,
    "nullif": lambda left, right: None if _compared("=", left, right) else left,
    "replace": _replaced,
    "tonumber": lambda value: _number(value),
    "tostring": lambda value: _text(value),
    "upper": lambda value: _text(value).upper(),
}

__all__ = ["constant_text"]
