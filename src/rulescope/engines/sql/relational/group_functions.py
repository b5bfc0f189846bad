"""Functions over groups of rows: what `summarize` and GROUP BY compute of each group."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from sqlglot import exp

from rulescope import ir
from rulescope.engines.sql.build import bound, call, column, integer, literal, sql
from rulescope.engines.sql.compiling import compile_expression, compile_predicate
from rulescope.engines.sql.context import Context
from rulescope.engines.sql.frame import Frame
from rulescope.engines.sql.relational.aggregate_names import AGGREGATES, BITS, CONDITIONAL, PAIRS, PLAIN, SPELT
from rulescope.engines.sql.relational.bags import merged_list
from rulescope.engines.sql.relational.column_types import kind_of_column
from rulescope.engines.sql.relational.common_functions import condition_of
from rulescope.engines.sql.relational.group_values import (
    Over,
    ResultScope,
    bits,
    extreme,
    filtered_by,
    list_in_order,
    of_pairs,
    value_of_sql,
)
from rulescope.engines.sql.relational.lists import MOST_VALUES, typed_json
from rulescope.engines.sql.relational.ordering import ordered_key
from rulescope.engines.sql.relational.scope import Scope, typed
from rulescope.engines.sql.relational.table_rows import TypedColumn
from rulescope.engines.sql.schema import ROW
from rulescope.engines.sql.values import (
    UNKNOWN,
    Type,
    Value,
    as_json,
    as_number,
    as_text,
    json_value,
    multi_value,
    number_value,
    whole_value,
)
from rulescope.engines.sql.whole_numbers import narrowed
from rulescope.errors import Refusal
from rulescope.ir.stages import Aggregate
from rulescope.text import Span


def spelt(name: str) -> str:
    """The one name of a function over groups that has several."""
    return SPELT.get(name, name)


def is_recorded(frame: Frame, name: str) -> bool:
    """Whether logs record all that a column comes from."""
    entry = frame.schema.fields.get(name)
    return not isinstance(entry, TypedColumn) or entry.recorded


def _most(arguments: Sequence[ir.Expression]) -> int:
    """How many values a list or an object has at most: what the second argument says."""
    said = arguments[1].value if len(arguments) > 1 and isinstance(arguments[1], ir.Constant) else None
    return said if isinstance(said, int) else MOST_VALUES


Result = tuple[str, Value, str, bool]
"""A column of the result: its name, value and kind, and whether logs record all that it comes from."""


class Aggregator:
    """Functions over the groups of the rows of one frame, or, where a window is `put` around each, over windows."""

    def __init__(
        self, frame: Frame, context: Context, put: Callable[[exp.Expression], exp.Expression] = lambda node: node
    ) -> None:
        self.frame = frame
        self.context = context
        self.put = put
        self.scope = Scope(frame, context, deciding=False)

    def results(self, aggregate: Aggregate, keys: set[str]) -> list[Result]:
        """The columns that an aggregate gives: one, or, for a whole row, many."""
        name = SPELT.get(aggregate.function, aggregate.function)
        argument = aggregate.argument
        if name in ("arg_max", "arg_min") and isinstance(argument, ir.Call):
            return self.extreme_rows(aggregate, argument, name, keys)
        if name == "percentiles" and isinstance(argument, ir.Call) and aggregate.alias is None:
            return self.percentiles(argument)
        if name in ("take_any",) and isinstance(argument, ir.Call) and aggregate.computed:
            return self.any_rows(argument, aggregate.alias, keys)
        value, kind = self.one(aggregate)
        kept, kind = typed(value, kind, aggregate.span)
        return [(aggregate.result_name, kept, kind, not self.scope.unrecorded)]

    def percentiles(self, given: ir.Call) -> list[Result]:
        """`percentiles(x, 5, 95)`: a column for each share."""
        first, *shares = given.arguments
        found: list[Result] = []
        for share in shares:
            value, kind = self.function("percentile", (first, share), given.span)
            number = share.value if isinstance(share, ir.Constant) else ""
            name = f"percentile_{first.name if isinstance(first, ir.FieldReference) else ''}_{number}"
            found.append((name, value, kind, not self.scope.unrecorded))
        return found

    def one(self, aggregate: Aggregate) -> tuple[Value, str]:
        """The value of an aggregate and its kind."""
        name = SPELT.get(aggregate.function, aggregate.function)
        argument = aggregate.argument
        if isinstance(argument, ir.Call) and aggregate.computed and name not in ("count",):
            own = SPELT.get(argument.function, argument.function)
            if own in AGGREGATES or name == "expression" or name not in AGGREGATES:
                return self.expression(argument)
        if name == "expression" and argument is not None:
            return self.expression(argument)
        arguments = () if argument is None else (argument,)
        if aggregate.parameter is not None:
            arguments = (*arguments, ir.Constant(aggregate.parameter))
        return self.function(name, arguments, aggregate.span)

    def expression(self, expression: ir.Expression) -> tuple[Value, str]:
        """A value computed from the results of aggregates, such as `round(avg(x), 2)`."""
        if isinstance(expression, ir.Call):
            name = SPELT.get(expression.function, expression.function)
            if name in AGGREGATES:
                return self.function(name, expression.arguments, expression.span)
        if isinstance(expression, ir.Operation) and expression.name == "within_group":
            return self.in_order(expression)
        held: list[tuple[Value, str]] = []
        frame = self.frame

        def inner(node: ir.Expression) -> ir.Expression:
            nonlocal frame
            match node:
                case ir.Call(function, arguments) | ir.Operation("within_group", (ir.Call(function), _) as arguments):
                    if SPELT.get(function, function) in AGGREGATES:
                        value, kind = self.expression(node)
                        mark = f"_rs_result_{len(held)}"
                        held.append((value, kind))
                        frame = frame.binding(mark, replace(value, constant=UNKNOWN))
                        return ir.Operation("kept", (ir.FieldReference(mark), ir.Constant(kind)), node.span)
                    return replace(node, arguments=tuple(inner(one) for one in arguments))
                case ir.Operation(arguments=arguments):
                    return replace(node, arguments=tuple(inner(one) for one in arguments))
                case ir.Binary(left=left, right=right):
                    return replace(node, left=inner(left), right=inner(right))
                case ir.Unary(operand=operand):
                    return replace(node, operand=inner(operand))
            return node

        changed = inner(expression)
        if not held and not isinstance(expression, ir.Constant):
            raise Refusal("a column of a group is a key, or a function over rows", span=expression.span, code="RUN039")
        scope = ResultScope(frame, self.context, deciding=False)
        scope.held = [kind for _, kind in held]
        ready = scope.expression(changed)
        kind = scope.kind(ready)
        self.scope.unrecorded |= scope.unrecorded
        return compile_expression(ready, scope.frame, self.context), kind

    def argument(self, expression: ir.Expression) -> tuple[Value, str]:
        """The value of an argument and its kind, as its column is typed."""
        ready = self.scope.expression(expression)
        value = compile_expression(ready, self.scope.frame, self.context)
        return typed(value, self.scope.kind(ready), expression.span)

    def condition(self, expression: ir.Expression) -> exp.Expression:
        """An argument that is a condition."""
        scope = Scope(self.frame, self.context, deciding=True)
        if isinstance(expression, ir.PredicateExpression):
            return compile_predicate(scope.predicate(expression.predicate), scope.frame, self.context, positive=False)
        ready = scope.expression(expression)
        return condition_of(compile_expression(ready, scope.frame, self.context))

    def in_order(self, operation: ir.Operation) -> tuple[Value, str]:
        """`f(…) WITHIN GROUP (ORDER BY …)`: a function over the rows of the groups in an order."""
        call_, order = operation.arguments
        assert isinstance(call_, ir.Call) and isinstance(order, ir.Operation)
        name = SPELT.get(call_.function, call_.function)
        if name in ("percentile_cont", "percentile_disc"):
            key, said = order.arguments[0], set()
            while isinstance(key, ir.Operation):
                said.add(key.name)
                key = key.arguments[0]
            if len(order.arguments) > 1 or "descending" in said:
                raise Refusal(
                    f"{name} is supported in ascending order of one value", span=operation.span, code="RUN035"
                )
            return self.function(name, (key, *call_.arguments), operation.span)
        keys = [ordered_key(one, lambda item: self.argument(item)[0]) for one in order.arguments]
        return self.function(name, call_.arguments, operation.span, keys)

    def function(
        self, name: str, arguments: Sequence[ir.Expression], span: Span, order: Sequence[exp.Ordered] = ()
    ) -> tuple[Value, str]:
        """One function over the rows of the groups."""
        filtered: exp.Expression | None = None
        if name in CONDITIONAL:
            if len(arguments) < 2:
                raise Refusal(f"{name} needs a condition", span=span, code="RUN038")
            filtered = self.condition(arguments[1])
            name = SPELT.get(CONDITIONAL[name], CONDITIONAL[name])
            arguments = (arguments[0], *arguments[2:])
        if name.endswith("if") and name.removesuffix("if") in PAIRS and len(arguments) == 3:
            filtered, name, arguments = self.condition(arguments[2]), name.removesuffix("if"), arguments[:2]
        if name in ("count", "countif"):
            return self._counted(name, arguments, filtered, span)
        if not arguments:
            raise Refusal(f"{name} needs a column", span=span, code="RUN038")
        distinct_only = isinstance(arguments[0], ir.Call) and arguments[0].function == "distinct"
        if distinct_only:
            arguments = (*arguments[0].arguments, *arguments[1:])  # type: ignore[union-attr]
            name = {"make_list": "make_set"}.get(name, name)
        value, kind = self.argument(arguments[0])
        order = [*order, exp.Ordered(this=column(ROW))]

        def over(node: exp.Expression) -> exp.Expression:
            return self.put(filtered_by(node, filtered))

        if name == "dc":
            distinct = exp.Count(this=exp.Distinct(expressions=[as_text(value)]))
            return whole_value(over(distinct)), "long"
        if name in PLAIN:
            return self._plain(name, value, kind, over, distinct_only)
        if name in ("min", "max"):
            return extreme(name, value, kind, over, variants=not self.context.dialect.lists_opened)
        if name in BITS:
            return bits(name, value, over), "long"
        if name in PAIRS and len(arguments) == 2:
            return of_pairs(name, value, self.argument(arguments[1])[0], over), "real"
        if name == "percentiles_array":
            return self._percentile_list(arguments, span), "list"
        if name in ("make_set", "make_list", "make_list_with_nulls"):
            return self._list(name, value, kind, arguments, over, order), "list"
        if name == "take_any":
            picked = call("arg_min", call("list_value", value.node), column(ROW))
            return Value(sql("list_extract(:x, 1)", x=over(picked)), value.type), kind
        if name in ("max_by", "min_by"):
            key, _ = self.argument(arguments[1])
            return self._picked(value, key, name == "max_by"), kind
        if name == "make_bag":
            return self._bag(value, arguments, over), "dynamic"
        others = [self.argument(one) for one in arguments[1:]]
        if name == "percentile" and len(others) == 1:
            share = others[0][0].constant
            if isinstance(share, int | float) and 0 <= share <= 100:
                return self._quantile(value, kind, share, over)
        more = value_of_sql(name, (value, kind), others, over, order, distinct_only)
        if more is not None:
            return more
        raise Refusal(f"the function '{name}' over groups is not supported", span=span, code="RUN011")

    def _plain(self, name: str, value: Value, kind: str, over: Over, distinct: bool) -> tuple[Value, str]:
        """A sum, a mean, a spread of numbers."""
        template, wanted = PLAIN[name]
        whole = name == "sum" and value.type is Type.WHOLE
        summed = value.node if whole else as_number(value)
        tree = over(sql(template, x=exp.Distinct(expressions=[summed]) if distinct else summed))
        if name in self.context.dialect.zero_of_nothing:
            values = over(exp.Count(this=as_number(value)))
            tree = sql("CASE WHEN :n = 0 THEN 0 ELSE :x END", n=values, x=tree)
        if whole:
            return narrowed(tree, self.context.dialect.wholes), kind
        return number_value(exp.cast(tree, "DOUBLE")), kind if (wanted, kind) == ("first", "timespan") else "real"

    def _quantile(self, value: Value, kind: str, share: float, over: Over) -> tuple[Value, str]:
        """The value below which so many of a hundred lie."""
        stepped = self.context.dialect.stepped_quantiles
        held = value if stepped and value.type is Type.WHOLE else number_value(as_number(value))
        tree = over(call("quantile_disc" if stepped else "quantile_cont", held.node, literal(share / 100)))
        kept = kind if kind in ("long", "datetime", "timespan") else "real"
        return replace(held, node=tree, constant=UNKNOWN), kept

    def _counted(
        self, name: str, arguments: Sequence[ir.Expression], filtered: exp.Expression | None, span: Span
    ) -> tuple[Value, str]:
        """How many rows there are, or, in SQL, how many values a column has."""
        rows = exp.Count(this=exp.Star())
        if name == "countif":
            return self._count(rows, self.condition(arguments[0])), "long"
        if not arguments or (isinstance(arguments[0], ir.FieldReference) and arguments[0].name == "*"):
            return self._count(rows, filtered), "long"
        if isinstance(arguments[0], ir.PredicateExpression) and self.context.dialect.counts_conditions:
            return self._count(rows, self.condition(arguments[0])), "long"
        if isinstance(arguments[0], ir.Call) and arguments[0].function == "distinct":
            return self.function("dc", arguments[0].arguments, span)
        value, _ = self.argument(arguments[0])
        return self._count(
            rows if self.context.dialect.counts_conditions else exp.Count(this=value.node), filtered
        ), "long"

    def _count(self, node: exp.Expression, condition: exp.Expression | None) -> Value:
        return whole_value(self.put(filtered_by(node, condition)))

    def _list(
        self,
        name: str,
        value: Value,
        kind: str,
        arguments: Sequence[ir.Expression],
        over: Over,
        keys: Sequence[exp.Ordered],
    ) -> Value:
        """`make_set` and `make_list`: values that are null are left out (reference, "make_set()")."""
        most = _most(arguments)
        of_texts = value.type is Type.TEXT and kind != "bool"
        opened = self.context.dialect.lists_opened
        flat = value.type is Type.MULTI and opened
        node = value.node if of_texts or flat else typed_json(value, kind)
        if name == "make_list_with_nulls":
            there = sql("COALESCE(:x, CAST('null' AS JSON))", x=typed_json(value, kind))
            return json_value(sql("to_json(list_slice(COALESCE(:l, []), 1, :n))", l=over(list_in_order(there, keys)),
                                  n=integer(most)))  # fmt: skip
        items = sql("list_filter(COALESCE(:l, []), lambda v: v IS NOT NULL)", l=over(list_in_order(node, keys)))
        if flat:
            items = sql("flatten(:l)", l=items)
        elif not of_texts and name == "make_set" and opened:
            # The elements of lists are elements of the set ("make_set()").
            inner = "CASE WHEN json_type(v) = 'ARRAY' THEN json_extract(v, '$[*]') ELSE CAST([v] AS JSON[]) END"
            items = sql(f"flatten(list_transform(:l, lambda v: {inner}))", l=items)
        if name == "make_set":
            items = sql("spl_distinct(:x)", x=items)
        items = sql("list_slice(:x, 1, :n)", x=items, n=integer(most))
        return multi_value(items) if of_texts or flat else json_value(sql("to_json(:x)", x=items))

    def _percentile_list(self, arguments: Sequence[ir.Expression], span: Span) -> Value:
        """`percentiles_array(x, 5, 95)`, or with the shares as a list: the percentiles as a list."""
        first, *shares = arguments
        if len(shares) == 1 and isinstance(shares[0], ir.Call) and shares[0].function == "pack_array":
            shares = list(shares[0].arguments)
        found = [self.function("percentile", (first, share), span) for share in shares]
        return json_value(call("json_array", *(typed_json(value, kind) for value, kind in found)))

    def _bag(self, value: Value, arguments: Sequence[ir.Expression], over: Over) -> Value:
        """`make_bag`: the members of the objects in one; of a key that several have, what the first of them says."""
        most = _most(arguments)
        node = as_json(value)
        objects = sql("CASE WHEN json_type(:x) = 'OBJECT' THEN :x END", x=node)
        listed = over(list_in_order(objects, [exp.Ordered(this=column(ROW))]))
        listed = sql("list_filter(COALESCE(:l, []), lambda v: v IS NOT NULL)", l=listed)
        return json_value(bound(listed, lambda items: merged_list(items, most).node))

    def _picked(self, value: Value, key: Value, largest: bool) -> Value:
        """The value in the row with the greatest (least) key; of several such rows the first. A row without key is the
        last choice in Kusto ("arg_max()", null handling) and none in SQL."""
        row = sql("(- :r)", r=column(ROW)) if largest else column(ROW)
        there = "IS NOT NULL" if largest else "IS NULL"
        order = sql(f"row(:k {there}, :k, :r)", k=key.node, r=row)
        node: exp.Expression = call("arg_max" if largest else "arg_min", call("list_value", value.node), order)
        if not self.context.dialect.null_keys_picked:
            node = exp.Filter(this=node, expression=exp.Where(this=sql("(:k IS NOT NULL)", k=key.node)))
        return Value(sql("list_extract(:x, 1)", x=self.put(node)), value.type)

    def extreme_rows(self, aggregate: Aggregate, given: ir.Call, name: str, keys: set[str]) -> list[Result]:
        """`arg_max(key, columns)`: the columns of the row with the greatest key, and that key."""
        first, *rest = given.arguments
        key, key_kind = self.argument(first)
        alias = aggregate.alias
        key_name = alias or (first.name if isinstance(first, ir.FieldReference) else f"max_{given.function}_1")
        recorded = not self.scope.unrecorded
        largest = name == "arg_max"
        found: list[Result] = [(key_name, Value(call("max" if largest else "min", key.node), key.type), key_kind,
                                recorded)]  # fmt: skip
        for item in rest:
            if isinstance(item, ir.FieldReference) and item.name == "*":
                for column_name, entry in self.frame.schema.fields.items():
                    if column_name in keys or column_name == key_name:
                        continue
                    value = self._picked(entry.value(), key, largest)
                    found.append((column_name, value, kind_of_column(entry), is_recorded(self.frame, column_name)))
                continue
            self.scope.unrecorded = set()
            value, kind = self.argument(item)
            named = item.name if isinstance(item, ir.FieldReference) else f"{given.function}_{len(found)}"
            found.append((named, self._picked(value, key, largest), kind, not self.scope.unrecorded))
        return found

    def any_rows(self, given: ir.Call, alias: str | None, keys: set[str]) -> list[Result]:
        """`take_any(columns)`: the columns of some row; here of the first. `any(columns)` names them `any_column`."""
        before = "any_" if given.function == "any" else ""
        row = Value(exp.cast(column(ROW), "DOUBLE"), Type.NUMBER)
        found: list[Result] = []
        for item in given.arguments:
            if not isinstance(item, ir.FieldReference):
                raise Refusal("take_any takes columns", span=given.span, code="RUN039")
            names = list(self.frame.schema.fields) if item.name == "*" else [item.name]
            for name in names:
                if name in keys:
                    continue
                value, kind = self.argument(ir.FieldReference(name, item.span))
                named = f"{before}{name}" if alias is None or found else alias
                found.append((named, self._picked(value, row, False), kind, is_recorded(self.frame, name)))
        return found
