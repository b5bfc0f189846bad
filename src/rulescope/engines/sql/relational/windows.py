"""Functions over windows: `row_number() OVER (PARTITION BY … ORDER BY …)` and its like. Source: "Window functions" and
"Window function syntax and usage" of Snowflake's SQL reference."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from sqlglot import exp

from rulescope import ir
from rulescope.engines.sql.build import call, column, integer, sql
from rulescope.engines.sql.compiling import compile_expression
from rulescope.engines.sql.dialect import SNOWFLAKE
from rulescope.engines.sql.functions.registry import Arguments
from rulescope.engines.sql.relational.aggregate_names import AGGREGATES
from rulescope.engines.sql.relational.common_functions import alike, condition_of
from rulescope.engines.sql.relational.group_functions import Aggregator, spelt
from rulescope.engines.sql.relational.ordering import ordered_key
from rulescope.engines.sql.schema import ROW
from rulescope.engines.sql.values import Value, as_number, number_value, whole_value

_PLACES = frozenset({"row_number", "rank", "dense_rank", "ntile"})
_SHARES = frozenset({"percent_rank", "cume_dist"})
_NEIGHBOURS: Final[dict[str, type[exp.Expression]]] = {"lag": exp.Lag, "lead": exp.Lead}
_VALUES: Final[dict[str, type[exp.Expression]]] = {
    "first_value": exp.FirstValue, "last_value": exp.LastValue, "nth_value": exp.NthValue,
}  # fmt: skip
_IN_ORDER = _PLACES | _SHARES | _NEIGHBOURS.keys() | _VALUES.keys()
_NULLS: Final[dict[str, type[exp.IgnoreNulls | exp.RespectNulls]]] = {
    "ignorenulls": exp.IgnoreNulls, "respectnulls": exp.RespectNulls,
}  # fmt: skip


@SNOWFLAKE.operation("window", least=1, most=None, kind="windowed", lazy=True)
def compile_window(given: Arguments) -> Value:
    """A function over the rows that agree in some values, in an order: ranks, neighbours, aggregates."""
    function, *clauses = given.expressions

    def compiled(expression: ir.Expression) -> Value:
        return compile_expression(expression, given.frame, given.context)

    partition: list[exp.Expression] = []
    order: list[exp.Expression] = []
    spec: exp.WindowSpec | None = None
    for clause in clauses:
        assert isinstance(clause, ir.Operation)
        match clause.name:
            case "partition_by":
                partition = [compiled(item).node for item in clause.arguments]
            case "order_by":
                order = [ordered_key(item, compiled) for item in clause.arguments]
            case _:
                spec = _frame(clause, given, compiled)
    kept: type[exp.IgnoreNulls | exp.RespectNulls] | None = None
    while isinstance(function, ir.Call) and function.function in _NULLS:
        kept, function = _NULLS[function.function], function.arguments[0]
    if isinstance(function, ir.Call) and function.arguments:
        first = function.arguments[0]
        if isinstance(first, ir.Call) and first.function in _NULLS:
            kept = _NULLS[first.function]
            function = replace(function, arguments=(*first.arguments, *function.arguments[1:]))
    name = function.function if isinstance(function, ir.Call) else ""
    if not order and name in _IN_ORDER:
        order = [exp.Ordered(this=column(ROW))]

    if spec is None and name in _VALUES:
        # Without a frame, they look at all rows of the partition.
        spec = exp.WindowSpec(
            kind="ROWS", start="UNBOUNDED", start_side="PRECEDING", end="UNBOUNDED", end_side="FOLLOWING"
        )

    def over(node: exp.Expression) -> exp.Expression:
        inner = node if kept is None else kept(this=node)
        keys = exp.Order(expressions=[one.copy() for one in order]) if order else None
        return exp.Window(this=inner, partition_by=[one.copy() for one in partition], order=keys, spec=spec)

    if isinstance(function, ir.Operation) or spelt(name) in AGGREGATES:
        return Aggregator(given.frame, given.context, over).expression(function)[0]
    if not isinstance(function, ir.Call):
        raise given.refuse("this is no function over a window")
    return _window_function(function, given, compiled, over)


def _frame(clause: ir.Operation, given: Arguments, compiled: Callable[[ir.Expression], Value]) -> exp.WindowSpec:
    unit, start, end = clause.arguments
    assert isinstance(unit, ir.Constant)
    sides: dict[str, object] = {"kind": str(unit.value).upper()}
    for name, bound in (("start", start), ("end", end)):
        distance = compiled(bound).constant
        if isinstance(bound, ir.Constant) and bound.value is None:
            sides |= {name: "UNBOUNDED", f"{name}_side": "PRECEDING" if name == "start" else "FOLLOWING"}
        elif not isinstance(distance, int | float):
            raise given.refuse("a frame of rows is supported between constants only")
        elif distance == 0:
            sides |= {name: "CURRENT ROW"}
        else:
            sides |= {name: exp.Literal.number(abs(distance)),
                      f"{name}_side": "PRECEDING" if distance < 0 else "FOLLOWING"}  # fmt: skip
    return exp.WindowSpec(**sides)


def _window_function(
    function: ir.Call,
    given: Arguments,
    compiled: Callable[[ir.Expression], Value],
    over: Callable[[exp.Expression], exp.Expression],
) -> Value:
    name = function.function
    arguments = [compiled(one) for one in function.arguments]
    if name in _PLACES:
        return whole_value(over(call(name, *_counts(arguments))))
    if name in _SHARES:
        return number_value(over(call(name)))
    if name in _VALUES and arguments:
        places = dict(zip(("offset",), _counts(arguments[1:2]), strict=False))
        return Value(over(_VALUES[name](this=arguments[0].node, **places)), arguments[0].type)
    if name in _NEIGHBOURS and arguments:
        offset = (_counts(arguments[1:2]) or [integer(1)])[0]
        if len(arguments) < 3:
            return Value(over(_NEIGHBOURS[name](this=arguments[0].node, offset=offset)), arguments[0].type)
        (value, default), kind = alike([arguments[0], arguments[2]])
        return Value(over(_NEIGHBOURS[name](this=value, offset=offset, default=default)), kind)
    if name == "ratio_to_report" and arguments:
        share = as_number(arguments[0])
        return number_value(sql("(:x / NULLIF(:s, 0))", x=share, s=over(call("sum", share.copy()))))
    if name == "conditional_true_event" and arguments:
        held = exp.Filter(this=exp.Count(this=exp.Star()), expression=exp.Where(this=condition_of(arguments[0])))
        return whole_value(over(held))
    raise given.refuse(f"the function '{name}' over a window is not supported")


def _counts(values: Sequence[Value]) -> list[exp.Expression]:
    return [sql("CAST(:n AS BIGINT)", n=as_number(one)) for one in values]
