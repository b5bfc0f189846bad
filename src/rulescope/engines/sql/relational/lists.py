"""Lists of languages over tables (`dynamic`, VARIANT, ARRAY): of texts as such, else as JSON, whose values keep their
kinds."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlglot import exp

from rulescope.engines.sql.build import array, call, column, function_of, integer, parameter, sql
from rulescope.engines.sql.dialect import KUSTO, SNOWFLAKE
from rulescope.engines.sql.functions.registry import Arguments
from rulescope.engines.sql.relational.kusto_times import datetime_text
from rulescope.engines.sql.relational.parts import MEMBER, element, elements, found_json, json_elements, opened
from rulescope.engines.sql.relational.scope import Scope
from rulescope.engines.sql.values import (
    NUMBERS,
    Type,
    Value,
    as_json,
    as_number,
    as_text,
    auto_value,
    bool_value,
    joined,
    json_value,
    multi_value,
    number_value,
    text_value,
)

MOST_VALUES = 1_048_576
"""How many values a list holds at most that a function makes of its own (Kusto's reference, "range()")."""


@KUSTO.function("split", least=2, most=3, kind="list")
@SNOWFLAKE.function("split", least=2, kind="list")
def compile_split(given: Arguments) -> Value:
    """The parts of a text between separators; in Kusto, one part alone as a list, by its position."""
    parts = sql("string_split(:x, :s)", x=as_text(given.values[0]), s=as_text(given.values[1]))
    if len(given.values) == 3:
        position = sql("CAST(:n AS BIGINT) + 1", n=as_number(given.values[2]))
        parts = sql("list_slice(:l, :n, :n)", l=parts, n=position)
    return multi_value(parts)


@KUSTO.function("array_length", kind="long")
@SNOWFLAKE.function("array_size", kind="long")
def compile_length(given: Arguments) -> Value:
    """How many elements a list has; null of what is none."""
    value = given.values[0]
    return number_value(sql("CAST(len(:x) AS DOUBLE)", x=elements(value)))


@KUSTO.operation("member", least=2, kind="dynamic")
@SNOWFLAKE.function("get", least=2, kind="dynamic")
def compile_member(given: Arguments) -> Value:
    """The part of a value under a key, or at a position; a negative position counts from the end in Kusto."""
    value, key = given.values
    dialect = given.context.dialect
    if isinstance(key.constant, str):
        return element(value, key.constant, dialect)
    if isinstance(key.constant, int | float):
        return element(value, int(key.constant), dialect)
    if key.type in NUMBERS:
        below = key.node if dialect.counts_from_end else exp.Null()
        place = sql("CAST(CASE WHEN :n >= 0 THEN :n + 1 ELSE :b END AS BIGINT)", n=key.node, b=below)
        if value.type is Type.MULTI:
            return auto_value(sql("list_extract(:x, :n)", x=value.node, n=place))
        return found_json(sql("list_extract(:x, :n)", x=json_elements(value), n=place), dialect)
    return found_json(sql(MEMBER.replace("k,", ":k,"), x=opened(value, dialect), k=as_text(key)), dialect)


@KUSTO.function("pack_array", least=0, most=None, kind="list")
@SNOWFLAKE.function("array_construct", least=0, most=None, kind="list")
def compile_pack(given: Arguments) -> Value:
    """A list of values: of texts as such, else as JSON, in which each keeps its kind."""
    if not given.values:
        return multi_value(sql("CAST([] AS VARCHAR[])"))
    if all(value.type is Type.TEXT for value in given.values) and "bool" not in kinds(given):
        return multi_value(array(as_text(value) for value in given.values))
    return json_value(call("json_array", *as_typed_json(given)))


def kinds(given: Arguments) -> list[str]:
    """The kinds of the arguments."""
    scope = Scope(given.frame, given.context)
    return [scope.kind(one) for one in given.expressions]


def as_typed_json(given: Arguments) -> list[exp.Expression]:
    """The arguments as JSON values of their kinds."""
    return [typed_json(value, kind) for value, kind in zip(given.values, kinds(given), strict=True)]


def typed_json(value: Value, kind: str) -> exp.Expression:
    """The value as JSON: numbers, truth values, lists and objects as such, times as texts."""
    if value.type is Type.NUMBER and kind == "datetime":
        return sql("to_json(:x)", x=datetime_text(value.node))
    if value.type is Type.NUMBER and kind == "timespan":
        return sql("to_json(spl_timespan_text(:x))", x=value.node)
    if kind == "bool" and value.type is not Type.BOOL:
        return sql("TRY_CAST(:x AS JSON)", x=as_text(value))
    return as_json(value)


def as_lists(values: Sequence[Value]) -> tuple[list[exp.Expression], Callable[[exp.Expression], Value]]:
    """The values as lists of one type, those that are none without elements; and what makes such a list a value."""
    if all(value.type is Type.MULTI for value in values):
        return [sql("COALESCE(:x, CAST([] AS VARCHAR[]))", x=value.node) for value in values], multi_value
    return [sql("COALESCE(:x, CAST([] AS JSON[]))", x=json_elements(value)) for value in values], _listed


def _listed(node: exp.Expression) -> Value:
    return json_value(sql("CASE WHEN :x IS NOT NULL THEN to_json(:x) END", x=node))


@KUSTO.function("array_concat", least=1, most=None, kind="list")
@SNOWFLAKE.function("array_cat", least=2, kind="list")
def compile_concat(given: Arguments) -> Value:
    """The elements of several lists in one."""
    lists, made = as_lists(given.values)
    return made(sql("flatten(:x)", x=array(lists)))


@KUSTO.function("set_union", least=1, most=None, kind="list")
@SNOWFLAKE.function("array_distinct", kind="list")
def compile_union(given: Arguments) -> Value:
    """The elements of several lists, each once."""
    lists, made = as_lists(given.values)
    return made(sql("spl_distinct(flatten(:x))", x=array(lists)))


@KUSTO.function("set_has_element", least=2, kind="bool")
def compile_has_element(given: Arguments) -> Value:
    """Whether a list has an element."""
    condition = sql("list_contains(:x, :y)", x=elements(given.values[0]), y=as_text(given.values[1]))
    return bool_value(sql("COALESCE(:c, FALSE)", c=condition))


@SNOWFLAKE.function("array_contains", least=2, kind="bool")
def compile_array_contains(given: Arguments) -> Value:
    """Whether a list (the second argument) has the element."""
    return bool_value(sql("list_contains(:x, :y)", x=elements(given.values[1]), y=as_text(given.values[0])))


@KUSTO.function("set_difference", least=2, most=None, kind="list")
def compile_difference(given: Arguments) -> Value:
    """The elements of the first list that no other has."""
    (first, *others), made = as_lists(given.values)
    items = sql("list_filter(:a, lambda v: NOT list_contains(:b, v))", a=first, b=sql("flatten(:x)", x=array(others)))
    return made(sql("spl_distinct(:x)", x=items))


@KUSTO.function("set_intersect", least=2, most=None, kind="list")
def compile_intersect(given: Arguments) -> Value:
    """The elements that all lists have."""
    (items, *others), made = as_lists(given.values)
    for other in others:
        items = sql("list_filter(:a, lambda v: list_contains(:b, v))", a=items, b=other)
    return made(sql("spl_distinct(:x)", x=items))


@KUSTO.function("strcat_array", least=2, kind="string")
@SNOWFLAKE.function("array_to_string", least=2, kind="string")
def compile_joined(given: Arguments) -> Value:
    """The elements of a list joined to one text."""
    return text_value(sql("COALESCE(:x, '')", x=joined(elements(given.values[0]), given.values[1])))


@KUSTO.function("array_reverse", kind="list")
@SNOWFLAKE.function("array_reverse", kind="list")
def compile_reverse(given: Arguments) -> Value:
    """The elements from the last to the first."""
    (items,), made = as_lists(given.values)
    return made(sql("list_reverse(:x)", x=items))


@KUSTO.function("array_slice", least=3, kind="list")
@SNOWFLAKE.function("array_slice", least=3, kind="list")
def compile_slice(given: Arguments) -> Value:
    """The elements from one place to another, in Snowflake to before it, both from 0; negative places count from the
    end."""
    (items,), made = as_lists(given.values[:1])
    size = call("len", items)
    first, last = (
        sql("CASE WHEN :n < 0 THEN :l + :n ELSE :n END", n=as_number(one), l=size) for one in given.values[1:]
    )
    end = sql(":b + :i", b=last, i=integer(int(given.context.dialect.slices_to_last)))
    part = "list_slice(:x, CAST(greatest(:a, 0) + 1 AS BIGINT), CAST(greatest(:b, 0) AS BIGINT))"
    return made(sql(part, x=items, a=first, b=end))


@KUSTO.function("array_sum", kind="real")
def compile_sum(given: Arguments) -> Value:
    """The sum of a list's numbers."""
    return number_value(sql("list_sum(list_transform(:x, lambda v: spl_number(v)))", x=elements(given.values[0])))


@KUSTO.function("range", least=2, most=3, kind="list")
def compile_range(given: Arguments) -> Value:
    """A list of numbers, times or spans between two ends; without a step one apart, times an hour."""
    kind = kinds(given)[0]
    first, last = (as_number(value) for value in given.values[:2])
    usual = integer(3600 if kind in ("datetime", "timespan") else 1)
    step = as_number(given.values[2]) if len(given.values) == 3 else usual
    count = sql(
        "CAST(least(floor((:b - :a) / NULLIF(:s, 0) + 1e-9), :m) AS BIGINT)",
        a=first,
        b=last,
        s=step,
        m=integer(MOST_VALUES - 1),
    )
    place = parameter()
    value = sql(":a + :n * :s", a=first, n=column(place), s=step)
    made = function_of(place, typed_json(number_value(value), kind))
    return _listed(sql("list_transform(range(0, :c + 1), :f)", c=count, f=made))


@KUSTO.function("repeat", least=2, kind="list")
def compile_repeat(given: Arguments) -> Value:
    """A list of one value so many times."""
    count = sql("CAST(least(:n, :m) AS BIGINT)", n=as_number(given.values[1]), m=integer(MOST_VALUES))
    place = parameter()
    return _listed(sql("list_transform(range(0, :c), :f)", c=count, f=function_of(place, as_typed_json(given)[0])))


@KUSTO.function("zip", least=2, most=None, kind="list")
def compile_zip(given: Arguments) -> Value:
    """Lists taken side by side: a list of what stands in each place, null where one is shorter."""
    lists = [sql("COALESCE(:x, CAST([] AS JSON[]))", x=json_elements(value)) for value in given.values]
    place = parameter()
    parts = call("json_array", *(sql("list_extract(:x, :n)", x=one, n=column(place)) for one in lists))
    longest = call("greatest", *(call("len", one) for one in lists))
    return _listed(sql("list_transform(range(1, :n + 1), :f)", n=longest, f=function_of(place, parts)))
