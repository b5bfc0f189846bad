"""What values over groups of rows are made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlglot import exp

from rulescope import ir
from rulescope.engines.sql.build import call, cases, literal, sql
from rulescope.engines.sql.relational.aggregate_names import BITS, PAIRS
from rulescope.engines.sql.relational.common_functions import as_held, condition_of
from rulescope.engines.sql.relational.lists import typed_json
from rulescope.engines.sql.relational.scope import Scope
from rulescope.engines.sql.values import (
    Type,
    Value,
    as_integer,
    as_number,
    as_text,
    bool_value,
    json_value,
    number_value,
    text_value,
    whole_value,
)
from rulescope.text import Span

Over = Callable[[exp.Expression], exp.Expression]
"""What makes an aggregate one over some rows of a group, or over a window."""


def filtered_by(node: exp.Expression, condition: exp.Expression | None) -> exp.Expression:
    """A function over the rows that meet a condition, where there is one."""
    return node if condition is None else exp.Filter(this=node, expression=exp.Where(this=condition.copy()))


def list_in_order(node: exp.Expression, keys: Sequence[exp.Ordered]) -> exp.Expression:
    """The values of the rows in an order, as a list."""
    return call("list", exp.Order(this=node, expressions=[key.copy() for key in keys]))


def extreme_variant(name: str, value: Value, over: Over) -> Value:
    """The least or greatest of VARIANTs: by size where all are numbers, else as texts."""
    number, text = as_number(value), as_text(value)
    counts = over(exp.Count(this=number)), over(exp.Count(this=text))
    least = over(call(name, number.copy())), over(call(name, text.copy()))
    branches = [(sql("(:a = :b)", a=counts[0], b=counts[1]), sql("to_json(:x)", x=least[0]))]
    return json_value(cases(branches, sql("to_json(:x)", x=least[1])))


def extreme(name: str, value: Value, kind: str, over: Over, *, variants: bool) -> tuple[Value, str]:
    """The least or greatest value and its kind; `variants`: values of unknown kind are VARIANTs."""
    if value.type is Type.JSON and variants:
        return extreme_variant(name, value, over), "dynamic"
    if value.type in (Type.AUTO, Type.JSON):
        return number_value(over(call(name, as_number(value)))), "real"
    node = value.node if value.type is not Type.MULTI else as_text(value)
    return Value(over(call(name, node)), Type.TEXT if value.type is Type.MULTI else value.type), kind


def bits(name: str, value: Value, over: Over) -> Value:
    """Whole numbers put together bit by bit."""
    return whole_value(over(call(BITS[name], exp.cast(as_integer(value), "BIGINT"))))


def of_pairs(name: str, value: Value, other: Value, over: Over) -> Value:
    """How two columns of numbers go together."""
    return number_value(over(call(PAIRS[name], as_number(value), as_number(other))))


def value_of_sql(
    name: str,
    first: tuple[Value, str],
    others: Sequence[tuple[Value, str]],
    over: Over,
    order: Sequence[exp.Ordered],
    distinct: bool,
) -> tuple[Value, str] | None:
    """A function over groups that SQL alone has, of values and their kinds; None for any other."""
    value, kind = first
    if name == "listagg":
        separator = as_text(others[0][0]) if others else literal("")
        texts = over(list_in_order(as_text(as_held(value)), order))
        items = sql("list_filter(:l, lambda v: v IS NOT NULL)", l=texts)
        items = sql("spl_distinct(:x)", x=items) if distinct else items
        return text_value(sql("COALESCE(array_to_string(:x, :s), '')", x=items, s=separator)), "string"
    if name == "mode":
        return Value(over(call("mode", value.node)), value.type), kind
    if name in ("boolor_agg", "booland_agg"):
        function = "bool_or" if name == "boolor_agg" else "bool_and"
        return bool_value(over(call(function, condition_of(value)))), "bool"
    if name in ("percentile_cont", "percentile_disc", "approx_percentile") and others:
        share = others[0][0].constant
        if isinstance(share, int | float) and 0 <= share <= 1:
            how = "quantile_disc" if name == "percentile_disc" else "quantile_cont"
            return number_value(over(call(how, as_number(value), literal(float(share))))), "real"
    if name == "object_agg" and others:
        pair = sql("row(:k, :v)", k=as_text(value), v=typed_json(*others[0]))
        there = "list_filter(COALESCE(:l, []), lambda p: p[1] IS NOT NULL AND p[2] IS NOT NULL)"
        kept = sql(there, l=over(list_in_order(pair, order)))
        return json_value(sql("CAST(to_json(map_from_entries(:l)) AS JSON)", l=kept)), "dynamic"
    return None


class ResultScope(Scope):
    """A scope over results of aggregates, which are bound in its frame."""

    __slots__ = ("held",)
    held: list[str]

    def name(self, name: str, span: Span) -> str:
        """As `Scope.name`; results are there under names of their own."""
        if name.startswith("_rs_result_") and name in self.frame.bindings:
            return self.held[int(name.rpartition("_")[2])]
        return super().name(name, span)

    def kind(self, expression: ir.Expression) -> str:
        """As `Scope.kind`; a result's kind was told when it was computed."""
        if isinstance(expression, ir.Operation) and expression.name == "kept":
            kind = expression.arguments[1]
            return str(kind.value) if isinstance(kind, ir.Constant) else ""
        return super().kind(expression)
