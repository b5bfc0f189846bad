"""Calls of EQL's functions: whether there is such a one, and those that are comparisons of a field."""

from __future__ import annotations

from typing import Final

from rulescope.ir import Any, Binary, Call, Constant, Expression, FieldReference, Operation
from rulescope.ir.expressions import BinaryOperator
from rulescope.ir.functions import shared_call
from rulescope.ir.patterns import split_wildcards
from rulescope.languages.common.comparisons import any_constant
from rulescope.languages.common.operands import Operand
from rulescope.languages.common.patterns import compare_patterns
from rulescope.languages.common.signatures import unknown_function, wrong_count
from rulescope.languages.common.tokens import Token, TokenReader
from rulescope.languages.eql.functions import COMPARING, FUNCTIONS
from rulescope.text import Span


def lowered_call(reader: TokenReader, token: Token, arguments: list[Expression], span: Span) -> Operand:
    """A function of a field and constants as the comparison that it is, else as a call."""
    name = token.text.rstrip("~").lower()
    ignore_case = token.text.endswith("~")
    _check(reader, token, name, ignore_case, len(arguments))
    first = arguments[0] if arguments else None
    rest = arguments[1:]
    constants = [one for one in rest if isinstance(one, Constant)]
    if isinstance(first, FieldReference) and rest and len(constants) == len(rest):
        kind = COMPARING.get(name)
        if kind is not None:
            texts = [(shown(one.value), one) for one in constants]
            return any_constant(first.name, kind, texts, ignore_case, "false", "any", span)
        if name == "wildcard":
            # Endgame's EQL regards no case.
            pieces = [(pattern_pieces(one.value), one.span) for one in constants]
            return compare_patterns(first.name, pieces, True, "false", span)
    operator = _ARITHMETIC.get(name)
    if operator is not None and len(arguments) == 2:
        return calculated(operator, arguments[0], arguments[1], span)
    if ignore_case:
        return Call(f"{name}~", tuple(arguments), span)
    return shared_call("eql", name, tuple(arguments), span)


_ARITHMETIC: Final[dict[str, BinaryOperator]] = {
    "add": "+", "subtract": "-", "multiply": "*", "divide": "/", "modulo": "%",
}  # fmt: skip
"""Functions that are operators by another name."""


def calculated(operator: BinaryOperator, left: Expression, right: Expression, span: Span) -> Expression:
    """Two numbers put together; two whole ones divide to a whole one (EQL syntax reference, Mathematical operators)."""
    if operator == "/" and not _is_fraction(left) and not _is_fraction(right):
        return Operation("whole_division", (left, right), span)
    return Binary(operator, left, right, span)


def _is_fraction(value: Expression) -> bool:
    """Whether a constant is written with a point: a division by any other number may give a whole one."""
    return isinstance(value, Constant) and isinstance(value.value, float)


def _check(reader: TokenReader, token: Token, name: str, ignore_case: bool, number: int) -> None:
    known = FUNCTIONS.get(name)
    if known is None:
        message, hint = unknown_function(token.text, FUNCTIONS)
        reader.note("EQL010", message, token.span, "error", hint)
        return
    problem = wrong_count(token.text, number, known.least, known.most)
    if problem is not None:
        reader.note("EQL011", problem, token.span, "error")
    if ignore_case and not known.folding:
        reader.note("EQL010", f"'{name}' has no form without regard to case", token.span, "error")
    if known.endgame:
        reader.note("EQL012", f"Elasticsearch's EQL has no function '{token.text}'", token.span)


def pattern_pieces(value: object) -> tuple[str | Any, ...]:
    """What a constant stands for where `*` and `?` are wildcards."""
    return split_wildcards(value) if isinstance(value, str) else (shown(value),)


def shown(value: object) -> str:
    """A constant as the text that it is compared as."""
    return str(value).lower() if isinstance(value, bool) else str(value)
