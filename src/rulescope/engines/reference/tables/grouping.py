"""Rows into groups. Facts: Kusto, "summarize operator" and the pages of its aggregation functions; Snowflake, "GROUP
BY", "Aggregate functions", "Window functions"."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from rulescope import ir
from rulescope.engines.reference.common.macros import undefined_macro
from rulescope.engines.reference.common.names import column_of, field_value
from rulescope.engines.reference.common.predicates import truth
from rulescope.engines.reference.interpreter import Reading, RowCall
from rulescope.engines.reference.meaning import SNOWFLAKE, TABLES
from rulescope.engines.reference.table import RowTable
from rulescope.engines.reference.tables.dynamic import once
from rulescope.engines.reference.tables.rows import kind_of, sorted_by, with_column
from rulescope.engines.reference.tables.times import moment_text
from rulescope.engines.reference.values import Moment, Row, text, wrapped
from rulescope.errors import Refusal
from rulescope.ir import stages
from rulescope.ir.walk import transform

Rows = Sequence[Row]


@TABLES.stage(stages.Stats)
def grouped(stage: stages.Stats, table: RowTable, reading: Reading) -> RowTable:
    """One row a group; a key without value makes a group. Without keys there is one row, also of no rows."""
    named = [item.name for item in stage.by if isinstance(item, ir.FieldReference)]
    by = list(table.columns) if named == ["*"] else named
    groups = _groups(table.rows, by, reading, stage)
    found = RowTable([{} for _ in groups])
    for place, name in enumerate(by):
        values = [key[place] for key, _ in groups]
        found = with_column(found, name, kind_of(ir.FieldReference(name), values, reading), values)
    for aggregate in stage.aggregates:
        if isinstance(aggregate, ir.MacroCall):
            raise undefined_macro(aggregate.name, aggregate.span)
        for name, expression in _results(aggregate, by, reading):
            if name != aggregate.alias:
                name = stages.free_column(name, found.columns)
            values = [_result(expression, members, reading) for _, members in groups]
            found = with_column(found, name, _kind_of_result(expression, values, reading), values)
    return found


def _groups(rows: Rows, by: Sequence[str], reading: Reading, stage: stages.Stage) -> list[tuple[list[Any], list[Row]]]:
    found: list[tuple[list[Any], list[Row]]] = [] if by else [([], [])]
    for row in rows:
        key = [field_value(name, row, reading, stage.span) for name in by]
        members = next((members for other, members in found if other == key), None)
        if members is None:
            found.append((key, members := []))
        members.append(row)
    return found


def _results(aggregate: stages.Aggregate, by: Sequence[str], reading: Reading) -> list[tuple[str, ir.Expression]]:
    """The columns that an aggregate gives, each an expression over calls of aggregate functions."""
    argument = aggregate.argument
    if aggregate.function in ("arg_max", "arg_min") and isinstance(argument, ir.Call):
        return _of_one_row(aggregate, argument, by, reading)
    if aggregate.function == "expression" or (
        isinstance(argument, ir.Call) and aggregate.computed and not _plain(aggregate)
    ):
        assert argument is not None
        return [(aggregate.result_name, argument)]
    given = () if argument is None else (argument,)
    return [(aggregate.result_name, ir.Call(aggregate.function, given, aggregate.span))]


def _plain(aggregate: stages.Aggregate) -> bool:
    """Whether the argument is what the function is over, and not the call itself."""
    return not (isinstance(aggregate.argument, ir.Call) and aggregate.argument.function == aggregate.function)


def _of_one_row(
    aggregate: stages.Aggregate, call: ir.Call, by: Sequence[str], reading: Reading
) -> list[tuple[str, ir.Expression]]:
    """`arg_max(by, column, …)`: the greatest value, and the columns of its row; `*` is all others."""
    measured, *others = call.arguments
    names = [one.name for one in others if isinstance(one, ir.FieldReference)]
    if len(names) < len(others) or not isinstance(measured, ir.FieldReference):
        raise Refusal("the reference has no reading of expressions in it", span=aggregate.span, code="RUN035")
    if names == ["*"]:
        names = [name for name in reading.columns if name not in by and name != measured.name]
    found: list[tuple[str, ir.Expression]] = [
        (aggregate.alias or measured.name, ir.Call(call.function, (measured, measured)))
    ]
    return found + [(name, ir.Call(call.function, (measured, ir.FieldReference(name)))) for name in names]


def _kind_of_result(expression: ir.Expression, values: list[Any], reading: Reading) -> str:
    if isinstance(expression, ir.Call) and expression.function in ("min", "max", "arg_max", "arg_min", "take_any"):
        return kind_of(expression.arguments[-1], values, reading)
    return kind_of(ir.Constant(None), values, reading)


def _result(expression: ir.Expression, rows: Rows, reading: Reading) -> Any:
    """An expression over aggregates: each is computed first, and stands as its value."""
    results: dict[str, Any] = {}

    def change(node: object) -> object:
        if isinstance(node, ir.Call) and node.function in AGGREGATES:
            name = f"_rs_result_{len(results)}"
            results[name] = AGGREGATES[node.function](RowCall(node, {}, reading), rows)
            return ir.FieldReference(name, node.span)
        return node

    ready: ir.Expression = transform(expression, change)
    known = replace(reading, columns={**reading.columns, **dict.fromkeys(results, "dynamic")})
    return known.value(ready, results)


Aggregate = Callable[[RowCall, Rows], Any]
AGGREGATES: dict[str, Aggregate] = {}
"""Functions over the rows of a group, by name."""


def _aggregate(*names: str) -> Callable[[Aggregate], Aggregate]:
    def declare(function: Aggregate) -> Aggregate:
        AGGREGATES.update(dict.fromkeys(names, function))
        return function

    return declare


def _values(call: RowCall, rows: Rows, index: int = 0) -> list[Any]:
    """The values of an argument over the rows, those that are null left out."""
    found = [call.value(index, row) for row in rows]
    if any(isinstance(value, list) for value in found):
        raise call.refuse("the reference has no reading of lists in it")
    return [value for value in found if value is not None]


@_aggregate("count")
def count(call: RowCall, rows: Rows) -> int:
    """How many rows; over a column, how many values in SQL; over a condition in Kusto, for how many rows it is true."""
    if not len(call) or getattr(call.node.arguments[0], "name", "") == "*":
        return len(rows)
    if isinstance(call.node.arguments[0], ir.PredicateExpression):
        return sum(call.value(0, row) is True for row in rows)
    return len(_values(call, rows)) if call.reading.meaning.counts_values else len(rows)


@_aggregate("countif", "count_if")
def count_where(call: RowCall, rows: Rows) -> int:
    """For how many rows a condition is true."""
    return sum(truth(call.value(0, row), call.node) is True for row in rows)


@_aggregate("dc", "dcount")
def different(call: RowCall, rows: Rows) -> int:
    """How many different values; the empty text is one."""
    return len(set(_values(call, rows)))


@_aggregate("dcountif")
def different_where(call: RowCall, rows: Rows) -> int:
    """How many different values in rows for which a condition is true."""
    return len(set(_values(call, [row for row in rows if truth(call.value(1, row), call.node) is True])))


def _numbers(call: RowCall, rows: Rows) -> list[float]:
    found = _values(call, rows)
    if not all(isinstance(value, int | float) and not isinstance(value, bool) for value in found):
        raise call.refuse("the reference has no reading of other values than numbers")
    return found


@_aggregate("sum")
def total(call: RowCall, rows: Rows) -> Any:
    """The sum; of no numbers 0 in Kusto, NULL in SQL."""
    found = _numbers(call, rows)
    if not found:
        return call.reading.meaning.empty_sum
    size: Any = sum(found)
    return wrapped(size) if call.reading.meaning.wraps and isinstance(size, int) else size


@_aggregate("sumif")
def total_where(call: RowCall, rows: Rows) -> Any:
    """The sum over rows for which a condition is true."""
    return total(call, [row for row in rows if truth(call.value(1, row), call.node) is True])


@_aggregate("avg")
def mean(call: RowCall, rows: Rows) -> Any:
    """The mean; null of no numbers."""
    found = _numbers(call, rows)
    return sum(found) / len(found) if found else None


@_aggregate("min", "max")
def extreme(call: RowCall, rows: Rows) -> Any:
    """The least or greatest value."""
    found = _values(call, rows)
    if isinstance(call.node, ir.Call) and found:
        if any(isinstance(value, str) for value in found) and not call.reading.meaning.texts_have_extremes:
            raise call.refuse("the reference has no reading of texts in it")
        return min(found) if call.node.function == "min" else max(found)
    return None


@_aggregate("arg_max", "arg_min", "max_by", "min_by")
def of_extreme_row(call: RowCall, rows: Rows) -> Any:
    """The second value (SQL's first) in the row with the greatest or least first one (SQL's second)."""
    assert isinstance(call.node, ir.Call)
    measured, wanted = (0, 1) if call.node.function.startswith("arg") else (1, 0)
    pairs = [(value, row) for row in rows if (value := call.value(measured, row)) is not None]
    picked = call.reading.meaning.null_keys_picked
    if not pairs and picked and measured != wanted and any(row != rows[0] for row in rows):
        raise call.refuse("the reference has no reading of several rows without value")
    if not pairs:
        return call.value(wanted, rows[0]) if rows and picked else None
    best = (max if "max" in call.node.function else min)(value for value, _ in pairs)
    found = [row for value, row in pairs if value == best]
    if len(found) > 1 and measured != wanted and any(row != found[0] for row in found):
        raise call.refuse("the reference has no reading of several rows with the greatest value")
    return call.value(wanted, found[0])


@_aggregate("list", "make_list", "array_agg")
def listed(call: RowCall, rows: Rows) -> Any:
    """All values, but nulls, in the order of the rows; at most so many."""
    most = call.value(1) if len(call) > 1 else None
    return [_in_list(value, call) for value in _values(call, rows)][:most]


@_aggregate("values", "make_set")
def listedonce(call: RowCall, rows: Rows) -> Any:
    """All different values, in the order of the rows; at most so many."""
    most = call.value(1) if len(call) > 1 else None
    return once(_elements(call, rows))[:most]


@_aggregate("make_set_if", "make_list_if")
def listed_where(call: RowCall, rows: Rows) -> Any:
    """The same over rows for which a condition is true."""
    if len(call) > 2:
        raise call.refuse("the reference has no reading of how many values there are at most")
    kept = [row for row in rows if truth(call.value(1, row), call.node) is True]
    assert isinstance(call.node, ir.Call)
    if call.node.function == "make_set_if":
        return once(_elements(call, kept))
    return [_in_list(value, call) for value in _values(call, kept)]


def _elements(call: RowCall, rows: Rows) -> list[Any]:
    """The values of an argument; the elements of lists are elements of a set."""
    found = [call.value(0, row) for row in rows]
    if any(isinstance(value, list) for value in found) and not call.reading.meaning.times_as_printed:
        raise call.refuse("the reference has no reading of lists in it")
    spread = [one for value in found for one in (value if isinstance(value, list) else [value])]
    return [_in_list(value, call) for value in spread if value is not None]


@_aggregate("listagg")
def joined(call: RowCall, rows: Rows) -> Any:
    """The values as one text; the empty text of none."""
    return (text(call.value(1)) or "").join(text(value) or "" for value in _values(call, rows))


def _in_list(value: Any, call: RowCall) -> Any:
    if isinstance(value, Moment) and call.reading.meaning.times_as_printed:
        return moment_text(value)
    return value


@SNOWFLAKE.operation("window")
def over_window(call: RowCall) -> Any:
    """A function over the rows that agree with this one: all of them, or its number in their order."""
    function, *clauses = call.node.arguments
    parts = {clause.name: clause for clause in clauses if isinstance(clause, ir.Operation)}
    if (
        not isinstance(function, ir.Call)
        or len(parts) < len(clauses)
        or not parts.keys() <= {"partition_by", "order_by"}
    ):
        raise call.refuse("the reference has no reading of such a window")
    reading = call.reading
    by = parts["partition_by"].arguments if "partition_by" in parts else ()
    key = [reading.value(one, call.row) for one in by]
    members = [row for row in reading.around if [reading.value(one, row) for one in by] == key]
    if function.function == "row_number" and "order_by" in parts:
        return _number(call, members, parts["order_by"])
    if "order_by" in parts or function.function not in AGGREGATES:
        raise call.refuse("the reference has no reading of such a window")
    return AGGREGATES[function.function](RowCall(function, call.row, reading), members)


def _number(call: RowCall, rows: list[Row], order: ir.Operation) -> int:
    ranked = rows
    for key in reversed(order.arguments):
        descending, nulls = False, None
        while isinstance(key, ir.Operation) and key.name in ("descending", "ascending", "nulls_last", "nulls_first"):
            if key.name.startswith("nulls"):
                nulls = key.name == "nulls_first"
            else:
                descending = key.name == "descending"
            (key,) = key.arguments
        if not isinstance(key, ir.FieldReference) or column_of(key.name, call.reading) is None:
            raise call.refuse("the reference has no reading of an order by an expression")
        ranked = sorted_by(ranked, key.name, descending, descending if nulls is None else nulls, call.reading, key)
    return next(place for place, row in enumerate(ranked, 1) if row is call.row)
