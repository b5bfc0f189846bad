"""Kusto's functions of series: lists of numbers. An element that is no number gives null.

Source: "Time series analysis", and the pages of its reference that bear the functions' names.
"""

from __future__ import annotations

from sqlglot import exp

from rulescope.engines.sql.build import call, column, function_of, integer, literal, parameter, sql
from rulescope.engines.sql.dialect import KUSTO
from rulescope.engines.sql.functions.registry import Arguments
from rulescope.engines.sql.relational.kusto_hosted import HOSTED, hosted
from rulescope.engines.sql.relational.parts import json_elements
from rulescope.engines.sql.values import NUMBERS, Type, Value, as_number, json_value, number_value

_OF_ONE = {
    "series_abs": "abs(:x)", "series_acos": "CASE WHEN abs(:x) <= 1 THEN acos(:x) END",
    "series_asin": "CASE WHEN abs(:x) <= 1 THEN asin(:x) END", "series_atan": "atan(:x)", "series_ceiling": "ceil(:x)",
    "series_cos": "cos(:x)", "series_exp": "exp(:x)", "series_floor": "floor(:x)",
    "series_log": "CASE WHEN :x > 0 THEN ln(:x) END", "series_sign": "sign(:x)", "series_sin": "sin(:x)",
    "series_tan": "tan(:x)",
}  # fmt: skip
_OF_TWO = {
    "series_add": ":x + :y", "series_subtract": ":x - :y", "series_multiply": ":x * :y",
    "series_divide": ":x / NULLIF(:y, 0)", "series_pow": "pow(:x, :y)", "series_equals": ":x = :y",
    "series_not_equals": ":x <> :y", "series_greater": ":x > :y", "series_greater_equals": ":x >= :y",
    "series_less": ":x < :y", "series_less_equals": ":x <= :y",
}  # fmt: skip
STATS = ("min", "min_idx", "max", "max_idx", "avg", "stdev", "variance", "sum", "len")
LINE = ("rsquare", "slope", "variance", "rvariance", "interception", "line_fit")


def _numbers(value: Value) -> exp.Expression:
    """The elements as numbers; NULL of what is no list."""
    return sql("list_transform(:x, lambda v: spl_number(json_extract_string(v, '$')))", x=json_elements(value))


@KUSTO.function(*_OF_ONE, kind="list")
def compile_one(given: Arguments) -> Value:
    """A function of one number, of each element."""
    place = parameter()
    body = exp.cast(sql(_OF_ONE[given.name], x=column(place)), "DOUBLE")
    made = sql("list_transform(:x, :f)", x=_numbers(given.values[0]), f=function_of(place, body))
    return json_value(sql("to_json(:x)", x=made))


@KUSTO.function(*_OF_TWO, least=2, kind="list")
def compile_two(given: Arguments) -> Value:
    """A function of two numbers, of the elements that stand in the same place; a number stands in every place."""
    place = parameter()
    left, right = (_element(value, place) for value in given.values)
    body = sql(_OF_TWO[given.name], x=left, y=right)
    sizes = [sql("len(:x)", x=_numbers(value)) for value in given.values if value.type not in NUMBERS]
    if not sizes:
        raise given.refuse("a series is a list of numbers")
    indices = sql("range(1, :n + 1)", n=call("greatest", *sizes))
    made = sql("list_transform(:r, :f)", r=indices, f=function_of(place, exp.Paren(this=body)))
    return json_value(sql("to_json(:x)", x=made))


def _element(value: Value, place: str) -> exp.Expression:
    if value.type in NUMBERS:
        return as_number(value)
    return sql("list_extract(:x, :n)", x=_numbers(value), n=column(place))


@KUSTO.function("series_sum", "series_product", "series_magnitude", kind="real")
def compile_whole(given: Arguments) -> Value:
    """The sum or the product of a series, or its length as a vector."""
    items = _numbers(given.values[0])
    if given.name == "series_magnitude":
        return number_value(sql("sqrt(list_sum(list_transform(:x, lambda v: v * v)))", x=items))
    return number_value(exp.cast(call("list_sum" if given.name == "series_sum" else "list_product", items), "DOUBLE"))


@KUSTO.function("series_dot_product", "series_cosine_similarity", "series_pearson_correlation", least=2, kind="real")
def compile_pair(given: Arguments) -> Value:
    """How two series go together."""
    if any(value.type in NUMBERS for value in given.values):
        if given.name != "series_dot_product":
            raise given.refuse("a series is a list of numbers")
        listed, number = sorted(given.values, key=lambda value: value.type in NUMBERS)
        return number_value(sql("list_sum(:x) * :n", x=_numbers(listed), n=as_number(number)))
    left, right = (_numbers(value) for value in given.values)
    if given.name == "series_pearson_correlation":
        pairs = sql("list_zip(:a, :b)", a=_centred(left), b=_centred(right))
        sums = ("p[1] * p[2]", "p[1] * p[1]", "p[2] * p[2]")
        whole, first, second = (sql(f"list_sum(list_transform(:p, lambda p: {one}))", p=pairs) for one in sums)
        return number_value(sql(":w / NULLIF(sqrt(:a * :b), 0)", w=whole, a=first, b=second))
    name = "list_dot_product" if given.name == "series_dot_product" else "list_cosine_similarity"
    found = call(name, left, right)
    return number_value(sql("CASE WHEN len(:a) = len(:b) THEN :f END", a=left, b=right, f=found))


def _centred(items: exp.Expression) -> exp.Expression:
    return sql("list_transform(:x, lambda v: v - list_avg(:x))", x=items)


@KUSTO.function("series_stats_dynamic", least=1, most=2, kind="dynamic")
def compile_stats(given: Arguments) -> Value:
    """The statistics of a series as an object."""
    return _named(hosted(given, HOSTED["series_stats"]), STATS)


@KUSTO.function("series_fit_line_dynamic", kind="dynamic")
def compile_line(given: Arguments) -> Value:
    """The line that fits a series best, as an object."""
    return _named(hosted(given, HOSTED["series_fit_line"]), LINE)


def _named(value: Value, names: tuple[str, ...]) -> Value:
    parts: list[exp.Expression] = []
    for place, name in enumerate(names):
        parts += [literal(name), sql("json_extract(:x, '$[' || :n || ']')", x=value.node, n=integer(place))]
    made = sql("CASE WHEN :x IS NOT NULL THEN :o END", x=value.node, o=call("json_object", *parts))
    return Value(made, Type.JSON)


KUSTO.refused.update(
    {
        **dict.fromkeys(
            ("series_decompose", "series_decompose_anomalies", "series_decompose_forecast", "series_outliers",
             "series_periods_detect", "series_periods_validate", "series_seasonal"),
            "it looks for what is regular in a series, which is not supported",
        ),
    }
)  # fmt: skip
