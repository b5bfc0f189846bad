"""Kusto's functions that look at the rows before or behind, in the order that they have. Source: "Window functions" of
its reference."""

from __future__ import annotations

from sqlglot import exp

from rulescope.engines.sql.build import column, integer
from rulescope.engines.sql.dialect import KUSTO
from rulescope.engines.sql.functions.registry import Arguments
from rulescope.engines.sql.relational.common_functions import alike
from rulescope.engines.sql.relational.scope import Scope, typed
from rulescope.engines.sql.schema import ROW
from rulescope.engines.sql.values import Type, Value, as_number, number_value


def _over(function: exp.Expression) -> exp.Expression:
    return exp.Window(this=function, order=exp.Order(expressions=[exp.Ordered(this=column(ROW))]))


@KUSTO.function("row_number", least=0, most=2, kind="long")
def compile_row_number(given: Arguments) -> Value:
    """The number of the row, from 1 or what is said."""
    if len(given.values) == 2 and given.values[1].constant is not False:
        raise given.refuse("numbers that begin again are not supported")
    first = as_number(given.values[0]) if given.values else integer(1)
    number = exp.Add(this=_over(exp.RowNumber()), expression=exp.Sub(this=exp.Paren(this=first), expression=integer(1)))
    return number_value(exp.cast(exp.Paren(this=number), "DOUBLE"))


@KUSTO.function("row_cumsum", least=1, most=2, kind="first")
def compile_running_sum(given: Arguments) -> Value:
    """The sum of the rows so far."""
    if len(given.values) == 2 and given.values[1].constant is not False:
        raise given.refuse("sums that begin again are not supported")
    return number_value(_over(exp.Sum(this=as_number(given.values[0]))))


@KUSTO.function("prev", "next", least=1, most=3, kind="first")
def compile_neighbour(given: Arguments) -> Value:
    """The value so many rows before or behind; null, or what is said, where there is no such row."""
    kind = Scope(given.frame, given.context).kind(given.expressions[0])
    value, _ = typed(given.values[0], kind)
    offset = given.values[1].constant if len(given.values) > 1 else 1
    if not isinstance(offset, int | float) or isinstance(offset, bool):
        raise given.refuse("how many rows away is a constant")
    function = exp.Lag if given.name == "prev" else exp.Lead
    if len(given.values) < 3:
        found = _over(function(this=value.node, offset=integer(int(offset))))
        empty = value.type is Type.TEXT and kind == "string"
        return Value(exp.Coalesce(this=found, expressions=[exp.Literal.string("")]) if empty else found, value.type)
    (node, default), common = alike([value, given.values[2]])
    return Value(_over(function(this=node, offset=integer(int(offset)), default=default)), common)
