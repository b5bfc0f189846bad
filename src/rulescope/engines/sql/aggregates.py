"""The functions of `stats` and its relatives over groups of rows, or over windows of them.

Facts: Splunk, Search Reference, "Aggregate functions", "Event order functions", "Multivalue stats and chart functions",
"Time functions". Percentiles interpolate (perc50 of 1 … 10 is 5.5), the median of an even number of values is the
higher of the two in the middle, the deviation of one value is 0, `list` keeps 100 values.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from sqlglot import exp

from rulescope import ir
from rulescope.engines.sql.build import call, column, number, sql
from rulescope.engines.sql.compiling import compile_expression
from rulescope.engines.sql.context import Context
from rulescope.engines.sql.frame import Frame
from rulescope.engines.sql.schema import ROW
from rulescope.engines.sql.values import (
    NULL_VALUE,
    NUMBERS,
    UNKNOWN,
    Type,
    Value,
    as_condition,
    as_integer,
    as_multi,
    as_number,
    as_text,
    auto_value,
    multi_value,
    number_value,
    spelt_value,
    truth_text,
    whole_value,
)
from rulescope.engines.sql.whole_numbers import exact_sum, one_spelling, spelt_extreme
from rulescope.errors import Refusal
from rulescope.ir.stages import Aggregate
from rulescope.ir.walk import transform, walk

LIST_LIMIT = 100
"""How many values `list` keeps (limits.conf, [stats] list_maxsize)."""

_NUMERIC = {
    "sum": "sum(:x)",
    "sumsq": "sum(:x * :x)",
    "avg": "avg(:x)",
    "stdevp": "stddev_pop(:x)",
    "varp": "var_pop(:x)",
    "range": "max(:x) - min(:x)",
}
_STATISTICAL = re.compile(
    "(avg|c|count|dc|distinct_count|earliest|estdc|first|last|latest|list|max|mean|median|min|mode|range|stdevp?|sum|sumsq"
    r"|values|varp?|p|perc|exactperc|upperperc|per_second|per_minute|per_hour|per_day)(\d+(?:\.\d+)?)?"
)
_SPELT = {"c": "count", "distinct_count": "dc", "p": "perc"}
_OF_VALUES = frozenset({"count", "dc", "values", "min", "max", "first", "last", "earliest", "latest"})
"""Functions that take truth values as they take any other, in languages whose fields hold them."""
_PER_UNIT = {"per_second": 1.0, "per_minute": 60.0, "per_hour": 3600.0, "per_day": 86400.0}


@dataclass(frozen=True, slots=True)
class AggregateScope:
    """Where aggregates are computed: over the groups of a query, or over windows.

    `wrap` is put around each aggregate call of the database. `sorted` says that the rows reach it in their order
    already (a window that is ordered by it), so that calls need no order of their own. `all_numeric` is the option
    `allnum`: statistics of numbers only where all values are numbers.
    """

    frame: Frame
    context: Context
    wrap: Callable[[exp.Expression], exp.Expression] = lambda node: node
    sorted: bool = False
    span_seconds: float | None = None
    row: exp.Expression | None = None
    all_numeric: bool = False

    @property
    def exact(self) -> bool:
        """Whether whole numbers keep all of their digits."""
        return self.context.dialect.exact_wholes

    def order(self) -> exp.Expression:
        """The number of the row."""
        return self.row.copy() if self.row is not None else column(ROW)


def aggregate_value(aggregate: Aggregate, scope: AggregateScope) -> Value:
    """The aggregate as a value over the rows of the scope."""
    if aggregate.function == "eval" and aggregate.argument is not None:
        return _over_results(aggregate, aggregate.argument, scope)
    return _Builder(aggregate, scope).build()


def _over_results(aggregate: Aggregate, expression: ir.Expression, scope: AggregateScope) -> Value:
    """An expression over statistical functions, as `chart eval(avg(size)/max(delay))` has it."""
    frame = scope.frame
    bound_names: set[str] = set()

    def change(node: object) -> object:
        nonlocal frame
        found = _STATISTICAL.fullmatch(node.function) if isinstance(node, ir.Call) else None
        if found is None or not isinstance(node, ir.Call) or len(node.arguments) > 1:
            return node
        name = f"_rs_result_{len(bound_names)}"
        part = Aggregate(
            _SPELT.get(found.group(1), found.group(1)),
            node.arguments[0] if node.arguments else None,
            parameter=float(found.group(2)) if found.group(2) else None,
            span=node.span,
        )
        frame = frame.binding(name, replace(aggregate_value(part, scope), constant=UNKNOWN))
        bound_names.add(name)
        return ir.FieldReference(name, node.span)

    result = transform(expression, change)
    named = {node.name for node in walk(result) if isinstance(node, ir.FieldReference)}
    if not named | {node.field for node in walk(result) if isinstance(node, ir.Compare)} <= bound_names:
        message = "an expression over functions may name fields inside them only"
        raise Refusal(message, span=aggregate.span, code="RUN039")
    return compile_expression(result, frame, scope.context)


def aggregate_of_items(aggregate: Aggregate, items: exp.Expression, scope: AggregateScope) -> Value:
    """The aggregate over the values in a list, in order; for windows in which only some rows count."""
    return _Builder(aggregate, scope).of_items(items)


class _Builder:
    def __init__(self, aggregate: Aggregate, scope: AggregateScope) -> None:
        self.aggregate = aggregate
        self.scope = scope

    def build(self) -> Value:
        function = self.aggregate.function
        if function in _PER_UNIT and self.scope.span_seconds is None:
            raise Refusal(f"{function} needs the spans of timechart", span=self.aggregate.span, code="RUN039")
        argument = self.argument()
        if argument is None:
            if function == "count":
                return self.count_where(None)
            raise Refusal(f"{function} needs a field", span=self.aggregate.span, code="RUN039")
        if argument.type is Type.BOOL and self.scope.context.dialect.conditions_are_values and function in _OF_VALUES:
            argument = auto_value(truth_text(argument.node))
        if argument.type is Type.BOOL:
            if function == "count":
                return self.count_where(as_condition(argument))
            argument = number_value(as_number(argument))
        if argument.type is Type.NULL:
            return self.whole(number_value(number(0))) if function in _COUNTS else NULL_VALUE
        if argument.type is Type.MULTI:
            return self.over_lists(argument)
        return self.over_values(argument)

    def argument(self) -> Value | None:
        argument = self.aggregate.argument
        if argument is None:
            return None
        return compile_expression(argument, self.scope.frame, self.scope.context)

    def aggregate_call(
        self, node: exp.Expression, *, where: exp.Expression | None = None, ordered: bool = False
    ) -> exp.Expression:
        """A database aggregate: its filter, its order and, in a window, the window put around it."""
        if ordered and not self.scope.sorted:
            order = exp.Order(
                this=node.expressions[0].copy() if isinstance(node, exp.Anonymous) else node.this.copy(),
                expressions=[exp.Ordered(this=self.scope.order())],
            )
            if isinstance(node, exp.Anonymous):
                node.set("expressions", [order, *node.expressions[1:]])
            else:
                node.set("this", order)
        if where is not None:
            node = exp.Filter(this=node, expression=exp.Where(this=where))
        return self.scope.wrap(node)

    def wrapped(self, template: str, node: exp.Expression) -> exp.Expression:
        """A template over `:x` whose aggregate calls are all put through `aggregate_call`."""
        tree = sql(template, x=node)
        return tree.transform(lambda part: self.scope.wrap(part.copy()) if _is_aggregate(part) else part)

    def count_where(self, condition: exp.Expression | None) -> Value:
        counted = self.aggregate_call(exp.Count(this=exp.Star()), where=condition)
        return self.whole(number_value(exp.cast(counted, "DOUBLE")))

    def whole(self, value: Value) -> Value:
        """A number that is a whole one in each language that has these."""
        return whole_value(as_integer(value)) if self.scope.context.dialect.wholes else value

    def numeric(self, template: str, node: exp.Expression) -> Value:
        return number_value(exp.cast(self.wrapped(template, node), "DOUBLE"))

    def over_values(self, argument: Value) -> Value:
        function = self.aggregate.function
        node = argument.node
        present = sql("(:x IS NOT NULL)", x=node)
        match function:
            case "count":
                return self.whole(self.numeric("count(:x)", node))
            case "dc" | "estdc" | "distinct_count":
                return self.whole(self.numeric("count(DISTINCT :x)", one_spelling(argument)))
            case "sum" if self.scope.context.dialect.wholes and argument.type is not Type.NUMBER:
                return exact_sum(argument, self.wrapped)
            case "estdc_error":
                return number_value(number(0))
            case "values":
                # Not list(DISTINCT x), nor a FILTER: hundreds of those in one query take seconds to plan.
                items = self.aggregate_call(call("list", as_text(argument)))
                return multi_value(sql("list_sort(spl_filled(list_distinct(:x)))", x=items))
            case "list":
                items = self.aggregate_call(call("list", as_text(argument)), where=present, ordered=True)
                return multi_value(sql(f"spl_filled(list_slice(:x, 1, {LIST_LIMIT}))", x=items))
            case "first" | "last" | "earliest" | "latest":
                return replace(argument, node=self.extreme_row(node, present), constant=UNKNOWN)
            case "earliest_time" | "latest_time":
                return number_value(self.time_bound("min" if function == "earliest_time" else "max", present))
            case "min" | "max":
                return self.extreme(argument)
            case "mode":
                found = auto_value(self.wrapped("mode(:x)", as_text(argument)))
                return replace(found, mixed=argument.type in NUMBERS)
        result = self.of_numbers(as_number(argument))
        if not self.scope.all_numeric or argument.type is Type.NUMBER:
            return result
        other = self.numeric("count(:x)", sql("CASE WHEN spl_number(:x) IS NULL THEN :x END", x=as_text(argument)))
        return replace(result, node=sql("CASE WHEN :o = 0 THEN :r END", o=other.node, r=result.node))

    def extreme_row(self, node: exp.Expression, present: exp.Expression) -> exp.Expression:
        """The value in the first or last row, by order or by time, that has one."""
        function = self.aggregate.function
        pick = "arg_min" if function in {"first", "earliest"} else "arg_max"
        key = self.scope.order()
        if function in {"earliest", "latest"}:
            time = self.scope.frame.value("_time")
            if time is None:
                return exp.cast(exp.Null(), "VARCHAR")
            # Of events of one time, the one that comes later where the newest come first is the earlier one.
            place = sql("(- :r)", r=key) if self.scope.context.newest_first else key
            key = sql("row(:t, :r)", t=as_number(time), r=place)
        return self.aggregate_call(call(pick, node, key), where=present)

    def time_bound(self, name: str, present: exp.Expression) -> exp.Expression:
        time = self.scope.frame.value("_time")
        if time is None:
            return exp.cast(exp.Null(), "DOUBLE")
        return self.aggregate_call(call(name, as_number(time)), where=present)

    def extreme(self, argument: Value) -> Value:
        """Smallest or largest: by number where all values are numbers, else numbers come before text, but for the empty
        one, which is before all else."""
        name = self.aggregate.function
        if argument.type is Type.NUMBER:
            return self.numeric(f"{name}(:x)", argument.node)
        if argument.type is Type.WHOLE:
            return whole_value(self.wrapped(f"{name}(:x)", argument.node))
        text = as_text(argument)
        by_number = self.wrapped(f"{name}(spl_number(:x))", text)
        spelt = sql("(spl_number(:x) IS NULL AND :x <> '')", x=text)
        by_text = self.aggregate_call(call(name, text), where=spelt)
        empty = self.aggregate_call(call(name, text), where=sql("(:x = '')", x=text))
        number_of = sql("spl_text(:n)", n=by_number)
        if self.scope.exact:
            number_of = sql("spl_exact_text(:n, :w)", n=by_number, w=self.wrapped(f"{name}(spl_wide(:x))", text))
        template = "COALESCE(:e, :n, :t)" if name == "min" else "COALESCE(:t, :n, :e)"
        if self.scope.context.dialect.wholes:
            # Of doubles it is one, also where it has no fraction.
            number_of = spelt_extreme(text, number_of, by_number, self.wrapped)
            return spelt_value(sql(template, n=number_of, t=by_text, e=empty))
        return replace(auto_value(sql(template, n=number_of, t=by_text, e=empty)), mixed=True)

    def of_numbers(self, node: exp.Expression) -> Value:
        aggregate = self.aggregate
        function = aggregate.function
        if function in _NUMERIC:
            return self.numeric(_NUMERIC[function], node)
        match function:
            case "mean":
                return self.numeric("avg(:x)", node)
            case "stdev":
                return self.numeric("CASE WHEN count(:x) = 1 THEN 0 ELSE stddev_samp(:x) END", node)
            case "var":
                return self.numeric("CASE WHEN count(:x) = 1 THEN 0 ELSE var_samp(:x) END", node)
            case "median":
                items = self.wrapped("list(:x) FILTER (WHERE :x IS NOT NULL)", node)
                return number_value(sql("spl_median(:x)", x=items))
            case "perc" | "exactperc" | "upperperc":
                share = min(max((aggregate.parameter or 0.0) / 100, 0.0), 1.0)
                return self.numeric(f"quantile_cont(:x, CAST({share!r} AS DOUBLE))", node)
            case "rate" | "rate_avg" | "rate_sum":
                return self.rate(node)
        if function in _PER_UNIT:
            total = self.numeric("sum(:x)", node)
            assert self.scope.span_seconds is not None
            return number_value(sql(":s * :f", s=total.node, f=_PER_UNIT[function] / self.scope.span_seconds))
        raise Refusal(f"the function '{function}' is not supported here", span=aggregate.span, code="RUN011")

    def rate(self, node: exp.Expression) -> Value:
        """The change between the earliest and the latest value, over the seconds between them."""
        time = self.scope.frame.value("_time")
        if time is None:
            return NULL_VALUE
        present = sql("(:x IS NOT NULL)", x=node)
        at = as_number(time)
        parts = {
            name: self.aggregate_call(call(function, *arguments), where=present)
            for name, function, arguments in (
                ("first", "arg_min", (node, at)),
                ("last", "arg_max", (node, at)),
                ("start", "min", (at,)),
                ("end", "max", (at,)),
            )
        }
        return number_value(sql("(:last - :first) / NULLIF(:end - :start, 0)", **parts))

    def over_lists(self, argument: Value) -> Value:
        """Over a multivalue field: each value counts."""
        function = self.aggregate.function
        node = argument.node
        present = sql("(:x IS NOT NULL)", x=node)
        if function == "count":
            return self.whole(number_value(sql("COALESCE(:s, 0)", s=self.numeric("sum(len(:x))", node).node)))
        if function in {"first", "last", "earliest", "latest"}:
            return replace(argument, node=self.extreme_row(node, present))
        if function in {"earliest_time", "latest_time", "rate"}:
            return self.over_values(argument)
        lists = self.aggregate_call(call("list", as_multi(argument)), where=present, ordered=function == "list")
        return self.of_items(sql("spl_filled(flatten(:x))", x=lists))

    def of_items(self, items: exp.Expression) -> Value:
        """Over all values of a group in one list, in the order of the rows; NULL where there is none."""
        function = self.aggregate.function
        match function:
            case "count":
                return self.whole(number_value(sql("CAST(COALESCE(len(:x), 0) AS DOUBLE)", x=items)))
            case "first":
                return auto_value(sql("list_extract(:x, 1)", x=items))
            case "last":
                return auto_value(sql("list_extract(:x, -1)", x=items))
            case "values":
                return multi_value(sql("list_sort(list_distinct(:x))", x=items))
            case "list":
                return multi_value(sql(f"list_slice(:x, 1, {LIST_LIMIT})", x=items))
            case "dc" | "estdc" | "distinct_count":
                return self.whole(number_value(sql("CAST(COALESCE(len(list_distinct(:x)), 0) AS DOUBLE)", x=items)))
            case "min" | "max":
                name = f"spl_exact_{function}_of" if self.scope.exact else f"spl_{function}_of"
                return Value(call(name, items), Type.AUTO, mixed=True)
            case "mode":
                return auto_value(sql("list_mode(:x)", x=items))
        if function == "sum" and self.scope.context.dialect.wholes:
            return spelt_value(call("spl_spelt_sum", items))
        numbers = sql("list_filter(list_transform(:x, lambda v: spl_number(v)), lambda v: v IS NOT NULL)", x=items)
        result = self.list_number(numbers)
        if self.scope.all_numeric:
            result = sql("CASE WHEN len(:n) = len(:x) THEN :r END", n=numbers, x=items, r=result)
        return number_value(result)

    def list_number(self, numbers: exp.Expression) -> exp.Expression:
        function = self.aggregate.function
        match function:
            case "sum" | "avg":
                return call(f"list_{function}", numbers)
            case "mean":
                return call("list_avg", numbers)
            case "sumsq":
                return sql("list_sum(list_transform(:x, lambda v: v * v))", x=numbers)
            case "range":
                return sql("list_max(:x) - list_min(:x)", x=numbers)
            case "median":
                return sql("spl_median(:x)", x=numbers)
            case "stdev":
                return sql("CASE WHEN len(:x) = 1 THEN 0 ELSE list_stddev_samp(:x) END", x=numbers)
            case "var":
                return sql("CASE WHEN len(:x) = 1 THEN 0 ELSE list_var_samp(:x) END", x=numbers)
            case "stdevp":
                return call("list_stddev_pop", numbers)
            case "varp":
                return call("list_var_pop", numbers)
            case "perc" | "exactperc" | "upperperc":
                return call("spl_percentile", numbers, number((self.aggregate.parameter or 0.0) / 100))
        raise Refusal(f"{function} over a multivalue field is not supported", span=self.aggregate.span, code="RUN011")


_COUNTS = frozenset({"count", "dc", "estdc", "estdc_error"})
_AGGREGATES = frozenset({"list", "arg_min", "arg_max", "mode", "stddev_samp", "stddev_pop", "var_samp", "var_pop"})


def _is_aggregate(node: exp.Expression) -> bool:
    """Whether the node is the outermost part of one aggregate call."""
    if isinstance(node, exp.Filter):
        return True
    if isinstance(node.parent, exp.Filter):
        return False
    return isinstance(node, exp.AggFunc) or (isinstance(node, exp.Anonymous) and node.name.lower() in _AGGREGATES)
