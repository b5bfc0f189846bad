"""Arithmetic, trigonometry and bits. What has no value (a root of a negative number, a division by zero) is NULL."""

from __future__ import annotations

from sqlglot import exp

from rulescope.engines.sql.build import call, integer, number, sql
from rulescope.engines.sql.functions.registry import Arguments, function
from rulescope.engines.sql.values import Type, Value, as_number, as_text, as_whole, number_value
from rulescope.engines.sql.whole_numbers import UNDECIDED, narrowed, spelt_or_whole

_PI = 3.14159265358979311600
_TEMPLATES = {
    "abs": "abs(:x)",
    "ceil": "ceil(:x)",
    "ceiling": "ceil(:x)",
    "floor": "floor(:x)",
    "exp": "exp(:x)",
    "ln": "CASE WHEN :x > 0 THEN ln(:x) END",
    "sqrt": "CASE WHEN :x >= 0 THEN sqrt(:x) END",
    "sin": "sin(:x)",
    "cos": "cos(:x)",
    "tan": "tan(:x)",
    "asin": "CASE WHEN abs(:x) <= 1 THEN asin(:x) END",
    "acos": "CASE WHEN abs(:x) <= 1 THEN acos(:x) END",
    "atan": "atan(:x)",
    "sinh": "sinh(:x)",
    "cosh": "cosh(:x)",
    "tanh": "tanh(:x)",
    "asinh": "asinh(:x)",
    "acosh": "CASE WHEN :x >= 1 THEN acosh(:x) END",
    "atanh": "CASE WHEN abs(:x) < 1 THEN atanh(:x) END",
    "exact": ":x + 0",
}


def _simple(given: Arguments) -> Value:
    template = _TEMPLATES[given.name.lower()]
    value = given.values[0]
    if value.type is Type.WHOLE and given.name in ("ceil", "floor"):
        return value
    if value.type is Type.WHOLE and given.name == "abs":
        return narrowed(sql("abs(CAST(:x AS HUGEINT))", x=value.node), given.context.dialect.wholes)
    plain = sql(template, x=as_number(value))
    if given.name in _KEEPING and value.type in UNDECIDED and given.context.dialect.wholes:
        return spelt_or_whole(value, sql(_KEEPING[given.name], x=as_text(value)), plain)
    return number_value(plain)


_KEEPING = {"abs": "CAST(TRY_CAST(abs(spl_es_long(:x)) AS BIGINT) AS VARCHAR)", "ceil": ":x", "floor": ":x"}
"""Functions that give a whole number of one, with all of its digits, of the text that spells it."""

function(*_TEMPLATES, least=1)(_simple)


@function("pi", least=0)
def compile_pi(given: Arguments) -> Value:
    """The constant."""
    return Value(number(_PI), number_value(number(_PI)).type, _PI)


@function("round", least=1, most=2)
def compile_round(given: Arguments) -> Value:
    """The number to so many decimals (0), halves away from zero."""
    value = as_number(given.values[0])
    if len(given.values) == 1:
        return number_value(sql("round(:x, 0)", x=value))
    digits = given.values[1].constant
    if isinstance(digits, int | float) and digits < 0:
        raise given.refuse("the number of decimals can't be negative")
    return number_value(sql("round(:x, CAST(:n AS INTEGER))", x=value, n=as_whole(given.values[1])))


@function("log", least=1, most=2)
def compile_log(given: Arguments) -> Value:
    """The logarithm to a base (10)."""
    value = as_number(given.values[0])
    base = as_number(given.values[1]) if len(given.values) > 1 else number(10)
    return number_value(
        sql("CASE WHEN :x > 0 AND :b > 0 AND :b <> 1 THEN spl_log(:x, :b) END", x=value, b=base)
        if len(given.values) > 1
        else sql("CASE WHEN :x > 0 THEN log10(:x) END", x=value)
    )


@function("pow", least=2)
def compile_pow(given: Arguments) -> Value:
    """The first to the power of the second."""
    return number_value(call("spl_power", as_number(given.values[0]), as_number(given.values[1])))


@function("atan2", "hypot", least=2)
def compile_two(given: Arguments) -> Value:
    """The angle of a point, or its distance from the origin."""
    first, second = (as_number(value) for value in given.values)
    if given.name.lower() == "atan2":
        return number_value(call("atan2", first, second))
    return number_value(sql("sqrt(:x * :x + :y * :y)", x=first, y=second))


@function("random", least=0)
def compile_random(given: Arguments) -> Value:
    """A whole number from 0 to 2147483647."""
    return number_value(sql("CAST(floor(random() * 2147483648) AS DOUBLE)"))


_BIT_TEMPLATES = {"bit_and": ":x & :y", "bit_or": ":x | :y", "bit_xor": "xor(:x, :y)"}
_INTEGER = "CAST(CASE WHEN :x BETWEEN 0 AND 9007199254740991 AND :x = trunc(:x) THEN :x END AS BIGINT)"
"""A whole number from 0 to 2^53 - 1, else NULL (Search Reference, "Bitwise functions")."""


def _bits(node: exp.Expression) -> exp.Expression:
    return sql(_INTEGER, x=node)


@function("bit_and", "bit_or", "bit_xor", least=2, most=None)
def compile_bits(given: Arguments) -> Value:
    """The numbers put together bit by bit."""
    nodes = [_bits(as_number(value)) for value in given.values]
    result = nodes[0]
    for node in nodes[1:]:
        result = sql(_BIT_TEMPLATES[given.name.lower()], x=result, y=node)
    return number_value(exp.cast(exp.Paren(this=result), "DOUBLE"))


@function("bit_not", least=1, most=2)
def compile_bit_not(given: Arguments) -> Value:
    """Every bit turned, within a mask (2^53 - 1)."""
    mask = _bits(as_number(given.values[1])) if len(given.values) > 1 else integer(2**53 - 1)
    return number_value(sql("CAST(xor(:x & :m, :m) AS DOUBLE)", x=_bits(as_number(given.values[0])), m=mask))


@function("bit_shift_left", "bit_shift_right", least=2)
def compile_shift(given: Arguments) -> Value:
    """The bits moved by an offset, among 53: what leaves them is lost."""
    value, offset = (_bits(as_number(entry)) for entry in given.values)
    if given.name.lower() == "bit_shift_right":
        template = ":x >> CAST(least(:n, 63) AS INTEGER)"
    else:
        template = "CAST(:x AS HUGEINT) * CAST(pow(2, least(:n, 53)) AS HUGEINT) % 9007199254740992"
    # least() passes over NULL.
    return number_value(sql(f"CASE WHEN :n IS NOT NULL THEN CAST({template} AS DOUBLE) END", x=value, n=offset))
