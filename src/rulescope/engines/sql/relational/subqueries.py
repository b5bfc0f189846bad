"""Queries inside values: membership in their rows, and their first value."""

from __future__ import annotations

from sqlglot import exp

from rulescope import ir
from rulescope.engines.sql.build import call, column, sql
from rulescope.engines.sql.compiling import compile_expression
from rulescope.engines.sql.dialect import KUSTO, SNOWFLAKE
from rulescope.engines.sql.frame import Frame
from rulescope.engines.sql.functions.registry import Arguments
from rulescope.engines.sql.relational.joins import other_rows
from rulescope.engines.sql.relational.parts import elements
from rulescope.engines.sql.schema import ROW, Column
from rulescope.engines.sql.values import NUMBERS, Type, Value, as_text, bool_value
from rulescope.errors import Refusal


def rows_of(subsearch: ir.Subsearch, given: Arguments) -> tuple[Frame, Column]:
    """The rows of a query inside a value, and their first column."""
    if subsearch.outer:
        message = f"the query inside reads '{subsearch.outer[0]}' of the row around it: that is not supported"
        raise Refusal(message, span=subsearch.span, code="RUN040")
    found = other_rows(subsearch.pipeline, given.frame, given.context, "_inner")
    first = next(iter(found.schema.fields.values()), None)
    if first is None:
        raise Refusal("the query inside gives no column", span=subsearch.span, code="RUN039")
    return found, first


def _inner(argument: ir.Expression) -> ir.Subsearch:
    if isinstance(argument, ir.Operation) and argument.name == "first_of_rows":
        argument = argument.arguments[0]
    assert isinstance(argument, ir.Subsearch)
    return argument


def _texts_of(value: Value) -> exp.Expression:
    """The value of each row as text; a list gives each of its elements."""
    if value.type is Type.MULTI:
        return call("unnest", value.node)
    if value.type is Type.JSON:
        return sql("unnest(COALESCE(:l, [:x]))", l=elements(value), x=as_text(value))
    return as_text(value)


@KUSTO.operation("in_rows", least=2, kind="bool", lazy=True)
@SNOWFLAKE.operation("in_rows", least=2, kind="bool", lazy=True)
def compile_in_rows(given: Arguments) -> Value:
    """Whether the value is one of those in the first column of a query's rows. In SQL a NULL among these leaves open
    what is not found; in Kusto it counts for nothing."""
    value = compile_expression(given.expressions[0], given.frame, given.context)
    rows, first = rows_of(_inner(given.expressions[1]), given)
    numbers = value.type in NUMBERS and first.type in NUMBERS
    held = first.value(rows.relation)
    # Lists among the values are flattened into one.
    node = held.node if numbers else _texts_of(held)
    inner = exp.Select(expressions=[node]).from_(exp.Table(this=exp.to_identifier(rows.relation, quoted=True)))
    found: exp.Expression = exp.In(this=value.node if numbers else as_text(value), query=exp.Subquery(this=inner))
    return bool_value(sql("COALESCE(:c, FALSE)", c=found) if given.context.dialect.null_equals_nothing else found)


@KUSTO.operation("first_of_rows", least=1, lazy=True)
@SNOWFLAKE.operation("first_of_rows", least=1, lazy=True)
def compile_first_of_rows(given: Arguments) -> Value:
    """The first value of the first row of a query (`toscalar`, a scalar subquery)."""
    rows, first = rows_of(_inner(given.expressions[0]), given)
    inner = exp.Select(expressions=[column(first.physical, rows.relation)])
    inner = inner.from_(exp.Table(this=exp.to_identifier(rows.relation, quoted=True)))
    inner = inner.order_by(exp.Ordered(this=column(ROW, rows.relation))).limit(1)
    return Value(exp.Subquery(this=inner), first.type)


@KUSTO.operation("list_of_rows", least=1, lazy=True, kind="list")
def compile_list_of_rows(given: Arguments) -> Value:
    """The values of the first column of a query's rows, as a list."""
    rows, first = rows_of(_inner(given.expressions[0]), given)
    listed = call("list", _texts_of(first.value(rows.relation)))
    inner = exp.Select(expressions=[listed])
    return Value(
        exp.Subquery(this=inner.from_(exp.Table(this=exp.to_identifier(rows.relation, quoted=True)))), Type.MULTI
    )
