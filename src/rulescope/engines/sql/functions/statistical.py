"""Functions over their own arguments: the largest, the smallest, sum and mean."""

from __future__ import annotations

from sqlglot import exp

from rulescope.engines.sql.build import array, call, sql
from rulescope.engines.sql.functions.registry import Arguments, function
from rulescope.engines.sql.values import NUMBERS, Type, Value, as_multi, as_number, as_text, number_value, whole_value


@function("max", "min", least=1, most=None)
def compile_extreme(given: Arguments) -> Value:
    """The largest or smallest argument; text is larger than any number."""
    values = given.values
    name = "greatest" if given.name.lower() == "max" else "least"
    if all(value.type is Type.WHOLE for value in values):
        return whole_value(call(name, *[value.node for value in values]))
    if all(value.type in NUMBERS for value in values):
        return number_value(call(name, *[as_number(value) for value in values]))
    items = sql("list_filter(:l, lambda v: v IS NOT NULL)", l=_together(values))
    exact = "exact_" if given.context.dialect.exact_wholes else ""
    return Value(call(f"spl_{exact}{given.name.lower()}_of", items), Type.AUTO, mixed=True)


@function("sum", "avg", least=1, most=None)
def compile_total(given: Arguments) -> Value:
    """Sum or mean of the arguments that read as numbers; text in quotes is an error, as it is to Splunk."""
    if any(isinstance(value.constant, str) for value in given.values):
        raise given.refuse("text in quotes is no number: write tonumber(…)")
    items = sql(
        "list_filter(list_transform(:l, lambda v: spl_number(v)), lambda v: v IS NOT NULL)", l=_together(given.values)
    )
    if all(value.type is not Type.MULTI for value in given.values):
        items = sql("list_filter(:l, lambda v: v IS NOT NULL)", l=array([as_number(value) for value in given.values]))
    return number_value(call("list_sum" if given.name.lower() == "sum" else "list_avg", items))


def _together(values: tuple[Value, ...]) -> exp.Expression:
    if all(value.type is not Type.MULTI for value in values):
        return array([as_text(value) for value in values])
    node = as_multi(values[0])
    for value in values[1:]:
        node = sql("list_concat(:x, :y)", x=node, y=as_multi(value))
    return node
