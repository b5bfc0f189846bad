"""Snowflake's SELECT as stages: where rows come from, joins, WHERE, grouping, HAVING, columns, order, limit."""

from __future__ import annotations

from sqlglot import exp

from rulescope.ir import FieldReference, Operation, Pipeline
from rulescope.ir.stages import (
    Argument,
    Command,
    Dedup,
    Eval,
    Head,
    SetOperation,
    Sort,
    SortKey,
    Stage,
    Union,
)
from rulescope.languages.common.problems import SyntaxProblem
from rulescope.languages.common.tokens import MAXIMUM_DEPTH
from rulescope.languages.snowflake.columns import Columns, is_aggregate
from rulescope.languages.snowflake.names import table_name
from rulescope.text import NO_SPAN, Diagnostic

_READ_OF_SELECT = frozenset({
    "with_", "from_", "joins", "laterals", "where", "group", "having", "qualify", "distinct", "expressions", "order",
    "limit", "offset", "hint",
})  # fmt: skip
_READ_OF_SET = frozenset({"with_", "this", "expression", "distinct", "order", "limit", "offset"})


class Queries(Columns):
    """Turns queries into stages."""

    def stages(self, node: exp.Expr) -> list[Stage]:
        """The stages of a query. Raises `SyntaxProblem` for a statement that is none, or that nests too deep."""
        self.depth += 1
        if self.depth > MAXIMUM_DEPTH:
            message = f"queries nest deeper than {MAXIMUM_DEPTH}"
            raise SyntaxProblem(Diagnostic("SNO003", message, self.places.span(node)))
        names, own = self.names, self.conditions.own
        try:
            self._named(node)
            match node:
                case exp.Select():
                    return self._select(node)
                case exp.Subquery(this=inner) if isinstance(inner, exp.Table | exp.Subquery):
                    # `(t join u on …)`: brackets around what is joined.
                    return [*self.source(inner), *self._ordered(node, [])]
                case exp.Subquery(this=inner) if isinstance(inner, exp.Expr):
                    return [*self.stages(inner), *self._ordered(node, [])]
                case exp.SetOperation():
                    return [*self._combined(node), *self._ordered(node, [])]
                case exp.Table():
                    return self.table(node)
                case exp.Values():
                    return [self.values(node)]
            found = Diagnostic("SNO006", f"a {node.key} statement is no query", self.places.span(node))
            raise SyntaxProblem(found)
        finally:
            self.depth -= 1
            self.names, self.conditions.own = names, own

    def _named(self, node: exp.Expr) -> None:
        found = node.args.get("with_")
        if not isinstance(found, exp.With):
            return
        self.names = dict(self.names)
        for part in found.expressions:
            name = table_name(part) or ""
            stages: list[Stage] = []
            if any(isinstance(one, exp.Table) and table_name(one) == name for one in part.this.find_all(exp.Table)):
                # It reads its own rows: only `recursive`, whose rows are not known before it ran, says that.
                stages.append(self.unread("recursive", part))
            else:
                stages += self.stages(part.this)
            alias = part.args.get("alias")
            if isinstance(alias, exp.TableAlias) and alias.args.get("columns"):
                stages.append(self.unread("columns", alias))
            self.names[name] = tuple(stages)

    def _select(self, node: exp.Select) -> list[Stage]:
        args = node.args
        stages: list[Stage] = []
        source = args.get("from_")
        if source is not None:
            stages += self.source(source.this)
        else:
            # One row, without columns.
            stages.append(Command(name="values", arguments=(Argument(Operation("tuple", ())),)))
        for lateral in args.get("laterals") or ():
            stages.append(self.lateral(lateral))
        for join in args.get("joins") or ():
            stages.append(self.join(join))
        stages += self.unread_parts(node, _READ_OF_SELECT)
        where, group, having, qualify = (args.get(name) for name in ("where", "group", "having", "qualify"))
        if where is not None:
            stages.append(self.where(where, "where"))
        columns = list(node.expressions)
        if group is not None or having is not None or any(is_aggregate(column) for column in columns):
            stages += self.grouped(columns, group, having, qualify)
            shaped: list[Stage] = []
        else:
            shaped = self.selected(columns)
            # QUALIFY sees what the columns compute, and drops rows before the others are gone.
            if shaped and isinstance(shaped[0], Eval):
                stages.append(shaped.pop(0))
            if qualify is not None:
                stages.append(self.where(qualify, "qualify"))
        ordered = self._ordered(node, columns)
        if args.get("distinct") is not None:
            span = self.places.clause(columns[0], "distinct") if columns else NO_SPAN
            shaped.append(self.at(Dedup(fields=(FieldReference("*"),), keep_empty=True), span))
        elif shaped and ordered and isinstance(ordered[0], Sort):
            titles = {self.column_title(column, number) for number, column in enumerate(columns, 1)}
            if not {key.field for key in ordered[0].keys} <= titles:
                # By columns that are not among those selected.
                stages.append(ordered.pop(0))
        return [*stages, *shaped, *ordered]

    def _ordered(self, node: exp.Expr, columns: list[exp.Expr]) -> list[Stage]:
        """ORDER BY, OFFSET, LIMIT."""
        stages: list[Stage] = []
        order, limit, offset = (node.args.get(name) for name in ("order", "limit", "offset"))
        if order is not None:
            keys = tuple(self._sort_key(key, columns) for key in order.expressions)
            stages.append(self.at(Sort(keys=keys, count=0), self.places.clause(order, "order")))
        if offset is not None:
            count = self.conditions.expression(offset.expression)
            stages.append(
                self.at(Command(name="offset", arguments=(Argument(count),)), self.places.clause(offset, "offset"))
            )
        if limit is not None:
            written = limit.args.get("count") or limit.args.get("expression")
            number = self.conditions.constant(written) if written is not None else None
            if written is None or not isinstance(written, exp.Null):
                span = self.places.clause(limit, "limit", "top", "fetch")
                if isinstance(number, int):
                    stages.append(self.at(Head(count=number), span))
                else:
                    stages.append(self.unread("limit", limit))
        return stages

    def _sort_key(self, key: exp.Expr, columns: list[exp.Expr]) -> SortKey:
        inner = key.this if isinstance(key, exp.Ordered) else key
        name = self.column_title(self._positioned(inner, columns), 0)
        if self.conditions.name(inner) is None and name not in {self.column_title(one, 0) for one in columns}:
            self.conditions.note("SNO008", "rows are ordered by a value that no column holds: it is not kept", key)
        # Where the query does not say it, NULL is greater than any value, which sqlglot fills in.
        nulls_first = bool(key.args.get("nulls_first"))
        return SortKey(name, bool(key.args.get("desc")), nulls_first=nulls_first, span=self.places.span(key))

    def _combined(self, node: exp.SetOperation) -> list[Stage]:
        span = self.places.span(node)
        unread = self.unread_parts(node, _READ_OF_SET)
        parts: list[exp.Expr] = []
        left: exp.Expr = node
        # A chain of UNION ALL leans to the left, and may be long.
        while isinstance(left, exp.Union) and left.args.get("distinct") == node.args.get("distinct"):
            if left is not node and (left.args.get("order") or left.args.get("limit") or left.args.get("with_")):
                break
            parts.append(left.expression)
            left = left.this
        if not isinstance(node, exp.Union):
            parts, left = [node.expression], node.this
        parts.append(left)
        pipelines: tuple[Pipeline, ...] = tuple(self.pipeline(part) for part in reversed(parts))
        if not isinstance(node, exp.Union):
            operation = "diff" if isinstance(node, exp.Except) else "intersect"
            if not node.args.get("distinct"):
                unread.append(self.unread("all", node))
            return [*unread, self.at(SetOperation(operation=operation, pipelines=pipelines), span)]
        stages: list[Stage] = [*unread, self.at(Union(pipelines=pipelines), span)]
        if node.args.get("distinct"):
            stages.append(self.at(Dedup(fields=(FieldReference("*"),), keep_empty=True), span))
        return stages
