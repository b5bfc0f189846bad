"""Kusto's functions that move the elements of lists. Source: the pages of its reference of their names."""

from __future__ import annotations

from sqlglot import exp

from rulescope.engines.sql.build import call, column, function_of, integer, parameter, sql
from rulescope.engines.sql.dialect import KUSTO
from rulescope.engines.sql.functions.registry import Arguments
from rulescope.engines.sql.relational.lists import as_typed_json
from rulescope.engines.sql.relational.parts import json_elements
from rulescope.engines.sql.values import Value, as_integer, json_value, number_value


def _moved(given: Arguments) -> tuple[exp.Expression, exp.Expression]:
    """The elements, and by how many places they move to the left."""
    items, count = json_elements(given.values[0]), exp.cast(as_integer(given.values[1]), "BIGINT")
    return items, sql("(-:n)", n=exp.Paren(this=count)) if given.name.endswith("right") else count


@KUSTO.function("array_rotate_left", "array_rotate_right", least=2, kind="list")
def compile_rotated(given: Arguments) -> Value:
    """The elements moved to one side, those that fall off put in at the other."""
    items, count = _moved(given)
    size = sql("NULLIF(len(:l), 0)", l=items)
    place = parameter()
    at = sql("1 + (((:i + :n) % :s) + :s) % :s", i=column(place), n=count, s=size)
    made = sql("list_transform(range(0, len(:l)), :f)", l=items,
               f=function_of(place, sql("list_extract(:l, :a)", l=items, a=at)))  # fmt: skip
    return json_value(sql("to_json(:x)", x=made))


@KUSTO.function("array_shift_left", "array_shift_right", least=2, most=3, kind="list")
def compile_shifted(given: Arguments) -> Value:
    """The elements moved to one side; a value that is given, or else null (in a list of texts the empty one), takes the
    places that become free."""
    items, count = _moved(given)
    texts = "len(:l) > 0 AND list_bool_and(list_transform(:l, lambda v: json_type(v) = 'VARCHAR'))"
    usual = sql(f"CASE WHEN {texts} THEN to_json('') ELSE CAST('null' AS JSON) END", l=items)
    free = as_typed_json(given)[2] if len(given.values) == 3 else usual
    place = parameter()
    at = sql("(:i + :n)", i=column(place), n=count)
    element = sql("CASE WHEN :a BETWEEN 1 AND len(:l) THEN list_extract(:l, :a) ELSE :d END", a=at, l=items, d=free)
    made = sql("list_transform(range(1, len(:l) + 1), :f)", l=items, f=function_of(place, element))
    return json_value(sql("to_json(:x)", x=made))


@KUSTO.function("jaccard_index", least=2, kind="real")
def compile_jaccard(given: Arguments) -> Value:
    """How many elements two lists share, of all that they have."""
    left, right = (sql("spl_distinct(:x)", x=json_elements(value)) for value in given.values)
    both = sql("len(list_filter(:a, lambda v: list_contains(:b, v)))", a=left, b=right)
    every = sql("NULLIF(len(spl_distinct(list_concat(:a, :b))), 0)", a=left, b=right)
    return number_value(sql("CAST(:b AS DOUBLE) / :e", b=both, e=every))


@KUSTO.function("bitset_count_ones", kind="long")
def compile_ones(given: Arguments) -> Value:
    """How many bits of a whole number are set."""
    return number_value(exp.cast(call("bit_count", exp.cast(as_integer(given.values[0]), "BIGINT")), "DOUBLE"))


@KUSTO.function("unixtime_microseconds_todatetime", "unixtime_nanoseconds_todatetime", kind="datetime")
def compile_small_units(given: Arguments) -> Value:
    """A point in time out of microseconds or nanoseconds since 1970."""
    parts = 1_000_000 if given.name.startswith("unixtime_micro") else 1_000_000_000
    count = exp.cast(as_integer(given.values[0]), "HUGEINT")
    return number_value(sql("CAST(:n // :p AS DOUBLE) + CAST(:n % :p AS DOUBLE) / :p", n=count, p=integer(parts)))
