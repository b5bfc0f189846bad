"""Queries inside values: membership in their rows, and their first value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlglot import exp

from rulescope import ir
from rulescope.engines.sql.build import all_of, call, column, sql
from rulescope.engines.sql.compiling import compile_expression
from rulescope.engines.sql.context import Context
from rulescope.engines.sql.dialect import KUSTO, SNOWFLAKE
from rulescope.engines.sql.frame import Frame
from rulescope.engines.sql.functions.registry import Arguments
from rulescope.engines.sql.relational.group_functions import Aggregator
from rulescope.engines.sql.relational.joins import other_rows, placed
from rulescope.engines.sql.relational.parts import elements
from rulescope.engines.sql.relational.scope import compute, conditions, names_read
from rulescope.engines.sql.relational.table_rows import TypedColumn
from rulescope.engines.sql.schema import ROW
from rulescope.engines.sql.values import NUMBERS, Type, Value, as_text, bool_value
from rulescope.errors import Refusal
from rulescope.ir import stages
from rulescope.ir.stages import Aggregate
from rulescope.ir.walk import transform, walk


@dataclass(frozen=True, slots=True)
class Inner:
    """The rows of a query inside a value, and the value that it gives of each: that of its first column, or of all
    rows together where it is `grouped`. `conditions` choose its rows for each row around it."""

    frame: Frame
    value: Value
    conditions: Sequence[exp.Expression] = ()
    grouped: bool = False

    def select(self, node: exp.Expression) -> exp.Select:
        """A value over the rows."""
        named = exp.Table(this=exp.to_identifier(self.frame.relation, quoted=True))
        query = exp.Select(expressions=[node]).from_(named)
        return query.where(all_of([one.copy() for one in self.conditions])) if self.conditions else query


def rows_of(subsearch: ir.Subsearch, given: Arguments) -> Inner:
    """The rows of a query inside a value, and what its first column holds."""
    if subsearch.outer:
        return correlated(subsearch, given)
    found = other_rows(subsearch.pipeline, given.frame, given.context, "_inner")
    first = next(iter(found.schema.fields.values()), None)
    if first is None:
        raise Refusal("the query inside gives no column", span=subsearch.span, code="RUN039")
    return Inner(found, first.value(found.relation))


def correlated(subsearch: ir.Subsearch, given: Arguments) -> Inner:
    """The rows of a query that reads the row around it in its WHERE, and nowhere else: what comes before that is the
    same for each row, what comes after computes its first column. Raises `Refusal` for any other such query."""
    steps = subsearch.pipeline.stages
    outer = set(subsearch.outer)
    reading = [place for place, one in enumerate(steps) if not outer.isdisjoint(names_read(one))]
    where = steps[reading[0]] if len(reading) == 1 else None
    if not isinstance(where, stages.Where) or any(isinstance(one, ir.Subsearch) and one.outer for one in walk(where)):
        message = f"the query inside reads '{subsearch.outer[0]}' of the row around it beyond a WHERE of its own"
        raise Refusal(f"{message}: that is not supported", span=subsearch.span, code="RUN040")
    context = given.context
    before = replace(subsearch.pipeline, stages=steps[: reading[0]])
    inner = other_rows(before, given.frame, context, "_inner")
    marks = {name: f"_rs_outer_{number}" for number, name in enumerate(subsearch.outer)}
    fields = dict(inner.schema.fields)
    # Names alone, so that what stands for a column tells which side it is of.
    columns: dict[str, exp.Expression | None] = {
        physical: column(physical, inner.relation) for physical in inner.passed()
    }
    for name, mark in marks.items():
        value, kind, recorded = compute(ir.FieldReference(name, subsearch.span), given.frame, context)
        fields[mark] = TypedColumn(mark, value.type, False, kind, recorded)
        around = {physical: column(physical, given.frame.relation) for physical in given.frame.passed()}
        columns[mark] = placed(value.node, around)
    both = replace(inner, schema=inner.schema.with_fields(fields))
    predicate = transform(where.predicate, lambda node: _marked(node, marks))
    found = [placed(one, columns) for one in conditions(predicate, both, context)]
    return _first_column(subsearch, steps[reading[0] + 1 :], inner, found, context)


def _marked(node: object, marks: Mapping[str, str]) -> object:
    """A node that reads a column of the row around it, under the name that stands for it."""
    if isinstance(node, ir.FieldReference) and node.name in marks:
        return replace(node, name=marks[node.name])
    if isinstance(node, ir.Compare) and node.field in marks:
        return replace(node, field=marks[node.field])
    return node


def _first_column(
    subsearch: ir.Subsearch, steps: Sequence[ir.Stage], inner: Frame, found: list[exp.Expression], context: Context
) -> Inner:
    grouped: Aggregate | None = None
    assigned: dict[str, ir.Expression] = {}
    first: str | None = next(iter(inner.schema.fields), None)
    for step in steps:
        match step:
            case stages.Stats(aggregates=[Aggregate() as one], by=()) if grouped is None and not assigned:
                grouped, first = one, one.result_name
            case stages.Eval(assignments=items) if grouped is None:
                assigned |= {one.target: one.expression for one in items if not isinstance(one, ir.MacroCall)}
            case stages.Table(fields=[named, *_]):
                first = named.name
            case stages.Sort() | stages.Dedup() if grouped is None:
                pass
            case _:
                message = "what the query inside computes of rows that depend on the row around it is not supported"
                raise Refusal(message, span=step.span, code="RUN040")
    if first is None or (grouped is not None and first != grouped.result_name):
        raise Refusal("the query inside gives no column", span=subsearch.span, code="RUN039")
    if grouped is not None:
        value, _ = Aggregator(inner, context).one(grouped)
    else:
        value, _, _ = compute(assigned.get(first, ir.FieldReference(first)), inner, context)
    columns = {physical: column(physical, inner.relation) for physical in inner.passed()}
    return Inner(inner, replace(value, node=placed(value.node, columns)), found, grouped is not None)


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
    rows = rows_of(_inner(given.expressions[1]), given)
    numbers = value.type in NUMBERS and rows.value.type in NUMBERS
    # Lists among the values are flattened into one.
    inner = rows.select(rows.value.node if numbers else _texts_of(rows.value))
    found: exp.Expression = exp.In(this=value.node if numbers else as_text(value), query=exp.Subquery(this=inner))
    return bool_value(sql("COALESCE(:c, FALSE)", c=found) if given.context.dialect.null_equals_nothing else found)


@KUSTO.operation("first_of_rows", least=1, lazy=True)
@SNOWFLAKE.operation("first_of_rows", least=1, lazy=True)
def compile_first_of_rows(given: Arguments) -> Value:
    """The first value of the first row of a query (`toscalar`, a scalar subquery)."""
    rows = rows_of(_inner(given.expressions[0]), given)
    inner = rows.select(rows.value.node)
    if not rows.grouped:
        inner = inner.order_by(exp.Ordered(this=column(ROW, rows.frame.relation))).limit(1)
    return Value(exp.Subquery(this=inner), rows.value.type)


@KUSTO.operation("list_of_rows", least=1, lazy=True, kind="list")
def compile_list_of_rows(given: Arguments) -> Value:
    """The values of the first column of a query's rows, as a list."""
    rows = rows_of(_inner(given.expressions[0]), given)
    return Value(exp.Subquery(this=rows.select(call("list", _texts_of(rows.value)))), Type.MULTI)
