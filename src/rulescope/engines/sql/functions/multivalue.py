"""Functions over multivalues. Positions count from 0, and from -1 at the end."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from rulescope import ir
from rulescope.engines.sql.build import call, column, function_of, literal, parameter, sql
from rulescope.engines.sql.compiling import compile_expression
from rulescope.engines.sql.functions.registry import Arguments, function
from rulescope.engines.sql.matching import regex_condition
from rulescope.engines.sql.values import (
    NULL_VALUE,
    Type,
    Value,
    as_condition,
    as_multi,
    as_number,
    as_text,
    as_whole,
    auto_value,
    joined,
    multi_value,
    number_value,
)


@function("mvcount", least=1, kind="long")
def compile_mvcount(given: Arguments) -> Value:
    """How many values; NULL where there is none."""
    value = given.values[0]
    if value.type is Type.MULTI:
        return number_value(sql("CAST(len(:x) AS DOUBLE)", x=value.node))
    return number_value(sql("CASE WHEN :x IS NOT NULL THEN CAST(1 AS DOUBLE) END", x=value.node))


@function("mvappend", least=1, most=None, kind="first")
def compile_mvappend(given: Arguments) -> Value:
    """All values of all arguments."""
    node: exp.Expression = as_multi(given.values[0])
    for value in given.values[1:]:
        node = sql("list_concat(:x, :y)", x=node, y=as_multi(value))
    return multi_value(sql("spl_filled(:x)", x=node))


@function("mvdedup", least=1, kind="first")
def compile_mvdedup(given: Arguments) -> Value:
    """The values without repetitions, in order of first appearance."""
    return multi_value(sql("spl_distinct(:x)", x=as_multi(given.values[0])))


@function("mvsort", least=1)
def compile_mvsort(given: Arguments) -> Value:
    """The values in order of their characters."""
    return multi_value(sql("list_sort(:x)", x=as_multi(given.values[0])))


@function("mvreverse", least=1)
def compile_mvreverse(given: Arguments) -> Value:
    """The values from the last to the first."""
    return multi_value(sql("list_reverse(:x)", x=as_multi(given.values[0])))


@function("mvindex", least=2, most=3, kind="first")
def compile_mvindex(given: Arguments) -> Value:
    """The value at a position, or those from one to another (included)."""
    items = as_multi(given.values[0])
    start = _position(given.values[1], items)
    if len(given.values) == 2:
        return auto_value(sql("list_extract(:x, CASE WHEN :i > 0 THEN :i END)", x=items, i=start))
    end = _position(given.values[2], items)
    return multi_value(
        sql("CASE WHEN :a > 0 AND :b >= :a THEN spl_filled(list_slice(:x, :a, :b)) END", x=items, a=start, b=end)
    )


def _position(value: Value, items: exp.Expression) -> exp.Expression:
    """A position as SQL counts it, from 1; less than 1 where it lies before the first value."""
    if isinstance(value.constant, int | float):
        index = int(max(min(value.constant, 1e9), -1e9))
        if index >= 0:
            return exp.Literal.number(index + 1)
        return sql("(len(:x) + :i)", x=items, i=exp.Neg(this=exp.Literal.number(-index - 1)))
    at = as_whole(value)
    return sql("CASE WHEN :i >= 0 THEN :i + 1 ELSE len(:x) + :i + 1 END", i=at, x=items)


@function("mvjoin", least=2)
def compile_mvjoin(given: Arguments) -> Value:
    """The values as one text with a delimiter between them."""
    return auto_value(joined(as_multi(given.values[0]), given.values[1]))


@function("mvzip", least=2, most=3)
def compile_mvzip(given: Arguments) -> Value:
    """The values of two multivalues joined first to first, as far as the shorter goes."""
    delimiter = as_text(given.values[2]) if len(given.values) > 2 else literal(",")
    left, right = as_multi(given.values[0]), as_multi(given.values[1])
    name = parameter()
    pair = sql(":x[:i] || :d || :y[:i]", x=left, y=right, d=delimiter, i=column(name))
    return multi_value(
        sql(
            "spl_filled(list_transform(range(1, least(len(:x), len(:y)) + 1), :f))",
            x=left,
            y=right,
            f=function_of(name, pair),
        )
    )


@function("mvrange", least=2, most=3)
def compile_mvrange(given: Arguments) -> Value:
    """The numbers from a start to an end (left out) by a step (1), which may be a span of time."""
    start, end = as_number(given.values[0]), as_number(given.values[1])
    step: exp.Expression
    if len(given.values) < 3:
        step = literal(1.0)
    elif given.values[2].type is Type.TEXT:
        zone = literal(given.context.options.time_zone)
        return multi_value(call("spl_mvrange_span", start, end, given.values[2].node, zone))
    else:
        step = as_number(given.values[2])
    return multi_value(call("spl_mvrange", start, end, step))


@function("mvfind", least=2)
def compile_mvfind(given: Arguments) -> Value:
    """The position of the first value in which a PCRE is found; NULL where there is none."""
    pattern = given.constant_text(1)
    name = parameter()
    if pattern is not None:
        condition = regex_condition(column(name), pattern, given.context, given.span)
    else:
        condition = call("spl_pcre_match", column(name), as_text(given.values[1]))
    found = sql(
        "list_position(list_transform(:x, :f), TRUE)", x=as_multi(given.values[0]), f=function_of(name, condition)
    )
    return number_value(sql("CAST(NULLIF(:p, 0) - 1 AS DOUBLE)", p=found))


@function("mvfilter", least=1, lazy=True)
def compile_mvfilter(given: Arguments) -> Value:
    """The values for which a condition over one field is true."""
    condition = given.expressions[0]
    names = set(_fields(condition))
    if len(names) != 1:
        raise given.refuse("its condition must name exactly one field")
    field = names.pop()
    value = given.frame.value(field)
    if value is None:
        return NULL_VALUE
    name = parameter()
    inner = given.frame.binding(field, auto_value(column(name)))
    test = as_condition(compile_expression(condition, inner, given.context), given.span)
    return multi_value(
        sql(
            "spl_filled(list_filter(:x, :f))",
            x=as_multi(value),
            f=function_of(name, sql("COALESCE(:c, FALSE)", c=test)),
        )
    )


@function("mvmap", least=2, lazy=True)
def compile_mvmap(given: Arguments) -> Value:
    """An expression computed for each value of a field, or of an expression over one; what gives NULL is left out."""
    subject = given.expressions[0]
    value = compile_expression(subject, given.frame, given.context)
    if value.type is Type.NULL:
        return NULL_VALUE
    # Of the fields of the first argument, the one that the second one reads stands for the value at hand.
    read = set(_fields(given.expressions[1]))
    field = next((name for name in _fields(subject) if name in read), None)
    name = parameter()
    inner = given.frame if field is None else given.frame.binding(field, auto_value(column(name)))
    body = compile_expression(given.expressions[1], inner, given.context)
    items = as_multi(value)
    if body.type is Type.MULTI:
        mapped = sql("flatten(list_transform(:x, :f))", x=items, f=function_of(name, body.node))
    else:
        mapped = sql("list_transform(:x, :f)", x=items, f=function_of(name, as_text(body)))
    return multi_value(sql("spl_filled(list_filter(:x, lambda v: v IS NOT NULL))", x=mapped))


def _fields(node: object) -> Iterator[str]:
    """The names of the fields in an expression or predicate, each once, in order."""
    seen: dict[str, None] = {}

    def visit(part: object) -> None:
        if isinstance(part, ir.FieldReference):
            seen[part.name] = None
        elif isinstance(part, ir.Compare):
            seen[part.field] = None
        elif isinstance(part, tuple):
            for entry in part:
                visit(entry)
        elif hasattr(part, "__dataclass_fields__"):
            for attribute in part.__dataclass_fields__:
                visit(getattr(part, attribute))

    visit(node)
    return iter(seen)
