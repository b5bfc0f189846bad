"""Conversions, arithmetic and multivalue functions of ES|QL and EQL that SPL has not.

Facts: Elastic, "ES|QL type conversion functions", "ES|QL multivalue functions", "EQL function reference".
"""

from __future__ import annotations

from sqlglot import exp

from rulescope import ir
from rulescope.engines.sql.build import call, integer, number, sql
from rulescope.engines.sql.dialect import ELASTIC
from rulescope.engines.sql.functions.elastic_text import converted, written_text
from rulescope.engines.sql.functions.registry import Arguments, elastic_function, elastic_operation
from rulescope.engines.sql.values import (
    NUMBERS,
    Type,
    Value,
    as_multi,
    as_number,
    as_text,
    as_whole,
    auto_value,
    bool_value,
    multi_value,
    number_value,
    spelt_value,
    whole_value,
)
from rulescope.engines.sql.whole_numbers import UNDECIDED, spelt_arithmetic, spelt_or_whole, whole_arithmetic


@elastic_function("round", least=1, most=2)
def compile_round(given: Arguments) -> Value:
    """The number to so many decimals (0), halves away from zero; to tens, hundreds, … where negative."""
    value = given.values[0]
    digits = as_whole(given.values[1]) if len(given.values) > 1 else integer(0)
    places = given.values[1].constant if len(given.values) > 1 else 0
    rounded = sql("round(:x, CAST(:n AS INTEGER))", x=as_number(value), n=digits)
    if not given.context.dialect.wholes or not isinstance(places, int) or places < 0:
        return number_value(rounded)
    # Whole numbers have no decimals, and may have more digits than a DOUBLE keeps.
    if value.type in UNDECIDED:
        return value if value.type is Type.WHOLE else spelt_or_whole(value, as_text(value), rounded)
    return number_value(rounded)


@elastic_function("to_double", "number", "to_radians", "to_degrees", least=1, most=2)
def compile_to_double(given: Arguments) -> Value:
    """The value as a number; NULL where it is none. EQL's second argument is the base, 16 among others, or NULL."""
    name, value = given.name, given.values[0]
    if len(given.values) > 1 and given.values[1].type is not Type.NULL:
        base = given.values[1].constant
        if not isinstance(base, int | float) or not 2 <= base <= 36:
            raise given.refuse("its base must be a number from 2 to 36")
        return number_value(call("spl_es_number", as_text(value), number(base)))
    if value.type is Type.BOOL:
        return number_value(sql("CAST(:x AS DOUBLE)", x=value.node))
    template = {"to_radians": "radians(:x)", "to_degrees": "degrees(:x)"}.get(name, ":x")
    if name == "number":
        return value if value.type in NUMBERS else spelt_value(sql(_NUMBER_OF_TEXT, x=as_text(value)))
    return converted(value, lambda one: number_value(sql(template, x=as_number(one))))


_NUMBER_OF_TEXT = (
    "CASE WHEN starts_with(:x, '0x') THEN CAST(TRY_CAST(spl_es_number(:x, 16) AS BIGINT) AS VARCHAR)"
    " WHEN spl_number(:x) IS NOT NULL THEN :x END"
)
"""Whole numbers keep all digits; the base is 16 after `0x` ("EQL function reference", number)."""

_WHOLE_OF_TEXT = (
    "COALESCE(CAST(spl_es_long(:x) AS BIGINT), TRY_CAST(round(spl_number(:x), 0) AS BIGINT),"
    " epoch_ms(spl_es_instant(:x)))"
)


@elastic_function("to_integer", least=1, kind="long")
def compile_to_integer(given: Arguments) -> Value:
    """The value as a whole number, rounded; a date is milliseconds since 1970."""
    value = given.values[0]
    if value.type is Type.WHOLE:
        return value
    if value.type is Type.NUMBER or value.type is Type.BOOL:
        return number_value(sql("round(CAST(:x AS DOUBLE), 0)", x=value.node))
    if given.context.dialect.wholes:
        return converted(value, lambda one: whole_value(sql(_WHOLE_OF_TEXT, x=as_text(one))))
    template = "COALESCE(round(spl_number(:x), 0), CAST(epoch_ms(spl_es_instant(:x)) AS DOUBLE))"
    return converted(value, lambda one: number_value(sql(template, x=as_text(one))))


@elastic_function("to_boolean", least=1)
def compile_to_boolean(given: Arguments) -> Value:
    """A text is true where it is `true` in any case, a number where it is not 0."""
    value = given.values[0]
    if value.type is Type.BOOL:
        return value
    if value.type in NUMBERS:
        return bool_value(sql("(:x <> 0)", x=value.node))
    return converted(value, lambda one: bool_value(sql("(lower(:x) = 'true')", x=as_text(one))))


@elastic_operation("whole_division", least=2)
def compile_whole_division(given: Arguments) -> Value:
    """A quotient, rounded towards 0 where both numbers are whole: a value of a log is where it is written without a
    point or exponent, for `2.0` is a double."""
    if given.values[0].type is given.values[1].type is Type.WHOLE:
        dividend, divisor = given.values
        return whole_arithmetic("/", dividend, divisor, "null")
    if given.context.dialect.wholes and {value.type for value in given.values} <= UNDECIDED:
        dividend, divisor = given.values
        return spelt_arithmetic("/", dividend, divisor)
    left, right = (as_number(value) for value in given.values)
    return number_value(
        sql(
            "CASE WHEN :v AND :w THEN trunc(:x / NULLIF(:y, 0)) ELSE :x / NULLIF(:y, 0) END",
            v=_is_whole(given.values[0], left),
            w=_is_whole(given.values[1], right),
            x=left,
            y=right,
        )
    )


def _is_whole(value: Value, number: exp.Expression) -> exp.Expression:
    if value.type is Type.WHOLE:
        return exp.true()
    if value.type in (Type.AUTO, Type.SPELT):
        return sql("regexp_full_match(:x, '[-+]?[0-9]+')", x=value.node)
    return sql("(:x = trunc(:x))", x=number)


@elastic_function("signum", "cbrt", least=1)
def compile_number(given: Arguments) -> Value:
    """The sign of a number, or its cube root."""
    name = {"signum": "sign", "cbrt": "cbrt"}[given.name]
    return number_value(sql("CAST(:x AS DOUBLE)", x=call(name, as_number(given.values[0]))))


@elastic_function("e", "tau", least=0)
def compile_constant(given: Arguments) -> Value:
    """A constant of mathematics."""
    node = number(2.718281828459045 if given.name == "e" else 6.283185307179586)
    return number_value(node)


@elastic_operation("array", least=0, most=None)
def compile_array(given: Arguments) -> Value:
    """Several values."""
    items = exp.Array(expressions=[written_text(value) for value in given.values])
    node = sql("spl_filled(list_filter(:x, lambda v: v IS NOT NULL))", x=items)
    return Value(node, Type.MULTI, mixed=any(value.type in NUMBERS for value in given.values))


@elastic_function("mv_min", "mv_max", least=1, kind="first")
def compile_mv_extreme(given: Arguments) -> Value:
    """The smallest or largest value: as numbers where they are numbers."""
    value = given.values[0]
    if value.type is not Type.MULTI:
        return value
    name = given.name.removeprefix("mv_")
    exact = sql(f"CAST(list_{name}({_WHOLES}) AS VARCHAR)", x=value.node)
    return auto_value(_of_wholes(value.node, exact, call(f"spl_{name}_of", value.node)))


_WHOLES = "list_transform(:x, lambda v: spl_es_long(v))"


def _of_wholes(items: exp.Expression, exact: exp.Expression, other: exp.Expression) -> exp.Expression:
    """What is computed of whole numbers with all of their digits, where all items are such; else the other."""
    all_whole = "list_bool_and(list_transform(:x, lambda v: spl_es_long(v) IS NOT NULL))"
    return sql(f"CASE WHEN {all_whole} THEN :e ELSE :o END", x=items, e=exact, o=other)


_TOTALS = {"mv_sum": "list_sum", "mv_avg": "list_avg", "mv_median": "list_median"}


@elastic_function(*_TOTALS, least=1)
def compile_mv_total(given: Arguments) -> Value:
    """Sum, mean or median of the values."""
    if given.name == "mv_sum" and given.context.dialect.wholes:
        return spelt_value(call("spl_spelt_sum", as_multi(given.values[0])))
    numbers = sql(
        "spl_filled(list_filter(list_transform(:x, lambda v: spl_number(v)), lambda v: v IS NOT NULL))",
        x=as_multi(given.values[0]),
    )
    return number_value(sql("CAST(:x AS DOUBLE)", x=call(_TOTALS[given.name], numbers)))


@elastic_function("mv_sort", least=1, most=2, kind="first")
def compile_mv_sort(given: Arguments) -> Value:
    """The values in order, numbers by size; `DESC` the other way."""
    descending = (given.constant_text(1) or "asc").lower() == "desc" if len(given.values) > 1 else False
    items = as_multi(given.values[0])
    node = sql(
        "CASE WHEN list_bool_and(list_transform(:x, lambda v: spl_number(v) IS NOT NULL))"
        " THEN list_transform(list_sort(list_transform(:x, lambda v: spl_number(v))), lambda v: spl_text(v))"
        " ELSE list_sort(:x) END",
        x=items,
    )
    exact = sql(f"list_transform(list_sort({_WHOLES}), lambda v: CAST(v AS VARCHAR))", x=items)
    ordered = _of_wholes(items, exact, node)
    return multi_value(sql("list_reverse(:x)", x=ordered) if descending else ordered)


@elastic_function("mv_contains", "mv_intersects", "mv_intersection", least=2, kind="first")
def compile_mv_sets(given: Arguments) -> Value:
    """Whether the first holds all (or one) of the values of the second, or the values that both hold."""
    first, second = (as_multi(value) for value in given.values)
    match given.name:
        case "mv_contains":
            # What is empty is held by everything.
            return bool_value(
                sql("COALESCE(list_has_all(COALESCE(:x, CAST([] AS VARCHAR[])), :y), TRUE)", x=first, y=second)
            )
        case "mv_intersects":
            return bool_value(sql("COALESCE(list_has_any(:x, :y), FALSE)", x=first, y=second))
    shared = sql("list_filter(:x, lambda v: list_contains(:y, v))", x=sql("spl_distinct(:x)", x=first), y=second)
    return multi_value(sql("spl_filled(:x)", x=shared))


@elastic_operation("parameter", least=1)
def compile_parameter(given: Arguments) -> Value:
    """A parameter that the caller of the query sets."""
    raise given.refuse("the query has a parameter, and no value is given for it")


_GEOMETRY = "points and shapes are not kept when logs are loaded"
_INDEX = "it needs Elasticsearch's index"
ELASTIC.refused.update(
    {
        **dict.fromkeys(("to_geopoint", "to_geoshape", "st_x", "st_y", "st_distance", "st_intersects"), _GEOMETRY),
        **dict.fromkeys(("st_contains", "st_within", "st_disjoint", "st_geohash"), _GEOMETRY),
        **dict.fromkeys(("kql", "qstr", "score", "categorize", "knn", "query_dsl"), _INDEX),
        "top": "TOP keeps repeated values of any number of rows; VALUES and MV_SORT run",
    }
)


@elastic_operation("options", least=0, most=None)
def compile_options(given: Arguments) -> Value:
    """Named parameters of a function."""
    raise given.refuse("options of full-text search (fuzziness, analyzers, …) need Elasticsearch")


@elastic_operation("nested", least=2, lazy=True)
def compile_nested(given: Arguments) -> Value:
    """A condition on one element of a nested field."""
    path = given.expressions[0]
    shown = path.value if isinstance(path, ir.Constant) else ""
    raise given.refuse(f"which elements of '{shown}' belong together is not kept when logs are loaded")
