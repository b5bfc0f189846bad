"""Operators that put rows into groups: `summarize`, `distinct`, `count`, `make-series` and their kin."""

from __future__ import annotations

import re
from typing import Final

from rulescope import ir
from rulescope.ir import Call, Constant, Expression, FieldReference
from rulescope.ir.expressions import PredicateExpression
from rulescope.ir.stages import (
    Aggregate,
    Argument,
    Assignment,
    Bucket,
    Command,
    Eval,
    Rename,
    Renaming,
    Stage,
    Stats,
    free_column,
)
from rulescope.ir.walk import walk
from rulescope.languages.common.operands import as_expression
from rulescope.languages.kusto.items import (
    Item,
    at_place,
    columns_of,
    default_name,
    interval_of,
    read_items,
    read_name,
    read_options,
)
from rulescope.languages.kusto.operator_registry import kept, operator
from rulescope.languages.kusto.scope import QueryReader
from rulescope.text import Span

_FUNCTIONS: Final[dict[str, str]] = {
    "count": "count", "dcount": "dc", "count_distinct": "dc", "sum": "sum", "min": "min", "max": "max", "avg": "avg",
    "stdev": "stdev", "stdevp": "stdevp", "variance": "var", "variancep": "varp", "make_set": "values",
    "makeset": "values", "make_list": "list", "makelist": "list",
}  # fmt: skip
_PREFIXES = {
    "make_set": "set", "makeset": "set", "make_set_if": "set", "make_list": "list", "makelist": "list",
    "make_list_if": "list", "make_list_with_nulls": "list", "make_bag": "bag", "make_bag_if": "bag",
}  # fmt: skip
_ROW_OF = frozenset({"arg_max", "arg_min", "argmax", "argmin", "take_any", "any"})


@operator("summarize")
def read_summarize(reader: QueryReader) -> list[Stage]:
    """`summarize name = aggregate, … by column, name = value, …`."""
    read_options(reader)
    items = read_items(reader, "by")
    aggregates = tuple(_aggregate(item) for item in items)
    taken: set[str] = set()
    numbers: dict[str, int] = {}
    renamings = [one for item in items for one in _other_names(reader, item, taken, numbers)]
    keys: list[Item] = []
    if reader.accept_word("by"):
        keys = read_items(reader)
        if not keys:
            reader.fail("a column to group by")
    if not items and not keys:
        reader.fail("an aggregate or 'by'")
    stages = grouped(reader, aggregates, keys)
    return [*stages, Rename(renamings=tuple(renamings))] if renamings else stages


def _other_names(reader: QueryReader, item: Item, taken: set[str], numbers: dict[str, int]) -> list[Renaming]:
    """The names behind the first in `(a, b) = arg_max(x, y)`, for the columns that the aggregate keeps. Those of the
    items before are `taken`, which numbers a column that two of them keep; `numbers` are the last of each name."""
    value = item.expression
    kept_columns = value.arguments if isinstance(value, Call) and value.function in _ROW_OF else ()
    prefix = "any_" if isinstance(value, Call) and value.function == "any" else ""
    columns = [f"{prefix}{one.name}" for one in kept_columns if isinstance(one, FieldReference) and one.name != "*"]
    if isinstance(value, Call) and value.function == "percentiles":
        columns = _percentiles(value)
    found = [*item.names[:1]] or [free_column(name, taken, numbers) for name in columns[:1] or [_written(value)]]
    taken.update(found)
    for name in columns[1:]:
        found.append(free_column(name, taken, numbers))
        taken.add(found[-1])
    if len(item.names) < 2:
        return []
    if len(columns) != len(item.names):
        reader.note("KUS021", "so many names for the columns of an aggregate are not read", item.span, "error")
        return []
    # Of a row's columns the aggregate itself names the first; of percentiles it names none.
    told = 0 if isinstance(value, Call) and value.function == "percentiles" else 1
    before = [*columns[:1], *found[1:]]
    return [Renaming(column, name) for column, name in zip(before[told:], item.names[told:], strict=True)]


def _percentiles(value: Call) -> list[str]:
    """The columns of `percentiles(x, 5, 95)`."""
    measured = value.arguments[0] if value.arguments else None
    name = measured.name if isinstance(measured, FieldReference) else ""
    return [f"percentile_{name}_{one.value}" for one in value.arguments[1:] if isinstance(one, Constant)]


@operator("distinct")
def read_distinct(reader: QueryReader) -> list[Stage]:
    """`distinct columns`: every combination of their values once; `*` is all columns."""
    read_options(reader)
    if reader.at("*"):
        return [Stats(aggregates=(), by=(FieldReference("*", reader.take().span),))]
    keys = read_items(reader)
    if not keys:
        reader.fail("a column")
    return grouped(reader, (), keys)


@operator("count")
def read_count(reader: QueryReader) -> list[Stage]:
    """`count`: how many rows there are."""
    if reader.accept_word("as"):
        return [Stats(aggregates=(Aggregate("count", alias=read_name(reader), written="count"),))]
    return [Stats(aggregates=(Aggregate("count", alias="Count", written="count"),))]


def grouped(reader: QueryReader, aggregates: tuple[Aggregate, ...], keys: list[Item]) -> list[Stage]:
    """The grouping, with a stage before it for each key that is computed."""
    read = {node.name for one in aggregates for node in walk(one) if isinstance(node, FieldReference)}
    before: list[Stage] = []
    by: list[FieldReference] = []
    renamings: list[Renaming] = []
    for number, (key, (name, value)) in enumerate(zip(keys, columns_of(keys), strict=True), 1):
        target = name
        if value is not None:
            if name in read or "*" in read:
                # The aggregates see the column as it was.
                target = f"{name}_{number}"
                renamings.append(Renaming(target, name))
            before.append(at_place(reader, _key(target, value, key.span), key.span.start, key.span.end))
        by.append(FieldReference(target, key.span))
    stages = [*before, Stats(aggregates=aggregates, by=tuple(by))]
    if renamings:
        stages.append(Rename(renamings=tuple(renamings)))
    return stages


def _key(name: str, value: Expression, span: Span) -> Stage:
    if isinstance(value, Call) and value.function in ("bin", "floor") and len(value.arguments) == 2:
        column, width = value.arguments
        interval = interval_of(width)
        if isinstance(column, FieldReference) and interval is not None:
            return Bucket(field=column.name, interval=interval, alias=None if name == column.name else name)
    return Eval(assignments=(Assignment(name, value, span),))


def _aggregate(item: Item) -> Aggregate:
    value = item.expression
    alias = item.names[0] if item.names else None
    span = item.span
    if isinstance(value, Call) and value.function == "percentiles" and len(item.names) > 1:
        alias = None
    if not isinstance(value, Call):
        return Aggregate("expression", value, alias, computed=True, written=_written(value), span=span)
    name, arguments = value.function, value.arguments
    first = arguments[0] if arguments else None
    if name == "count" and not arguments:
        return Aggregate("count", alias=alias, written="count_", span=span)
    if name in ("countif", "dcountif") and first is not None:
        if name == "countif":
            return Aggregate("count", _condition(first), alias, computed=True, written="countif_", span=span)
        return Aggregate(name, value, alias, computed=True, written=_written(value), span=span)
    if name == "percentile" and len(arguments) == 2 and isinstance(arguments[1], Constant):
        share = arguments[1].value
        if isinstance(share, int | float) and not isinstance(share, bool):
            plain = isinstance(first, FieldReference)
            written = f"{_written(value)}_{share}"
            return Aggregate("perc", first, alias, float(share), computed=not plain, written=written, span=span)
    # A second argument of `dcount` says how exact it is; one of `make_set` how many values there are at most.
    if name in _FUNCTIONS and first is not None and (len(arguments) == 1 or name == "dcount"):
        plain = isinstance(first, FieldReference)
        function = _FUNCTIONS.get(name, name)
        return Aggregate(function, first, alias, computed=not plain, written=_written(value), span=span)
    return Aggregate(name, value, alias, computed=True, written=_written(value), span=span)


def _condition(value: Expression) -> Expression:
    return value if isinstance(value, PredicateExpression) else PredicateExpression(ir.Test(value, value.span))


def _written(value: Expression) -> str:
    """The column that an aggregate without a name goes into."""
    if not isinstance(value, Call):
        return default_name(value, 1)
    first = value.arguments[0] if value.arguments else None
    column = default_name(first, 1) if isinstance(first, FieldReference | Call) else ""
    if value.function.startswith("covariance") and len(value.arguments) > 1:
        column = f"{column}_{default_name(as_expression(value.arguments[1]), 1)}"
    if value.function == "any" and column:
        return f"any_{column}"
    if value.function in _ROW_OF:
        return column or value.function
    column = "" if re.fullmatch(r"Column\d+", column) else column
    return f"{_PREFIXES.get(value.function, value.function)}_{column}"


@operator("make-series")
def read_make_series(reader: QueryReader) -> list[Stage]:
    """`make-series name = aggregate [default=x], … on time [from a to b] step s [by columns]`."""
    options = read_options(reader, kind=("nonempty",))
    arguments = [Argument(Constant(options["kind"]), "kind")] if "kind" in options else []
    while not reader.at_end() and not reader.at_word("on"):
        for item in read_items(reader, "on", "default"):
            name = item.names[0] if item.names else None
            arguments.append(Argument(_aggregate(item), name, item.span))
        if reader.accept_word("default"):
            reader.expect("=")
            value = as_expression(reader.read_operand(reader))
            arguments.append(Argument(value, "default", value.span))
        if not reader.accept_comma():
            break
    reader.expect_word("on", " before the column of times")
    token = reader.peek()
    axis = FieldReference(read_name(reader), token.span)
    arguments.append(Argument(axis, "on", token.span))
    for word in ("from", "to", "step", "in"):
        if reader.accept_word(word):
            value = as_expression(reader.read_operand(reader))
            arguments.append(Argument(value, word, value.span))
    before: list[Stage] = []
    if reader.accept_word("by"):
        items = read_items(reader) or reader.fail("a column to group by")
        for item, (name, computed) in zip(items, columns_of(items), strict=True):
            if computed is not None:
                assigned = Eval(assignments=(Assignment(name, computed, item.span),))
                before.append(at_place(reader, assigned, item.span.start, item.span.end))
            arguments.append(Argument(FieldReference(name, item.span), "by", item.span))
    return [*before, Command(name="make-series", arguments=tuple(arguments))]


@operator("top-nested")
def read_top_nested(reader: QueryReader) -> list[Stage]:
    """`top-nested n of column by aggregate, …`."""
    return kept(reader, "top-nested")


@operator("top-hitters")
def read_top_hitters(reader: QueryReader) -> list[Stage]:
    """`top-hitters n of column by value`."""
    return kept(reader, "top-hitters")


@operator("reduce")
def read_reduce(reader: QueryReader) -> list[Stage]:
    """`reduce by column`: groups texts that are alike."""
    return kept(reader, "reduce")
