"""The columns of a SELECT: computed, grouped, named."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlglot import exp

from rulescope.ir import FieldReference, Predicate
from rulescope.ir.stages import Aggregate, Assignment, Eval, Fields, Rename, Renaming, Stage, Stats, Table, Where
from rulescope.languages.snowflake.names import identifier
from rulescope.languages.snowflake.sources import Sources
from rulescope.text import NO_SPAN, Span

_AGGREGATES: Final[dict[type[exp.Expr], str]] = {
    exp.Count: "count", exp.Sum: "sum", exp.Avg: "avg", exp.Min: "min", exp.Max: "max", exp.Stddev: "stdev",
    exp.StddevPop: "stdevp", exp.StddevSamp: "stdev", exp.Variance: "var", exp.VariancePop: "varp",
    exp.Median: "median", exp.ArrayAgg: "list", exp.ArrayUniqueAgg: "values", exp.ApproxDistinct: "estdc",
    exp.Mode: "mode",
}  # fmt: skip
_OTHER_AGGREGATES: Final[frozenset[str]] = frozenset({
    "any_value", "approx_percentile", "approx_percentile_accumulate", "approx_top_k", "array_union_agg", "bitand_agg",
    "bitor_agg", "bitxor_agg", "booland_agg", "boolor_agg", "boolxor_agg", "corr", "count_if", "covar_pop",
    "covar_samp", "grouping", "grouping_id", "hash_agg", "hll", "kurtosis", "listagg", "max_by", "min_by", "minhash",
    "object_agg", "percentile_cont", "percentile_disc", "regr_avgx", "regr_avgy", "regr_count", "regr_intercept",
    "regr_r2", "regr_slope", "skew", "variance_pop", "variance_samp", "var_samp",
})  # fmt: skip
"""Aggregates that the tree has no word for: they stay calls. Source: SQL reference, "Aggregate functions"."""


class Columns(Sources):
    """Turns the select list and GROUP BY into stages."""

    def grouped(
        self, columns: list[exp.Expr], group: exp.Group | None, having: exp.Expr | None, qualify: exp.Expr | None
    ) -> list[Stage]:
        """GROUP BY, HAVING and QUALIFY, and then the columns."""
        aliases = {self.column_title(one, 0): one.this for one in columns if isinstance(one, exp.Alias)}
        aggregates: list[Aggregate] = []
        computed: list[Assignment] = []
        by: list[FieldReference] = []
        after: list[Assignment] = []
        unread: list[Stage] = []
        keys: Sequence[exp.Expr] = group.expressions if group is not None else ()
        if group is not None and group.args.get("all"):
            keys = [one for one in columns if not is_aggregate(one)]
        for key in keys:
            if isinstance(key, exp.Rollup | exp.Cube | exp.GroupingSets):
                unread.append(self.unread("group", key))
                by += [FieldReference(name) for name in map(self.conditions.name, key.find_all(exp.Column)) if name]
                continue
            key = self._positioned(key, columns)
            name = self.conditions.name(key)
            written = key.this if isinstance(key, exp.Alias) else aliases.get(name or "")
            if written is not None and self.conditions.name(written) != name:
                name = self.column_title(key, 0) if isinstance(key, exp.Alias) else name
                computed.append(Assignment(str(name), self.conditions.expression(written), self.places.span(written)))
            elif name is None:
                # A computed key has the name that the column with the same words has.
                name = self.column_title(key, len(by) + 1)
                computed.append(Assignment(name, self.conditions.expression(key), self.places.span(key)))
            by.append(FieldReference(str(name), self.places.span(key)))
        names = {field.name for field in by}
        for number, column in enumerate(columns, 1):
            name = self.column_title(column, number)
            if isinstance(_inner(column), tuple(_AGGREGATES)) or is_aggregate(column):
                aggregates.append(self._aggregate(column, name))
            elif name not in names and not isinstance(column, exp.Star):
                after.append(Assignment(name, self.conditions.expression(column), self.places.span(column)))
        kept = {one.result_name for one in aggregates} | {one.target for one in after}
        predicate = self._having(having.this, aggregates) if having is not None else None
        first = group if group is not None and group.expressions else columns[0] if columns else having
        span = self.places.clause(first, "group", "select")
        stages: list[Stage] = [self.at(Eval(assignments=tuple(computed)), span)] if computed else []
        stages += unread
        stages.append(self.at(Stats(aggregates=tuple(aggregates), by=tuple(by)), span))
        if predicate is not None and having is not None:
            stages.append(self.at(Where(predicate=predicate), self.places.clause(having.this, "having")))
        if after:
            stages.append(self.at(Eval(assignments=tuple(after)), self._list_span(columns)))
        if qualify is not None:
            stages.append(self.where(qualify, "qualify"))
        titles = tuple(FieldReference(self.column_title(one, number)) for number, one in enumerate(columns, 1))
        wanted = {title.name for title in titles}
        if titles and wanted < kept | names | {one.result_name for one in aggregates}:
            stages.append(self.at(Table(fields=titles), self._list_span(columns)))
        return stages

    def where(self, clause: exp.Expr, keyword: str) -> Where:
        """WHERE or QUALIFY: only the rows for which the condition is true."""
        predicate = self.conditions.predicate(clause.this)
        return self.at(Where(predicate=predicate), self.places.clause(clause.this, keyword))

    def _positioned(self, key: exp.Expr, columns: list[exp.Expr]) -> exp.Expr:
        """The column that a number in GROUP BY or ORDER BY stands for."""
        if isinstance(key, exp.Literal) and not key.is_string and str(key.this).isdigit():
            place = int(str(key.this)) if len(str(key.this)) < 6 else 0
            if 1 <= place <= len(columns):
                return columns[place - 1]
        return key

    def _having(self, condition: exp.Expr, aggregates: list[Aggregate]) -> Predicate:
        """HAVING's condition, each aggregate in it by the name of its result."""
        named = {one.written: one.result_name for one in aggregates}
        replaced = condition.copy()
        for found in [one for one in replaced.walk() if _is_call_of_aggregate(one)]:
            written = self._written(found)
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
        inner = _inner(node)
        written = self._written(inner)
        function = _AGGREGATES.get(type(inner))
        argument = inner.this if function is not None else None
        if function == "count" and isinstance(argument, exp.Distinct) and len(argument.expressions) == 1:
            function, argument = "dc", argument.expressions[0]
        if function is None or isinstance(argument, exp.Distinct | exp.Order) or inner.args.get("expressions"):
            value = self.conditions.expression(inner)
            return Aggregate("expression", value, alias, computed=True, written=written, span=span)
        if argument is None or isinstance(argument, exp.Star):
            return Aggregate(function, alias=alias, written=written, span=span)
        value = self.conditions.expression(argument)
        plain = isinstance(value, FieldReference)
        return Aggregate(function, value, alias, computed=not plain, written=written, span=span)

    def _written(self, node: exp.Expr) -> str:
        return " ".join(node.sql("snowflake").lower().split())

    def column_title(self, column: exp.Expr, number: int) -> str:
        """The name that a column of the result has."""
        if isinstance(column, exp.Alias):
            alias = column.args["alias"]
            return identifier(alias) if isinstance(alias, exp.Identifier) else str(column.alias).lower()
        if isinstance(column, exp.Star) or (isinstance(column.this, exp.Star) and isinstance(column, exp.Column)):
            return "*"
        return self.conditions.name(column) or self._written(column) or f"column_{number}"

    def _list_span(self, columns: list[exp.Expr]) -> Span:
        if not columns:
            return NO_SPAN
        place = self.places.span(columns[0]).union(self.places.span(columns[-1]))
        before = self.places.clause(columns[0], "select")
        return Span(before.start, max(place.end, before.end))

    def selected(self, columns: list[exp.Expr]) -> list[Stage]:
        """The select list: nothing for `*` alone, else computed columns and then only those named."""
        assignments: list[Assignment] = []
        names: list[FieldReference] = []
        stages: list[Stage] = []
        for number, column in enumerate(columns, 1):
            name = self.column_title(column, number)
            names.append(FieldReference(name, self.places.span(column)))
            inner = _inner(column)
            if name == "*":
                stages += self._star(inner)
            elif self.conditions.name(inner) != name:
                assignments.append(Assignment(name, self.conditions.expression(inner), self.places.span(column)))
        span = self._list_span(columns)
        if assignments:
            stages.insert(0, self.at(Eval(assignments=tuple(assignments)), span))
        if columns and not any(name.name == "*" for name in names):
            stages.append(self.at(Table(fields=tuple(names)), span))
        return stages

    def _star(self, node: exp.Expr) -> list[Stage]:
        """`* EXCLUDE (a) RENAME b AS c`. Source: SQL reference, "SELECT"."""
        star = node if isinstance(node, exp.Star) else node.this
        stages: list[Stage] = []
        span = self.places.span(node)
        excluded = [self.conditions.name(one) for one in star.args.get("except_") or ()]
        if excluded:
            fields = tuple(FieldReference(name) for name in excluded if name is not None)
            stages.append(self.at(Fields(fields=fields, keep=False), span))
        replaced = star.args.get("replace") or ()
        if replaced:
            found = [Assignment(self.column_title(one, 0), self.conditions.expression(one.this)) for one in replaced]
            stages.append(self.at(Eval(assignments=tuple(found)), span))
        renamed = star.args.get("rename") or ()
        if renamed:
            pairs = [Renaming(self.conditions.name(one.this) or "", self.column_title(one, 0)) for one in renamed]
            stages.append(self.at(Rename(renamings=tuple(pairs)), span))
        if star.args.get("ilike"):
            stages.append(self.unread("star", node))
        return stages


def _inner(node: exp.Expr) -> exp.Expr:
    return node.this if isinstance(node, exp.Alias) else node


def _is_call_of_aggregate(node: exp.Expr) -> bool:
    if isinstance(node, exp.Anonymous):
        # `listagg(…) within group (…)` is one.
        return str(node.this).lower() in _OTHER_AGGREGATES and not isinstance(node.parent, exp.WithinGroup)
    if isinstance(node, exp.WithinGroup):
        return True
    return isinstance(node, tuple(_AGGREGATES)) and not isinstance(node.parent, exp.Window | exp.WithinGroup)


def is_aggregate(node: exp.Expr) -> bool:
    """Whether a column puts many rows into one: an aggregate in it that is no window's and no inner query's."""
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, exp.Window | exp.Subquery | exp.Select):
            continue
        if _is_call_of_aggregate(one):
            return True
        waiting.extend(one.iter_expressions())
    return False
