"""Comparisons of a field with constants, as EQL and ES|QL write them."""

from __future__ import annotations

from collections.abc import Sequence

from rulescope.ir import Binary, Call, Compare, ComparisonKind, Constant, FieldReference, Or, Predicate, Test
from rulescope.ir.expressions import BinaryOperator
from rulescope.ir.patterns import lucene_regex
from rulescope.ir.predicates import Missing, Quantifier
from rulescope.languages.common.operands import Operand, as_expression, is_number
from rulescope.text import Span

COMPARISONS: dict[str, ComparisonKind] = {"==": "eq", "!=": "eq", "<": "lt", "<=": "le", ">": "gt", ">=": "ge"}
"""The signs between two values, and the kind of comparison of a field with a constant."""

_SIGNS: dict[str, BinaryOperator] = {"==": "=", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


def field_first(operator: str, left: Operand, right: Operand) -> tuple[str, Operand, Operand]:
    """The comparison with its constant on the right, where only the left side is one."""
    if isinstance(left, Constant) and not isinstance(right, Constant):
        return _MIRRORED.get(operator, operator), right, left
    return operator, left, right


def compare_values(operator: str, left: Operand, right: Operand, span: Span) -> Test:
    """The comparison of two values of which not one is a field and the other a constant."""
    return Test(Binary(_SIGNS[operator], as_expression(left), as_expression(right), span), span)


def compare_constant(
    field: str, kind: ComparisonKind, constant: Constant, missing: Missing, quantifier: Quantifier, span: Span
) -> Compare:
    """The comparison of a field with a constant that is not NULL, with case."""
    value = constant.value
    assert value is not None
    return Compare(
        field,
        kind,
        (value,),
        missing=missing,
        numeric=is_number(value),
        numbers_only=is_number(value),
        quantifier=quantifier,
        span=span,
        value_spans=(constant.span,),
    )


def compare_list(
    field: str,
    constants: Sequence[Constant],
    ignore_case: bool,
    missing: Missing,
    quantifier: Quantifier,
    span: Span,
) -> Compare:
    """The comparison of a field with a list of constants that are not NULL: whole values, `*` is a plain character."""
    values = tuple(one.value for one in constants if one.value is not None)
    return Compare(
        field,
        "in" if len(values) > 1 else "eq",
        values,
        ignore_case,
        missing,
        numeric=all(map(is_number, values)),
        quantifier=quantifier,
        span=span,
        value_spans=tuple(one.span for one in constants),
    )


def compare_regexes(
    subject: FieldReference,
    patterns: Sequence[tuple[str, Constant]],
    ignore_case: bool,
    missing: Missing,
    quantifier: Quantifier,
    span: Span,
) -> Predicate:
    """Whether a field as a whole matches one of Lucene's regular expressions.

    One with an operator that only Lucene has stays a call of `regex` (`regex~` where case counts for nothing), for
    engines to refuse.
    """
    found: list[Predicate] = []
    for text, constant in patterns:
        pattern = lucene_regex(text)
        if pattern is None:
            found.append(Test(Call("regex~" if ignore_case else "regex", (subject, constant), span), span))
        else:
            found.append(
                Compare(
                    subject.name,
                    "match",
                    (pattern,),
                    ignore_case,
                    missing,
                    quantifier=quantifier,
                    span=span,
                    value_spans=(constant.span,),
                )
            )
    return found[0] if len(found) == 1 else Or(tuple(found), span)


def any_constant(
    field: str,
    kind: ComparisonKind,
    constants: Sequence[tuple[str, Constant]],
    ignore_case: bool,
    missing: Missing,
    quantifier: Quantifier,
    span: Span,
) -> Predicate:
    """Whether a comparison of a field holds for one of several constants."""
    parts: list[Predicate] = [
        Compare(
            field,
            kind,
            (text,),
            ignore_case,
            missing,
            quantifier=quantifier,
            span=span,
            value_spans=(constant.span,),
        )
        for text, constant in constants
    ]
    return parts[0] if len(parts) == 1 else Or(tuple(parts), span)
