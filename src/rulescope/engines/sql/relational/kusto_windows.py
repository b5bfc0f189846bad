"""Kusto's functions that look at the rows before or behind, in the order that they have. Source: "Window functions" of
its reference."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from rulescope import ir
from rulescope.engines.sql.build import column, integer, sql
from rulescope.engines.sql.context import Context
from rulescope.engines.sql.dialect import KUSTO
from rulescope.engines.sql.frame import Frame
from rulescope.engines.sql.functions.registry import Arguments
from rulescope.engines.sql.relational.common_functions import alike, condition_of
from rulescope.engines.sql.relational.scope import Scope, compute, put, typed
from rulescope.engines.sql.schema import ROW
from rulescope.engines.sql.values import Type, Value, as_number, number_value, whole_value
from rulescope.ir.walk import transform, walk


def _over(function: exp.Expression, given: Arguments | None = None) -> exp.Expression:
    """The function over the rows in their order, from where it last began again."""
    groups = None
    if given is not None and len(given.values) == 2 and given.values[1].constant is not False:
        counted = given.expressions[1]
        if not isinstance(counted, ir.FieldReference) or not counted.name.startswith(_HELPER):
            raise given.refuse("it begins again in columns of extend and project only")
        groups = [given.values[1].node]
    order = exp.Order(expressions=[exp.Ordered(this=column(ROW))])
    return exp.Window(this=function, partition_by=groups, order=order)


def restarting(expression: ir.Expression, frame: Frame, context: Context) -> tuple[ir.Expression, Frame]:
    """The expression with the condition by which a function over rows begins again put as the number of times that it
    did, which is a column of the frame."""

    # What stands in a query of its own is over the rows of that.
    apart = {id(one) for found in walk(expression) if isinstance(found, ir.Subsearch) for one in walk(found.pipeline)}

    def change(node: object) -> object:
        nonlocal frame
        if not isinstance(node, ir.Call) or node.function not in _RESTARTING or len(node.arguments) != 2:
            return node
        if id(node) in apart or node.arguments[1] == ir.Constant(False, node.arguments[1].span):
            return node
        again, counted = (f"{_HELPER}{what}_{len(frame.schema.fields)}" for what in ("again", "times"))
        truth = compute(node.arguments[1], frame, context)
        frame = put(frame, {again: truth})
        began = exp.Count(this=sql("CASE WHEN :c THEN 1 END", c=condition_of(frame.schema.fields[again].value())))
        frame = put(frame, {counted: (whole_value(_over(began)), "long", True)})
        return replace(node, arguments=(node.arguments[0], ir.FieldReference(counted, node.span)))

    found: ir.Expression = transform(expression, change)
    return found, frame


def without_restarts(frame: Frame) -> Frame:
    """The frame without the columns that `restarting` made."""
    fields = {name: entry for name, entry in frame.schema.fields.items() if not name.startswith(_HELPER)}
    if len(fields) == len(frame.schema.fields):
        return frame
    return frame.then(frame.passed(), frame.schema.with_fields(fields))


_RESTARTING = frozenset({"row_number", "row_cumsum"})
_HELPER = "_rs_restart_"


@KUSTO.function("row_number", least=0, most=2, kind="long")
def compile_row_number(given: Arguments) -> Value:
    """The number of the row, from 1 or what is said; it begins again where a condition holds (`restarting`)."""
    first = as_number(given.values[0]) if given.values else integer(1)
    number = exp.Add(
        this=_over(exp.RowNumber(), given), expression=exp.Sub(this=exp.Paren(this=first), expression=integer(1))
    )
    return number_value(exp.cast(exp.Paren(this=number), "DOUBLE"))


@KUSTO.function("row_cumsum", least=1, most=2, kind="first")
def compile_running_sum(given: Arguments) -> Value:
    """The sum of the rows so far, or since a condition held (`restarting`)."""
    return number_value(_over(exp.Sum(this=as_number(given.values[0])), given))


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
