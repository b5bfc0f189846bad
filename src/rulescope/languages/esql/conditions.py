"""Conditions of ES|QL.

Below the signs of `OperandReader` binds `::`; a comparison may be LIKE, RLIKE, IN, IS NULL or `:` too. A comparison
with NULL is NULL, NOT of NULL is NULL, and WHERE keeps what is true ("Working with NULL values in ES|QL"):
`missing="unknown"` in every leaf but IS NULL and IS NOT NULL. An operator on a field with several values gives NULL
("ES|QL operators"): `quantifier="one"`; only the match operator `:` looks into each value.
"""

from __future__ import annotations

from typing import ClassVar

from rulescope import ir
from rulescope.ir import Call, Compare, Constant, Expression, FieldReference, Operation, OperationName, Predicate
from rulescope.ir.patterns import split_wildcards
from rulescope.ir.predicates import Missing, Quantifier
from rulescope.languages.common.comparisons import (
    COMPARISONS,
    compare_constant,
    compare_list,
    compare_regexes,
    compare_values,
    field_first,
)
from rulescope.languages.common.operands import Operand, OperandReader, as_expression, is_number
from rulescope.languages.common.patterns import compare_patterns, tell_percent_signs
from rulescope.languages.common.tokens import Token, TokenReader
from rulescope.languages.esql.dates import dated, shifted
from rulescope.languages.esql.values import read_single
from rulescope.text import Span


def read_condition(reader: TokenReader) -> Predicate:
    """The condition at hand. Raises `SyntaxProblem` where it can't be read."""
    return _Operands(reader).condition()


def read_value(reader: TokenReader) -> Expression:
    """The value at hand. Raises `SyntaxProblem` where it can't be read."""
    return _Operands(reader).value()


class _Operands(OperandReader):
    """Comparisons of ES|QL."""

    missing: ClassVar[Missing] = "unknown"
    quantifier: ClassVar[Quantifier] = "one"

    def single(self) -> Operand:
        return read_single(self)

    def calculated(self, token: Token, left: Expression, right: Expression) -> Expression:
        moved = shifted(token.text, left, right, left.span.union(right.span))
        return moved if moved is not None else super().calculated(token, left, right)

    def comparison(self) -> Operand:
        reader = self.reader
        start = reader.peek().start
        left = self.sum()
        if reader.at(*COMPARISONS):
            operator = reader.take().text
            right = self.sum()
            return _ordered(reader, operator, left, right, Span(start, reader.last_end))
        if reader.at("=~", ":"):
            sign = reader.take().text
            right = self.sum()
            return _alike(sign, left, right, Span(start, reader.last_end))
        if reader.at_word("is"):
            return _null_test(reader, left, start)
        negated = reader.at_word("not") and reader.peek(1).text.lower() in ("in", "like", "rlike")
        if negated:
            reader.take()
        word = reader.accept_word("in", "like", "rlike")
        if word is None:
            return left
        listed = self.listed()
        if word.text.lower() == "like":
            tell_percent_signs(reader, "ESQ020", listed)
        span = Span(start, reader.last_end)
        found = _looked_up(word.text.lower(), left, listed, span)
        return ir.Not(self.as_predicate(found), span) if negated else found


def _null_test(reader: TokenReader, left: Operand, start: int) -> Operand:
    reader.take()
    negated = reader.accept_word("not") is not None
    reader.expect_word("null", " after IS")
    span = Span(start, reader.last_end)
    if isinstance(left, FieldReference):
        return Compare(left.name, "exists" if negated else "missing", missing="false" if negated else "true", span=span)
    return Call("isnotnull" if negated else "isnull", (as_expression(left),), span)


def _alike(sign: str, left: Operand, right: Operand, span: Span) -> Operand:
    """`=~` is equal regardless of case; `:` is the match operator, true where one value fits."""
    if isinstance(left, FieldReference) and isinstance(right, Constant) and right.value is not None:
        return Compare(
            left.name,
            "eq",
            (right.value,),
            sign == "=~",
            "unknown",
            numeric=is_number(right.value),
            quantifier="one" if sign == "=~" else "any",
            span=span,
            value_spans=(right.span,),
        )
    name: OperationName = "equals_ignoring_case" if sign == "=~" else "match_text"
    return Operation(name, (as_expression(left), as_expression(right)), span)


def _ordered(reader: TokenReader, operator: str, left: Operand, right: Operand, span: Span) -> Operand:
    operator, left, right = field_first(operator, left, right)
    if isinstance(right, Constant) and right.value is None:
        message = f"a comparison by '{operator}' with NULL is never true"
        reader.note("ESQ012", message, span, "warning", "use IS NULL or IS NOT NULL")
    elif isinstance(right, Constant) and isinstance(left, FieldReference):
        found = compare_constant(left.name, COMPARISONS[operator], right, "unknown", "one", span)
        return ir.Not(found, span) if operator == "!=" else found
    return compare_values(operator, *dated(as_expression(left), as_expression(right)), span)


def _looked_up(word: str, left: Operand, listed: list[Expression], span: Span) -> Operand:
    constants = [one for one in listed if isinstance(one, Constant) and one.value is not None]
    plain = len(constants) == len(listed)
    if word == "in":
        if isinstance(left, FieldReference) and plain:
            return compare_list(left.name, constants, False, "unknown", "one", span)
        return ir.InList(as_expression(left), tuple(listed), span)
    if not isinstance(left, FieldReference) or not plain:
        operands = (as_expression(left), *listed)
        return Operation("like_pattern", operands, span) if word == "like" else Call("regex", operands, span)
    if word == "like":
        pieces = [(split_wildcards(str(one.value), escapes=True), one.span) for one in constants]
        return compare_patterns(left.name, pieces, False, "unknown", span, "one")
    return compare_regexes(left, [(str(one.value), one) for one in constants], False, "unknown", "one", span)
