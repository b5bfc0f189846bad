"""`sigfig`: a calculation rounded to the digits that its numbers were written with (Search Reference, "Mathematical
functions").

A product or quotient has as many significant figures as the number with the fewest, a sum or difference as many
decimals. Each number is carried as a pair: its value, and its decimals (below zero where the last significant figure
stands left of the point, as that of 1110 with three).
"""

from __future__ import annotations

import re

from sqlglot import exp

from rulescope import ir
from rulescope.engines.sql.build import array, bound, integer, sql
from rulescope.engines.sql.compiling import compile_expression
from rulescope.engines.sql.expressions import arithmetic
from rulescope.engines.sql.functions.registry import Arguments, function
from rulescope.engines.sql.values import Type, Value, as_number, as_text, number_text, number_value

_WRITTEN = re.compile(r"\d*\.?(?P<decimals>\d*)(?:[eE](?P<exponent>[+-]?\d+))?")
_WHOLE_DIGITS = "CASE WHEN :x = 0 THEN 0 ELSE floor(log10(abs(:x))) + 1 END"


@function("sigfig", least=1, lazy=True)
def compile_sigfig(given: Arguments) -> Value:
    """The calculation, rounded as its numbers allow."""
    pair = _pair(given.expressions[0], given)
    return number_value(bound(pair, lambda p: sql("round(:p[1], TRY_CAST(:p[2] AS INTEGER))", p=p)))


def _pair(expression: ir.Expression, given: Arguments) -> exp.Expression:
    """Value and decimals as a list of two."""
    match expression:
        case ir.Constant(int() | float() as value, written=written) if not isinstance(value, bool):
            found = _WRITTEN.fullmatch(written or number_text(abs(value)))
            decimals = len(found.group("decimals")) - int(found.group("exponent") or 0) if found else 0
            return array([as_number(compile_expression(expression, given.frame, given.context)), integer(decimals)])
        case ir.FieldReference(name):
            value_of = given.frame.value(name)
            if value_of is None or value_of.type is Type.NULL:
                return array([exp.cast(exp.Null(), "DOUBLE"), integer(0)])
            if value_of.type is Type.NUMBER:
                raise given.refuse(f"how many digits the computed number '{name}' has is not kept: use round()")
            return bound(as_text(value_of), lambda text: array([sql("spl_number(:x)", x=text), _decimals(text)]))
        case ir.Unary("-" | "+" as sign, operand):
            inner = _pair(operand, given)
            return inner if sign == "+" else bound(inner, lambda p: sql("[- :p[1], :p[2]]", p=p))
        case ir.Binary("+" | "-" | "*" | "/" as operator, left, right):
            return bound(
                _pair(left, given),
                lambda a: bound(_pair(right, given), lambda b: _combined(operator, a, b)),
            )
    raise given.refuse("it takes a calculation of numbers and fields by + - * /")


def _combined(operator: str, left: exp.Expression, right: exp.Expression) -> exp.Expression:
    result = arithmetic(operator, sql(":a[1]", a=left), sql(":b[1]", b=right))
    if operator in "+-":
        return array([result, sql("least(:a[2], :b[2])", a=left, b=right)])
    figures = sql(
        f"least(:a[2] + ({_WHOLE_DIGITS.replace(':x', ':a[1]')}), :b[2] + ({_WHOLE_DIGITS.replace(':x', ':b[1]')}))",
        a=left,
        b=right,
    )
    return bound(result, lambda value: array([value, sql(f":f - ({_WHOLE_DIGITS})", f=figures, x=value)]))


def _decimals(text: exp.Expression) -> exp.Expression:
    """How many digits a number's text has after its point, less its exponent."""
    return sql(
        "CAST(length(regexp_extract(:t, '[.]([0-9]*)', 1)) AS DOUBLE)"
        " - COALESCE(TRY_CAST(regexp_extract(:t, '[eE]([-+]?[0-9]{1,3})$', 1) AS DOUBLE), 0)",
        t=text,
    )
