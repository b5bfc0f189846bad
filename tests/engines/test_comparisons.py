"""Comparisons of two values by the rules of `eval` and `where`: every pair of kinds of values, in one statement.

A value that reads as a number is one beside a number; beside a text in quotes it is compared as written for `=`, and by
what both read as for the signs of order; text beside a number is ordered as text. NULL gives NULL.
Source: Splunk, Search Reference, "where" and "Comparison and conditional functions".
"""

from __future__ import annotations

from typing import Any

from test_leaves import truth

from rulescope import ir
from rulescope.ir.expressions import BinaryOperator

OPERATORS: tuple[BinaryOperator, ...] = ("=", "!=", "<", "<=", ">", ">=")
YES, NO = True, False
LESS = (NO, YES, YES, YES, NO, NO)
EQUAL = (YES, NO, NO, YES, NO, YES)
GREATER = (NO, YES, NO, NO, YES, YES)
UNKNOWN = (None,) * 6

EVENTS: list[dict[str, Any]] = [
    {"n": "9", "m": "10", "d": "9.0", "t": "abc", "u": "Abc", "several": ["9", "x"], "k": "9", "j": "10", "yes": "true"}
]
NUMBERS = ["k", "j"]


def field(name: str) -> ir.FieldReference:
    return ir.FieldReference(name)


def condition(name: str, value: str) -> ir.PredicateExpression:
    return ir.PredicateExpression(ir.Compare(name, "eq", (value,), missing="unknown"))


PAIRS: list[tuple[str, ir.Expression, ir.Expression, tuple[bool | None, ...]]] = [
    ("two fields that read as numbers", field("n"), field("m"), LESS),
    ("two fields that read as numbers, turned", field("m"), field("n"), GREATER),
    ("one number written in two ways", field("n"), field("d"), EQUAL),
    ("two texts with case", field("u"), field("t"), LESS),
    ("a number beside a text", field("n"), field("t"), LESS),
    ("a text beside a number", field("t"), field("n"), GREATER),
    ("a number and a field that reads as one", ir.Constant(9), field("m"), LESS),
    ("a field that reads as a number, and a number", field("m"), ir.Constant(9), GREATER),
    ("a field equal to a number", field("d"), ir.Constant(9), EQUAL),
    ("a text and a number", field("t"), ir.Constant(9), GREATER),
    ("a number and a text", ir.Constant(9), field("t"), LESS),
    ("two fields of numbers", field("k"), field("j"), LESS),
    ("two fields of numbers, turned", field("j"), field("k"), GREATER),
    ("a field of numbers and one that reads as one", field("k"), field("m"), LESS),
    ("a field that reads as a number and one of numbers", field("m"), field("k"), GREATER),
    ("the same text in quotes", field("n"), ir.Constant("9"), EQUAL),
    ("a text in quotes that is greater as a number", field("n"), ir.Constant("10"), LESS),
    ("a text in quotes on the left", ir.Constant("10"), field("n"), GREATER),
    ("one number written in two ways, in quotes", field("d"), ir.Constant("9"), (NO, YES, NO, YES, NO, YES)),
    ("two texts in quotes", ir.Constant("10"), ir.Constant("9"), LESS),
    ("a missing field", field("none"), field("n"), UNKNOWN),
    ("a missing field on the right", field("n"), field("none"), UNKNOWN),
    ("two truth values", condition("n", "9"), condition("m", "9"), GREATER),
    ("a truth value and its text", condition("n", "9"), ir.Constant("TRUE"), EQUAL),
    ("a text and a truth value", ir.Constant("false"), condition("n", "9"), LESS),
    ("any of several values", field("several"), ir.Constant(9), (YES, YES, NO, YES, YES, YES)),
    ("any of several values on the right", ir.Constant(9), field("several"), (YES, YES, YES, YES, NO, YES)),
]


def test_pairs_of_values() -> None:
    predicates: list[ir.Predicate] = [
        ir.Test(ir.Binary(operator, left, right)) for _, left, right, _ in PAIRS for operator in OPERATORS
    ]
    (row,) = truth(predicates, EVENTS, NUMBERS)
    size = len(OPERATORS)
    found = {name: row[at * size : (at + 1) * size] for at, (name, *_) in enumerate(PAIRS)}
    assert found == {name: wanted for name, *_, wanted in PAIRS}
