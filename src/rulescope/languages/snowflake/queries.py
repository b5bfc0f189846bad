"""Snowflake's SELECT as stages: where rows come from, joins, WHERE, grouping, HAVING, columns, order, limit."""

from __future__ import annotations

import dataclasses
from typing import TypeVar

from sqlglot import exp

from rulescope import ir
from rulescope.ir import Binary, FieldReference, Pipeline, Predicate
from rulescope.ir.stages import (
    Aggregate,
    Argument,
    Assignment,
    Command,
    Dedup,
    Eval,
    Head,
    Join,
    MvExpand,
    Origin,
    SetOperation,
    Sort,
    SortKey,
    Stage,
    Stats,
    Table,
    Union,
    Where,
)
from rulescope.ir.walk import walk
from rulescope.languages.common.tokens import MAXIMUM_DEPTH, SyntaxProblem
from rulescope.languages.snowflake.conditions import Conditions, as_expression, column_name
from rulescope.languages.snowflake.places import Places
from rulescope.text import NO_SPAN, Diagnostic, Span

MAXIMUM_NODES = 60_000
"""Parts of the tree that come of putting in the queries that WITH names."""

_AGGREGATES: dict[type[exp.Expr], str] = {
    exp.Count: "count", exp.Sum: "sum", exp.Avg: "avg", exp.Min: "min", exp.Max: "max", exp.Stddev: "stdev",
    exp.StddevPop: "stdevp", exp.StddevSamp: "stdev", exp.Variance: "var", exp.VariancePop: "varp",
    exp.Median: "median", exp.ArrayAgg: "list", exp.ArrayUniqueAgg: "values", exp.ApproxDistinct: "estdc",
    exp.Mode: "mode",
}  # fmt: skip
Kind = TypeVar("Kind", bound=Stage)


class Queries:
    """Turns queries into stages. `names` are those that WITH gives; `diagnostics` what was found."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self.conditions = Conditions(places, self.pipeline)
        self.names: dict[str, tuple[Stage, ...]] = {}
        self.nodes = 0
        self.depth = 0

    def pipeline(self, node: exp.Expr) -> Pipeline:
        """A query inside another."""
        stages = self.stages(node)
        return Pipeline(tuple(stages), span=self.places.span(node))

    def stages(self, node: exp.Expr) -> list[Stage]:
        """The stages of a query. Raises `SyntaxProblem` for a statement that is none, or that nests too deep."""
        self.depth += 1
        if self.depth > MAXIMUM_DEPTH:
            message = f"queries nest deeper than {MAXIMUM_DEPTH}"
            raise SyntaxProblem(Diagnostic("SNO003", message, self.places.span(node)))
        kept = self.names
        try:
            self._named(node)
            match node:
                case exp.Select():
                    return self._select(node)
                case exp.Subquery(this=inner) if isinstance(inner, exp.Expr):
                    return [*self.stages(inner), *self._ordered(node)]
                case exp.SetOperation():
                    return [*self._combined(node), *self._ordered(node)]
                case exp.Table():
                    return self._table(node)
                case exp.Values():
                    return [self._at(Command(name="values"), self.places.span(node))]
            found = Diagnostic("SNO006", f"a {node.key} statement is no query", self.places.span(node))
            raise SyntaxProblem(found)
        finally:
            self.depth -= 1
            self.names = kept

    def _at(self, stage: Kind, span: Span) -> Kind:
        return dataclasses.replace(stage, text=self.places.text_of(span), span=span)

    def _named(self, node: exp.Expr) -> None:
        found = node.args.get("with_") or node.args.get("with")
        if not isinstance(found, exp.With):
            return
        self.names = dict(self.names)
        for part in found.expressions:
            name = str(part.alias).lower()
            self.names[name] = tuple(self.stages(part.this))

    def _select(self, node: exp.Select) -> list[Stage]:
        args = node.args
        stages: list[Stage] = []
        source = args.get("from_") or args.get("from")
        if source is not None:
            stages += self._source(source.this)
        for lateral in args.get("laterals") or ():
            stages.append(self._lateral(lateral))
        for join in args.get("joins") or ():
            stages.append(self._join(join))
        where = args.get("where")
        if where is not None:
            stages.append(self._where(where, "where"))
        columns = list(node.expressions)
        group = args.get("group")
        if group is not None or any(_is_aggregate(column) for column in columns):
            stages += self._grouped(node, columns, group)
        else:
            windows = any(one.find(exp.Window) for one in columns)
            qualify = args.get("qualify")
            shaped = self._columns(columns)
            # QUALIFY sees what the columns compute, and drops rows before the others are gone.
            if qualify is not None and not windows:
                stages.append(self._where(qualify, "qualify"))
                stages += shaped
            else:
                stages += [stage for stage in shaped if isinstance(stage, Eval)]
                if qualify is not None:
                    stages.append(self._where(qualify, "qualify"))
                stages += [stage for stage in shaped if not isinstance(stage, Eval)]
        if args.get("distinct") is not None:
            fields = tuple(FieldReference(self._name(column, number)) for number, column in enumerate(columns, 1))
            span = self.places.clause(columns[0], "distinct") if columns else NO_SPAN
            stages.append(self._at(Stats(aggregates=(), by=fields), span))
        return stages + self._ordered(node)

    def _where(self, clause: exp.Expr, keyword: str) -> Where:
        predicate = self.conditions.predicate(clause.this)
        span = self.places.clause(clause.this, keyword)
        return self._at(Where(predicate=predicate), span)

    def _source(self, node: exp.Expr) -> list[Stage]:
        stages = self.stages(node)
        for join in node.args.get("joins") or ():
            stages.append(self._join(join))
        for lateral in node.args.get("laterals") or ():
            stages.append(self._lateral(lateral))
        return stages

    def _table(self, node: exp.Table) -> list[Stage]:
        span = self.places.span(node)
        inner = node.this
        if isinstance(inner, exp.Func) and not isinstance(inner, exp.Identifier):
            return [self._function(inner, span)]
        parts = [str(part.this) if part.args.get("quoted") else str(part.this).lower() for part in node.parts]
        named = self.names.get(parts[-1]) if len(parts) == 1 else None
        if named is not None:
            self.nodes += sum(1 for stage in named for _ in walk(stage))
            if self.nodes > MAXIMUM_NODES:
                message = f"queries that WITH names make more than {MAXIMUM_NODES:,} parts where they are put in"
                raise SyntaxProblem(Diagnostic("SNO004", message, span))
            return list(named)
        return [self._at(Origin(names=(".".join(parts),)), span)]

    def _function(self, node: exp.Expr, span: Span) -> Stage:
        """`table(f(…))` and `flatten(…)`: rows out of a value."""
        call = self.conditions.expression(node)
        name = node.key if not isinstance(node, exp.Anonymous) else str(node.this).lower()
        return self._at(Command(name=name, arguments=(Argument(call, span=span),)), span)

    def _lateral(self, node: exp.Expr) -> Stage:
        span = self.places.clause(node, "lateral", "table")
        inner = node.this
        for one in node.walk():
            if isinstance(one, exp.Kwarg) and str(one.this.name).lower() == "input":
                name = column_name(one.expression)
                if name is not None:
                    return self._at(MvExpand(field=name), span)
        return self._at(self._function(inner, span), span)

    def _join(self, node: exp.Join) -> Stage:
        span = self.places.clause(node, "join", "inner", "left", "right", "full", "cross", "natural", ",")
        inner = node.this
        if isinstance(inner, exp.Lateral) or (isinstance(inner, exp.Table) and isinstance(inner.this, exp.Lateral)):
            return self._lateral(inner)
        pipeline = Pipeline(tuple(self._source(inner)), span=self.places.span(inner))
        side, kind = str(node.side or "").lower(), str(node.kind or "").lower()
        fields: list[tuple[str, str]] = []
        for using in node.args.get("using") or ():
            name = column_name(using) or str(using.name).lower()
            fields.append((name, name))
        condition = node.args.get("on")
        alias = str(inner.alias_or_name or "").lower()
        rest: Predicate | None = None
        if condition is not None:
            rest = self.conditions.predicate(condition)
            pairs = _pairs(rest, alias)
            if pairs is not None:
                fields += pairs
                rest = None
        how = {"left": "leftouter", "right": "rightouter", "full": "fullouter"}.get(side, kind or "inner")
        if rest is not None or not fields:
            # Not a plain equality of columns: the condition stays with the join.
            arguments = [Argument(pipeline, how)]
            if rest is not None:
                arguments.append(Argument(as_expression(rest), "on"))
            return self._at(Command(name="join", arguments=tuple(arguments)), span)
        outer = side in ("left", "full")
        join = Join(pipeline=pipeline, fields=tuple(fields), outer=outer, max_matches=0, overwrite=False, how=how)
        return self._at(join, span)

    def _grouped(self, node: exp.Select, columns: list[exp.Expr], group: exp.Expr | None) -> list[Stage]:
        aliases = {str(one.alias).lower(): one.this for one in columns if isinstance(one, exp.Alias)}
        aggregates: list[Aggregate] = []
        computed: list[Assignment] = []
        by: list[FieldReference] = []
        after: list[Assignment] = []
        for key in group.expressions if group is not None else ():
            position = key.this if isinstance(key, exp.Literal) and not key.is_string else None
            if position is not None and str(position).isdigit() and 1 <= int(position) <= len(columns):
                key = columns[int(position) - 1]
            name = column_name(key)
            written = key.this if isinstance(key, exp.Alias) else aliases.get(name or "")
            if written is not None and column_name(written) != name:
                name = str(key.alias).lower() if isinstance(key, exp.Alias) else name
                computed.append(Assignment(str(name), self.conditions.expression(written), self.places.span(written)))
            elif name is None:
                name = f"group_{len(by) + 1}"
                computed.append(Assignment(name, self.conditions.expression(key), self.places.span(key)))
            by.append(FieldReference(str(name), self.places.span(key)))
        grouped = {field.name for field in by}
        having = node.args.get("having")
        for number, column in enumerate(columns, 1):
            name = self._name(column, number)
            if _is_aggregate(column):
                aggregates.append(self._aggregate(column, name))
            elif name not in grouped and not isinstance(column, exp.Star):
                value = self.conditions.expression(column)
                after.append(Assignment(name, value, self.places.span(column)))
        predicate: Predicate | None = None
        if having is not None:
            predicate = self._having(having.this, aggregates)
        first = group if group is not None else next(one for one in columns if _is_aggregate(one))
        span = self.places.clause(first, "group", "select")
        stages: list[Stage] = [self._at(Eval(assignments=tuple(computed)), span)] if computed else []
        stages.append(self._at(Stats(aggregates=tuple(aggregates), by=tuple(by)), span))
        if predicate is not None:
            stages.append(self._at(Where(predicate=predicate), self._having_span(having)))
        if after:
            stages.append(self._at(Eval(assignments=tuple(after)), self.places.span(columns[0])))
        return stages

    def _having_span(self, having: exp.Expr | None) -> Span:
        return NO_SPAN if having is None else self.places.clause(having.this, "having")

    def _having(self, condition: exp.Expr, aggregates: list[Aggregate]) -> Predicate:
        """HAVING's condition, each aggregate in it by the name of its result."""
        named = {one.written: one.result_name for one in aggregates}
        replaced = condition.copy()
        for found in list(replaced.find_all(*_AGGREGATES, exp.AggFunc)):
            written = " ".join(found.sql("snowflake").lower().split())
            name = named.get(written)
            if name is None:
                name = written
                aggregates.append(self._aggregate(found, name))
                named[written] = name
            column = exp.column(exp.to_identifier(name, quoted=True))
            column.meta.update(found.meta)
            if found is replaced:
                replaced = column
            else:
                found.replace(column)
        return self.conditions.predicate(replaced)

    def _aggregate(self, node: exp.Expr, name: str) -> Aggregate:
        span = self.places.span(node)
        alias = name if isinstance(node, exp.Alias) else None
        inner = node.this if isinstance(node, exp.Alias) else node
        written = " ".join(inner.sql("snowflake").lower().split())
        function = _AGGREGATES.get(type(inner))
        argument = inner.this if function is not None else None
        if function == "count" and isinstance(argument, exp.Distinct) and len(argument.expressions) == 1:
            function, argument = "dc", argument.expressions[0]
        if function is None or isinstance(argument, exp.Distinct):
            value = self.conditions.expression(inner)
            return Aggregate("expression", value, alias, computed=True, written=written, span=span)
        if argument is None or isinstance(argument, exp.Star):
            return Aggregate(function, alias=alias, written=written, span=span)
        value = self.conditions.expression(argument)
        plain = isinstance(value, FieldReference)
        return Aggregate(function, value, alias, computed=not plain, written=written, span=span)

    def _name(self, column: exp.Expr, number: int) -> str:
        """The name that a column of the result has."""
        if isinstance(column, exp.Alias):
            inner = column.args["alias"]
            quoted = isinstance(inner, exp.Identifier) and bool(inner.args.get("quoted"))
            return str(column.alias) if quoted else str(column.alias).lower()
        if isinstance(column, exp.Star):
            return "*"
        return column_name(column) or " ".join(column.sql("snowflake").lower().split()) or f"column_{number}"

    def _columns(self, columns: list[exp.Expr]) -> list[Stage]:
        """The select list: nothing for `*` alone, else computed columns and then only those named."""
        assignments: list[Assignment] = []
        names: list[FieldReference] = []
        for number, column in enumerate(columns, 1):
            span = self.places.span(column)
            name = self._name(column, number)
            names.append(FieldReference(name, span))
            inner = column.this if isinstance(column, exp.Alias) else column
            if column_name(inner) != name and not isinstance(inner, exp.Star):
                assignments.append(Assignment(name, self.conditions.expression(inner), span))
        if not columns:
            return []
        place = self.places.span(columns[0]).union(self.places.span(columns[-1]))
        before = self.places.clause(columns[0], "select")
        span = Span(before.start, max(place.end, before.end))
        stages: list[Stage] = [self._at(Eval(assignments=tuple(assignments)), span)] if assignments else []
        if not any(name.name.endswith("*") for name in names):
            stages.append(self._at(Table(fields=tuple(names)), span))
        return stages

    def _ordered(self, node: exp.Expr) -> list[Stage]:
        stages: list[Stage] = []
        order, limit = node.args.get("order"), node.args.get("limit")
        if order is not None:
            keys: list[SortKey] = []
            for key in order.expressions:
                inner = key.this if isinstance(key, exp.Ordered) else key
                name = column_name(inner) or " ".join(inner.sql("snowflake").lower().split())
                keys.append(SortKey(name, bool(key.args.get("desc")), span=self.places.span(key)))
            stages.append(self._at(Sort(keys=tuple(keys), count=0), self.places.clause(order, "order")))
        if limit is not None:
            count = self.conditions.constant(limit.expression or limit.this) if limit.expression or limit.this else None
            whole = int(count) if isinstance(count, int | float) else None
            span = self.places.clause(limit, "limit", "top", "fetch")
            stages.append(self._at(Head(count=whole), span))
        return stages

    def _combined(self, node: exp.SetOperation) -> list[Stage]:
        span = self.places.span(node)
        parts: list[exp.Expr] = []
        left: exp.Expr = node
        # A chain of UNION ALL leans to the left, and may be long.
        while isinstance(left, exp.Union) and left.args.get("distinct") == node.args.get("distinct"):
            if left is not node and left.args.get("order") is not None:
                break
            parts.append(left.expression)
            left = left.this
        if not isinstance(node, exp.Union):
            parts, left = [node.expression], node.this
        parts.append(left)
        pipelines = tuple(self.pipeline(part) for part in reversed(parts))
        if not isinstance(node, exp.Union):
            operation = "diff" if isinstance(node, exp.Except) else "intersect"
            return [self._at(SetOperation(operation=operation, pipelines=pipelines), span)]
        stages: list[Stage] = [self._at(Union(pipelines=pipelines), span)]
        if node.args.get("distinct"):
            stages.append(self._at(Dedup(fields=(FieldReference("*"),)), span))
        return stages


def _is_aggregate(node: exp.Expr) -> bool:
    """Whether a column puts many rows into one: an aggregate in it that is no window's and no inner query's."""
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, exp.Window | exp.Subquery | exp.Select):
            continue
        if isinstance(one, exp.AggFunc):
            return True
        waiting.extend(child for child in one.iter_expressions())
    return False


def _pairs(predicate: Predicate, alias: str) -> list[tuple[str, str]] | None:
    """The pairs of columns of `a.x = b.y AND …`; None where it is anything else."""
    match predicate:
        case ir.And(operands=operands):
            found: list[tuple[str, str]] = []
            for one in operands:
                pairs = _pairs(one, alias)
                if pairs is None:
                    return None
                found += pairs
            return found
        case ir.Test(expression=Binary(operator="=", left=FieldReference(name=a), right=FieldReference(name=b))):
            if a.startswith(f"{alias}.") and not b.startswith(f"{alias}."):
                a, b = b, a
            return [(a, b.removeprefix(f"{alias}."))]
    return None
