"""Snowflake's further functions of ARRAYs and OBJECTs. Source: the pages of its SQL reference that bear their names."""

from __future__ import annotations

from sqlglot import exp

from rulescope.engines.sql.build import array, call, cases, integer, sql
from rulescope.engines.sql.dialect import SNOWFLAKE
from rulescope.engines.sql.functions.registry import Arguments
from rulescope.engines.sql.relational.bags import keys_of, merged, object_of
from rulescope.engines.sql.relational.lists import MOST_VALUES, as_typed_json
from rulescope.engines.sql.relational.parts import MEMBER, elements, json_elements
from rulescope.engines.sql.values import Value, as_json, as_number, as_text, bool_value, json_value, number_value


def _items(given: Arguments, place: int) -> exp.Expression:
    return json_elements(given.values[place])


def _listed(node: exp.Expression) -> Value:
    return json_value(sql("CASE WHEN :x IS NOT NULL THEN to_json(:x) END", x=node))


def _place(given: Arguments, place: int) -> exp.Expression:
    return sql("CAST(:n AS BIGINT)", n=as_number(given.values[place]))


@SNOWFLAKE.function("array_append", "array_prepend", least=2, kind="list")
def compile_added(given: Arguments) -> Value:
    """A list with one more element, at its end or its begin."""
    one = sql("CAST([:x] AS JSON[])", x=as_typed_json(given)[1])
    parts = [_items(given, 0), one] if given.name == "array_append" else [one, _items(given, 0)]
    return _listed(sql("list_concat(:a, :b)", a=parts[0], b=parts[1]))


@SNOWFLAKE.function("array_insert", least=3, kind="list")
def compile_inserted(given: Arguments) -> Value:
    """A list with one more element at a place from 0, or from the end where that is negative."""
    items, place = _items(given, 0), _place(given, 1)
    size = call("len", items)
    at = sql("CASE WHEN :n < 0 THEN greatest(:l + :n, 0) ELSE :n END", n=place, l=size)
    gap = sql("list_transform(range(:l, :a), lambda i: CAST(NULL AS JSON))", l=size, a=at)
    one = sql("CAST([:x] AS JSON[])", x=as_typed_json(given)[2])
    before, after = (
        sql("list_slice(:x, 1, :a)", x=items, a=at),
        sql("list_slice(:x, :a + 1, :l)", x=items, a=at, l=size),
    )
    return _listed(sql("flatten(:l)", l=array([before, gap, one, after])))


@SNOWFLAKE.function("array_remove", least=2, kind="list")
def compile_removed(given: Arguments) -> Value:
    """A list without the elements that equal a value."""
    return _listed(sql("list_filter(:l, lambda v: v <> :x)", l=_items(given, 0), x=as_typed_json(given)[1]))


@SNOWFLAKE.function("array_compact", kind="list")
def compile_compact(given: Arguments) -> Value:
    """A list without its nulls."""
    return _listed(sql("list_filter(:l, lambda v: json_type(v) <> 'NULL')", l=_items(given, 0)))


@SNOWFLAKE.function("array_intersection", "array_except", least=2, kind="list")
def compile_common(given: Arguments) -> Value:
    """The elements of one list that another has, or has not; of several that are equal, as many as stand against one
    another."""
    one, two = _items(given, 0), _items(given, 1)
    # An element of the first list is met as long as there are not more of it before than the second list has.
    before = "len(list_filter(list_slice(:a, 1, i), lambda w: w = :a[i]))"
    there = f"{before} <= len(list_filter(:b, lambda w: w = :a[i]))"
    wanted = there if given.name == "array_intersection" else f"NOT ({there})"
    kept = sql(f"list_filter(range(1, len(:a) + 1), lambda i: {wanted})", a=one, b=two)
    found = sql("list_transform(:k, lambda i: :a[i])", k=kept, a=one)
    return _listed(sql("CASE WHEN :b IS NOT NULL THEN :f END", b=two, f=found))


@SNOWFLAKE.function("arrays_overlap", least=2, kind="bool")
def compile_overlap(given: Arguments) -> Value:
    """Whether two lists have an element in common."""
    return bool_value(sql("list_has_any(:a, :b)", a=_items(given, 0), b=_items(given, 1)))


@SNOWFLAKE.function("array_position", least=2, kind="long")
def compile_position(given: Arguments) -> Value:
    """The place of an element in a list (the second argument), from 0; NULL where it has none."""
    place = sql("list_position(:l, :x)", l=_items(given, 1), x=as_typed_json(given)[0])
    return number_value(sql("CAST(NULLIF(:p, 0) - 1 AS DOUBLE)", p=place))


@SNOWFLAKE.function("array_max", "array_min", kind="dynamic")
def compile_extreme(given: Arguments) -> Value:
    """The greatest, or least, element: of numbers by size, else of texts."""
    name = "list_max" if given.name == "array_max" else "list_min"
    texts = sql("list_filter(:l, lambda v: v IS NOT NULL)", l=elements(given.values[0]))
    numbers = sql("list_transform(:l, lambda v: TRY_CAST(v AS DOUBLE))", l=texts)
    kinds = sql("list_filter(:l, lambda v: json_type(v) = 'VARCHAR')", l=_items(given, 0))
    largest = sql(f"list_position(:n, {name}(:n))", n=numbers)
    of_numbers = sql("to_json(CAST(list_extract(:l, :p) AS JSON))", l=texts, p=largest)
    return json_value(cases([(sql("(len(:k) = 0)", k=kinds), of_numbers)], sql(f"to_json({name}(:l))", l=texts)))


@SNOWFLAKE.function("array_sort", kind="list")
def compile_sorted(given: Arguments) -> Value:
    """The elements in ascending order: numbers by size, then texts."""
    key = "row(TRY_CAST(json_extract_string(v, '$') AS DOUBLE), json_extract_string(v, '$'), v)"
    ordered = sql(f"list_sort(list_transform(:x, lambda v: {key}), 'ASC', 'NULLS LAST')", x=_items(given, 0))
    return _listed(sql("list_transform(:x, lambda v: v[3])", x=ordered))


@SNOWFLAKE.function("array_flatten", kind="list")
def compile_flattened(given: Arguments) -> Value:
    """The elements of the lists in a list, in one."""
    inner = sql("list_transform(:l, lambda v: json_extract(v, '$[*]'))", l=_items(given, 0))
    return _listed(sql("flatten(:l)", l=inner))


@SNOWFLAKE.function("array_generate_range", least=2, most=3, kind="list")
def compile_generated(given: Arguments) -> Value:
    """The whole numbers from one to before another."""
    step = _place(given, 2) if len(given.values) == 3 else integer(1)
    numbers = sql("range(:a, :b, :s)", a=_place(given, 0), b=_place(given, 1), s=step)
    few = sql("(abs((:b - :a) / NULLIF(:s, 0)) <= :m)", a=_place(given, 0), b=_place(given, 1), s=step,
              m=integer(MOST_VALUES))  # fmt: skip
    return _listed(cases([(few, numbers)], None))


@SNOWFLAKE.function("object_insert", least=3, most=4, kind="dynamic")
def compile_object_insert(given: Arguments) -> Value:
    """An object with one more key. A key that it has is a fault, unless the fourth argument says to replace it: then it
    has the new value."""
    pair = call("json_object", as_text(given.values[1]), as_typed_json(given)[2])
    return merged([pair, as_json(given.values[0])])


@SNOWFLAKE.function("object_pick", least=2, most=None, kind="dynamic")
def compile_object_pick(given: Arguments) -> Value:
    """Some keys of an object."""
    node = as_json(given.values[0])
    wanted = array(as_text(value) for value in given.values[1:])
    keys = sql("list_filter(:k, lambda k: list_contains(:l, k))", k=keys_of(node), l=wanted)
    return object_of(keys, sql(MEMBER, x=node))
