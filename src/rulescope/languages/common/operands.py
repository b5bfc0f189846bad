"""Conditions and values that one grammar holds: what EQL and ES|QL share of reading them.

Precedence, loosest first: `or`, `and`, `not`, one comparison, `+ -`, `* / %`, sign.
"""

from __future__ import annotations

from typing import ClassVar

from rulescope.ir import (
    And,
    Binary,
    Compare,
    Constant,
    Expression,
    FieldReference,
    Not,
    Or,
    Predicate,
    PredicateExpression,
    Term,
    Test,
    Unary,
)
from rulescope.ir.expressions import BinaryOperator
from rulescope.ir.predicates import Missing, Quantifier
from rulescope.languages.common.tokens import Token, TokenReader
from rulescope.text import Span

Operand = Expression | Predicate

PREDICATES = (And, Or, Not, Compare, Term, Test)
"""What an operand is that is a condition already."""


def as_expression(operand: Operand) -> Expression:
    """The operand as a value: a condition is true, false, or (where the language has that) NULL."""
    if isinstance(operand, Test):
        return operand.expression
    if isinstance(operand, PREDICATES):
        return PredicateExpression(operand, operand.span)
    return operand  # type: ignore[return-value]


def is_number(value: object) -> bool:
    """Whether a constant is a number; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def number_value(text: str) -> int | float:
    """A number as written: whole, or with a fraction or exponent."""
    return int(text) if text.isdigit() and len(text) <= 30 else float(text)


class OperandReader:
    """Reads conditions and values from tokens. A language says what a comparison and what a single operand is.

    Its methods raise `SyntaxProblem` where the text can't be read.
    """

    missing: ClassVar[Missing] = "false"
    """What a comparison with a field gives that the row lacks."""

    quantifier: ClassVar[Quantifier] = "any"
    """How a comparison treats a field with several values."""

    def __init__(self, reader: TokenReader) -> None:
        self.reader = reader

    def comparison(self) -> Operand:
        """One comparison, or an operand without one."""
        raise NotImplementedError

    def single(self) -> Operand:
        """What stands behind a sign: a constant, a field, a call, or brackets."""
        raise NotImplementedError

    def condition(self) -> Predicate:
        """The condition at hand."""
        return self.as_predicate(self.either())

    def value(self) -> Expression:
        """The value at hand."""
        return as_expression(self.either())

    def as_predicate(self, operand: Operand) -> Predicate:
        """The operand as a condition: a field alone is the question whether it is true."""
        match operand:
            case FieldReference(name=name, span=span):
                return Compare(
                    name,
                    "eq",
                    (True,),
                    missing=self.missing,
                    quantifier=self.quantifier,
                    span=span,
                    value_spans=(span,),
                )
            case PredicateExpression(predicate=predicate):
                return predicate
        if isinstance(operand, PREDICATES):
            return operand
        return Test(operand, operand.span)  # type: ignore[arg-type]

    def either(self) -> Operand:
        """Operands joined by `or`."""
        operands = [self._both()]
        while self.reader.accept_word("or"):
            operands.append(self._both())
        return operands[0] if len(operands) == 1 else self._chained(Or, operands)

    def _both(self) -> Operand:
        operands = [self._negated()]
        while self.reader.accept_word("and"):
            operands.append(self._negated())
        return operands[0] if len(operands) == 1 else self._chained(And, operands)

    def _chained(self, node: type[And] | type[Or], operands: list[Operand]) -> Predicate:
        predicates = tuple(map(self.as_predicate, operands))
        return node(predicates, predicates[0].span.union(predicates[-1].span))

    def _negated(self) -> Operand:
        signs: list[Token] = []
        while (token := self.reader.accept_word("not")) is not None:
            signs.append(token)
            self.reader.check_depth(len(signs))
        operand = self.comparison()
        for sign in reversed(signs):
            predicate = self.as_predicate(operand)
            operand = Not(predicate, sign.span.union(predicate.span))
        return operand

    def sum(self) -> Operand:
        """Operands joined by `+` and `-`."""
        left = self._product()
        while (token := self.reader.accept("+", "-")) is not None:
            left = self.calculated(token, as_expression(left), as_expression(self._product()))
        return left

    def _product(self) -> Operand:
        left = self._signed()
        while (token := self.reader.accept("*", "/", "%")) is not None:
            left = self.calculated(token, as_expression(left), as_expression(self._signed()))
        return left

    def calculated(self, token: Token, left: Expression, right: Expression) -> Expression:
        """Two values and the sign between them."""
        operator: BinaryOperator = token.text  # type: ignore[assignment]
        return Binary(operator, left, right, left.span.union(right.span))

    def _signed(self) -> Operand:
        reader = self.reader
        sign = reader.accept("-", "+")
        if sign is None:
            return self.single()
        with reader.nested():
            operand = self._signed()
        span = Span(sign.start, reader.last_end)
        if isinstance(operand, Constant) and isinstance(operand.value, int | float) and is_number(operand.value):
            return Constant(-operand.value if sign.text == "-" else operand.value, span)
        return Unary("-" if sign.text == "-" else "+", as_expression(operand), span)

    def in_brackets(self) -> Operand:
        """`(…)`, with anything in it."""
        reader = self.reader
        with reader.nested():
            reader.expect("(")
            inner = self.either()
            reader.expect(")")
        return inner

    def listed(self, *, least: int = 1) -> list[Expression]:
        """One value, or several in brackets."""
        reader = self.reader
        if not reader.at("("):
            return [as_expression(self.sum())]
        values: list[Expression] = []
        with reader.nested():
            reader.take()
            while not reader.at(")"):
                values.append(self.value())
                if not reader.accept_comma():
                    break
            if len(values) < least:
                reader.fail("a value")
            reader.expect(")", " after the list")
        return values
