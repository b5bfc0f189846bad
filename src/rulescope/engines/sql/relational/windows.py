"""Functions over windows: `row_number() OVER (PARTITION BY … ORDER BY …)` and its like. Source: "Window functions" of
Snowflake's SQL reference."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from rulescope import ir
from rulescope.engines.sql.build import call, column, sql
from rulescope.engines.sql.compiling import compile_expression
from rulescope.engines.sql.dialect import SNOWFLAKE
from rulescope.engines.sql.functions.registry import Arguments
from rulescope.engines.sql.relational.common_functions import alike
from rulescope.engines.sql.schema import ROW
from rulescope.engines.sql.values import Type, Value, as_number


@SNOWFLAKE.operation("window", least=1, most=None, kind="long", lazy=True)
def compile_window(given: Arguments) -> Value:
    """A function over the rows that agree in some values, in an order: ranks, neighbours, aggregates."""
    function, *clauses = given.expressions
    if not isinstance(function, ir.Call):
        raise given.refuse("this is no function over a window")

    def compiled(expression: ir.Expression) -> Value:
        return compile_expression(expression, given.frame, given.context)

    partition: list[exp.Expression] = []
    order: list[exp.Expression] = []
    for clause in clauses:
        if not isinstance(clause, ir.Operation) or clause.name not in ("partition_by", "order_by"):
            raise given.refuse("a frame of rows is not supported")
        for item in clause.arguments:
            if clause.name == "partition_by":
                partition.append(compiled(item).node)
            else:
                order.append(_ordered(item, compiled))
    node, kind = _window_function(function, given, compiled)
    keys = order or ([exp.Ordered(this=column(ROW))] if function.function in _RANKS else [])
    window = exp.Window(this=node, partition_by=partition, order=exp.Order(expressions=keys) if keys else None)
    return Value(exp.cast(window, "DOUBLE") if kind is Type.NUMBER else window, kind)


_RANKS = frozenset({"row_number", "rank", "dense_rank", "lag", "lead", "first_value", "last_value"})


def _ordered(item: ir.Expression, compiled: Callable[[ir.Expression], Value]) -> exp.Expression:
    said: set[str] = set()
    while isinstance(item, ir.Operation) and item.name in ("descending", "ascending", "nulls_first", "nulls_last"):
        said.add(item.name)
        item = item.arguments[0]
    descending = "descending" in said
    # NULL is above every other value, unless the order says otherwise.
    first = "nulls_first" in said or (descending and "nulls_last" not in said)
    return exp.Ordered(this=compiled(item).node, desc=descending, nulls_first=first)


def _window_function(
    function: ir.Call, given: Arguments, compiled: Callable[[ir.Expression], Value]
) -> tuple[exp.Expression, Type]:
    name = function.function
    arguments = [compiled(one) for one in function.arguments if not _is_star(one)]
    if name in ("row_number", "rank", "dense_rank"):
        return call(name), Type.WHOLE
    if name == "count":
        return (exp.Count(this=arguments[0].node) if arguments else exp.Count(this=exp.Star())), Type.WHOLE
    if name in ("sum", "avg", "median") and arguments:
        if name == "sum" and arguments[0].type is Type.WHOLE:
            return call(name, arguments[0].node), Type.WHOLE
        return call(name, as_number(arguments[0])), Type.NUMBER
    if name in ("min", "max", "first_value", "last_value") and arguments:
        return call(name, arguments[0].node), arguments[0].type
    if name in ("lag", "lead") and arguments:
        offset = [sql("CAST(:n AS BIGINT)", n=as_number(arguments[1]))] if len(arguments) > 1 else []
        if len(arguments) < 3:
            return call(name, arguments[0].node, *offset), arguments[0].type
        (value, default), kind = alike([arguments[0], arguments[2]])
        return call(name, value, *offset, default), kind
    raise given.refuse(f"the function '{name}' over a window is not supported")


def _is_star(expression: ir.Expression) -> bool:
    return isinstance(expression, ir.FieldReference) and expression.name == "*"
