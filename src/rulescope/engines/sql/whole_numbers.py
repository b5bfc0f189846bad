"""Arithmetic of whole numbers, in languages that have them as a type of their own."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from rulescope.engines.sql.build import bound, sql
from rulescope.engines.sql.values import Type, Value, as_text, spelt_value, whole_value

WHOLE_OPERATORS = frozenset({"+", "-", "*", "%"})
"""Operators that give a whole number of whole numbers."""


def whole_arithmetic(operator: str, left: Value, right: Value, wholes: str) -> Value:
    """Two whole numbers put together, in 128 bits: two of 64 bits can't overflow there. What is beyond 64 bits becomes
    what the language says (`Dialect.wholes`)."""
    other = sql("NULLIF(:y, 0)", y=right.node) if operator in "/%" else right.node
    operator = "//" if operator == "/" else operator
    return narrowed(sql(f"(CAST(:x AS HUGEINT) {operator} CAST(:y AS HUGEINT))", x=left.node, y=other), wholes)


UNDECIDED = frozenset({Type.WHOLE, Type.AUTO, Type.SPELT})
"""Types of values that are whole numbers or may be: of a log's value its text says so."""


def spelt_arithmetic(operator: str, left: Value, right: Value) -> Value:
    """Two numbers put together, of which the data says whether both are whole ones."""
    template = "spl_spelt(:x, :y, spl_es_long(:x) {} spl_es_long(:y), spl_number(:x) {} spl_number(:y))"
    if operator in "/%":
        whole = "//" if operator == "/" else "%"
        template = (
            f"spl_spelt(:x, :y, spl_es_long(:x) {whole} NULLIF(spl_es_long(:y), 0),"
            f" spl_number(:x) {operator} NULLIF(spl_number(:y), 0))"
        )
    one, other = as_text(left), as_text(right)
    made = template.format(operator, operator)
    return spelt_value(bound(one, lambda x: bound(other, lambda y: sql(made, x=x, y=y))))


def spelt_or_whole(value: Value, whole: exp.Expression, number: exp.Expression) -> Value:
    """The text `whole` where the value is spelt as a whole number, else the DOUBLE `number`."""
    is_whole = sql("(spl_es_long(:x) IS NOT NULL)", x=as_text(value))
    return spelt_value(sql("CASE WHEN :c THEN :w ELSE CAST(:d AS VARCHAR) END", c=is_whole, w=whole, d=number))


def narrowed(node: exp.Expression, wholes: str) -> Value:
    """A HUGEINT as a whole number of the language."""
    templates = {"wrap": "spl_wrapped(:x)", "null": "TRY_CAST(:x AS BIGINT)", "wide": ":x"}
    return whole_value(sql(templates[wholes], x=node))


def one_spelling(value: Value) -> exp.Expression:
    """The text of a value, the same for a whole number and for the double that it is equal to: both are one group."""
    text = as_text(value)
    return sql(r"regexp_replace(:x, '\.0$', '')", x=text) if value.type is Type.SPELT else text


Wrapped = Callable[[str, exp.Expression], exp.Expression]
"""A template over `:x` with aggregates, put as the query has them (in a window, each has it around itself)."""


def exact_sum(argument: Value, wrapped: Wrapped) -> Value:
    """The sum of numbers of which the data says whether all are whole ones: then it is one, NULL beyond 64 bits."""
    if argument.type is Type.WHOLE:
        return narrowed(wrapped("sum(CAST(:x AS HUGEINT))", argument.node), "null")
    template = (
        f"CASE WHEN {_ALL_WHOLE} THEN CAST(TRY_CAST(sum(spl_es_long(:x)) AS BIGINT) AS VARCHAR)"
        " ELSE CAST(sum(spl_number(:x)) AS VARCHAR) END"
    )
    return spelt_value(wrapped(template, as_text(argument)))


def spelt_extreme(
    text: exp.Expression, whole: exp.Expression, number: exp.Expression, wrapped: Wrapped
) -> exp.Expression:
    """The least or greatest number as text: spelt as a `whole` one where all are, else as the DOUBLE `number`."""
    all_whole = wrapped(f"({_ALL_WHOLE})", text)
    return sql("CASE WHEN :a THEN :w ELSE CAST(:d AS VARCHAR) END", a=all_whole, w=whole, d=number)


_ALL_WHOLE = "count(spl_number(:x)) = count(spl_es_long(:x))"
