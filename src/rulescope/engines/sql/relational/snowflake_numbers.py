"""Snowflake's further functions of numbers. Source: the pages of its SQL reference that bear their names."""

from __future__ import annotations

from sqlglot import exp

from rulescope.engines.sql.build import call, sql
from rulescope.engines.sql.dialect import SNOWFLAKE
from rulescope.engines.sql.functions.registry import Arguments
from rulescope.engines.sql.values import Type, Value, as_number, number_value, whole_value

_BITS = {"bitand": ":a & :b", "bitor": ":a | :b", "bitxor": "xor(:a, :b)",
         "bitshiftleft": ":a << :b", "bitshiftright": ":a >> :b"}  # fmt: skip


def _whole(value: Value) -> exp.Expression:
    return value.node if value.type is Type.WHOLE else sql("CAST(:n AS HUGEINT)", n=as_number(value))


@SNOWFLAKE.function(*_BITS, least=2, kind="long")
def compile_bits(given: Arguments) -> Value:
    """Two whole numbers put together bit by bit, or one shifted."""
    one, two = (sql("CAST(:n AS BIGINT)", n=_whole(value)) for value in given.values)
    return whole_value(sql(f"({_BITS[given.name]})", a=one, b=two))


@SNOWFLAKE.function("sign", kind="long")
def compile_sign(given: Arguments) -> Value:
    """-1, 0 or 1."""
    return whole_value(sql("CAST(sign(:x) AS BIGINT)", x=as_number(given.values[0])))


@SNOWFLAKE.function("truncate", least=1, most=2, kind="real")
def compile_truncate(given: Arguments) -> Value:
    """Cut off, towards zero, to a number of digits."""
    if len(given.values) == 1:
        return number_value(sql("trunc(:x)", x=as_number(given.values[0])))
    scale = sql("pow(10, :n)", n=as_number(given.values[1]))
    return number_value(sql("trunc(round(:x * :s, 9)) / :s", x=as_number(given.values[0]), s=scale))


@SNOWFLAKE.function("ln", "cbrt", kind="real")
def compile_of_one(given: Arguments) -> Value:
    """A function of one number; NULL where it is not defined there."""
    node = as_number(given.values[0])
    return number_value(call("cbrt", node) if given.name == "cbrt" else sql("CASE WHEN :x > 0 THEN ln(:x) END", x=node))


@SNOWFLAKE.function("log", least=2, kind="real")
def compile_log(given: Arguments) -> Value:
    """The logarithm to a base, the first argument."""
    base, node = (as_number(value) for value in given.values)
    return number_value(sql("CASE WHEN :x > 0 AND :b > 0 AND :b <> 1 THEN ln(:x) / ln(:b) END", x=node, b=base))


@SNOWFLAKE.function("square", kind="real")
def compile_square(given: Arguments) -> Value:
    """A number times itself."""
    return number_value(sql(":x * :x", x=as_number(given.values[0])))


@SNOWFLAKE.function("div0null", least=2, kind="real")
def compile_div0null(given: Arguments) -> Value:
    """A division that gives 0 where it is by 0 or by NULL."""
    left, right = (as_number(value) for value in given.values)
    return number_value(sql("CASE WHEN COALESCE(:y, 0) = 0 THEN 0 ELSE :x / :y END", x=left, y=right))


@SNOWFLAKE.function("nullifzero", kind="first")
def compile_nullifzero(given: Arguments) -> Value:
    """NULL for 0."""
    value = given.values[0]
    if value.type is Type.WHOLE:
        return whole_value(sql("NULLIF(:x, 0)", x=value.node))
    return number_value(sql("NULLIF(:x, 0)", x=as_number(value)))
