"""Where the rows of a SELECT come from: tables, functions that make rows, joins."""

from __future__ import annotations

import dataclasses
from typing import TypeVar

from sqlglot import exp

from rulescope import ir
from rulescope.ir import Binary, FieldReference, Operation, Pipeline, Predicate
from rulescope.ir.stages import Argument, Command, Join, Opaque, Origin, Stage
from rulescope.ir.walk import walk
from rulescope.languages.common.problems import SyntaxProblem
from rulescope.languages.snowflake.conditions import Conditions
from rulescope.languages.snowflake.names import identifier, table_name
from rulescope.languages.snowflake.places import Places
from rulescope.languages.snowflake.values import as_expression
from rulescope.text import Diagnostic, Span

MAXIMUM_NODES = 60_000
"""Parts of the tree that come of putting in the queries that WITH names."""

_READ_OF_TABLE = frozenset({"this", "alias", "db", "catalog", "joins", "laterals"})
_UNREAD = {
    "pivots": "PIVOT and UNPIVOT", "sample": "SAMPLE", "when": "AT and BEFORE", "changes": "CHANGES",
    "match": "MATCH_RECOGNIZE", "connect": "CONNECT BY", "into": "INTO", "locks": "FOR UPDATE",
    "columns": "new names for the columns of a table", "recursive": "WITH RECURSIVE", "by_name": "UNION BY NAME",
    "group": "GROUP BY with CUBE, ROLLUP or GROUPING SETS", "star": "`* ILIKE`",
    "outer_lateral": "an outer join with LATERAL, or one with a condition",
    "all": "INTERSECT ALL and EXCEPT ALL",
}  # fmt: skip
Kind = TypeVar("Kind", bound=Stage)


class Sources:
    """Turns FROM into stages. `names` are the queries that WITH names, `conditions` reads what is no query."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self.conditions = Conditions(places, self.pipeline)
        self.names: dict[str, tuple[Stage, ...]] = {}
        self.nodes = 0
        self.depth = 0

    def stages(self, node: exp.Expr) -> list[Stage]:
        """The stages of a query."""
        raise NotImplementedError

    def pipeline(self, node: exp.Expr) -> Pipeline:
        """A query inside another."""
        stages = self.stages(node)
        return Pipeline(tuple(stages), span=self.places.span(node))

    def at(self, stage: Kind, span: Span) -> Kind:
        """The stage with its place and text."""
        return dataclasses.replace(stage, text=self.places.text_of(span), span=span)

    def unread(self, what: str, node: exp.Expr) -> Opaque:
        """A stage for a part of SQL that is not read, with the reason."""
        span = self.places.span(node)
        reason = f"{_UNREAD.get(what, what.upper())} can't be read"
        self.conditions.diagnostics.append(Diagnostic("SNO007", reason, span))
        return self.at(Opaque(name=what, reason=reason), span)

    def unread_parts(self, node: exp.Expr, read: frozenset[str]) -> list[Stage]:
        """A stage for each part of a node that is not one of those read."""
        found: list[Stage] = []
        for name, value in node.args.items():
            if name in read or not value:
                continue
            first = value[0] if isinstance(value, list) else value
            found.append(self.unread(name, first if isinstance(first, exp.Expr) and first.args else node))
        return found

    def source(self, node: exp.Expr) -> list[Stage]:
        """The rows of a table or a query in brackets, with what is joined to them. From here on its columns need no
        name before them."""
        stages = self.stages(node)
        alias = node.args.get("alias")
        if isinstance(alias, exp.TableAlias) and alias.args.get("columns") and not isinstance(node, exp.Values):
            stages.append(self.unread("columns", alias))
        if isinstance(node, exp.Table | exp.Subquery):
            stages += self.unread_parts(node, _READ_OF_TABLE | {"with_"})
        own = table_name(node)
        self.conditions.own = frozenset({own}) if own else frozenset()
        for join in node.args.get("joins") or ():
            stages.append(self.join(join))
        for lateral in node.args.get("laterals") or ():
            stages.append(self.lateral(lateral))
        return stages

    def table(self, node: exp.Table) -> list[Stage]:
        """A table, a query that WITH names, or a function that makes rows."""
        span = self.places.span(node)
        inner = node.this
        if isinstance(inner, exp.Func):
            named = inner.expressions if _function_name(inner) == "identifier" else []
            text = self.conditions.text(named[0]) if len(named) == 1 else None
            if text is not None:
                return [self.at(Origin(names=(text.lower(),)), span)]
            # Rows out of values alone: of one row without columns.
            nothing = Command(name="values", arguments=(Argument(Operation("tuple", ())),))
            return [nothing, self.function(inner, table_name(node), span)]
        parts = [identifier(part) if isinstance(part, exp.Identifier) else str(part.this) for part in node.parts]
        query = self.names.get(parts[-1]) if len(parts) == 1 else None
        if query is not None:
            self.nodes += sum(1 for stage in query for _ in walk(stage))
            if self.nodes > MAXIMUM_NODES:
                message = f"queries that WITH names make more than {MAXIMUM_NODES:,} parts where they are put in"
                raise SyntaxProblem(Diagnostic("SNO004", message, span))
            return list(query)
        return [self.at(Origin(names=(".".join(parts),)), span)]

    def function(self, node: exp.Expr, alias: str | None, span: Span) -> Stage:
        """`flatten(…)`, `table(f(…))`: rows out of values. What they are called (`as`) is the last argument."""
        if _function_name(node) == "table" and len(node.expressions) == 1:
            node = node.expressions[0]
        arguments: list[Argument] = []
        for place, one in enumerate(node.expressions if isinstance(node, exp.Anonymous) else [node]):
            if isinstance(one, exp.Kwarg):
                value = self.conditions.expression(one.expression)
                arguments.append(Argument(value, str(one.this.name).lower(), self.places.span(one)))
            else:
                first = "input" if place == 0 and _function_name(node) == "flatten" else None
                arguments.append(Argument(self.conditions.expression(one), first, self.places.span(one)))
        if alias:
            arguments.append(Argument(alias, "as"))
        return self.at(Command(name=_function_name(node), arguments=tuple(arguments)), span)

    def lateral(self, node: exp.Expr) -> Stage:
        """`LATERAL FLATTEN(…) f`, or a query that sees the row before it."""
        span = self.places.clause(node, "lateral", "table")
        inner = node.this
        if isinstance(inner, exp.Subquery | exp.Select | exp.SetOperation):
            return self.at(Command(name="lateral", arguments=(Argument(self.pipeline(inner)),)), span)
        return self.function(inner, table_name(node), span)

    def join(self, node: exp.Join) -> Stage:
        """A join: one of equal columns is a `Join`, any other a command with its condition."""
        span = self.places.clause(node, "join", "inner", "left", "right", "full", "cross", "natural", "asof", ",")
        inner = node.this
        if isinstance(inner, exp.Lateral) or (isinstance(inner, exp.Table) and isinstance(inner.this, exp.Func)):
            on = node.args.get("on")
            if node.side or (on is not None and not (isinstance(on, exp.Boolean) and on.this)):
                return self.unread("outer_lateral", on or inner)
            if isinstance(inner, exp.Lateral):
                return self.lateral(inner)
            return self.function(inner.this, table_name(inner), span)
        own = self.conditions.own
        pipeline = Pipeline(tuple(self.source(inner)), span=self.places.span(inner))
        self.conditions.own = own
        side, kind, method = (str(word or "").lower() for word in (node.side, node.kind, node.method))
        how = {"left": "leftouter", "right": "rightouter", "full": "fullouter"}.get(side, "inner")
        fields: list[tuple[str, str]] = []
        shared = [self.conditions.name(one) or str(one.name).lower() for one in node.args.get("using") or ()]
        fields += [(name, name) for name in shared]
        # The key is there once.
        once, natural = bool(shared) or method == "natural", method == "natural"
        if once and side in ("right", "full"):
            # Of the one key, which side a name is of tells two values apart: it keeps its table's name.
            self.conditions.own = frozenset()
        condition, rest = node.args.get("on"), None
        alias = table_name(inner)
        if condition is not None:
            rest = self.conditions.predicate(condition)
            pairs = _pairs(rest, alias or "")
            if pairs is not None:
                fields += pairs
                rest = None
        matching = node.args.get("match_condition")
        if rest is not None or matching is not None or not (fields or natural):
            # Not a plain equality of columns: the condition stays with the join.
            plain = kind == "cross" or condition is None
            arguments = [Argument(pipeline, method or ("cross" if plain else how))]
            if matching is not None:
                arguments.append(Argument(as_expression(self.conditions.predicate(matching)), "match_condition"))
            if condition is not None:
                rest = rest or self.conditions.predicate(condition)
                arguments.append(Argument(as_expression(rest), "on"))
            if alias:
                arguments.append(Argument(alias, "as"))
            return self.at(Command(name="join", arguments=tuple(arguments)), span)
        # No fields means all that both have, as a natural join wants it.
        join = Join(
            pipeline=pipeline,
            fields=tuple(fields),
            outer=side in ("left", "full"),
            max_matches=0,
            overwrite=False,
            right=alias,
            how=how,
            keys_once=once,
        )
        return self.at(join, span)

    def values(self, node: exp.Values) -> Stage:
        """`VALUES (…), (…)`: rows that the query holds."""
        arguments: list[Argument] = []
        for row in node.expressions:
            cells = row.expressions if isinstance(row, exp.Tuple) else [row]
            held = tuple(self.conditions.expression(one) for one in cells)
            arguments.append(Argument(Operation("tuple", held), span=self.places.span(row)))
        alias = node.args.get("alias")
        for column in alias.args.get("columns") or () if isinstance(alias, exp.TableAlias) else ():
            arguments.append(Argument(FieldReference(identifier(column)), "column"))
        return self.at(Command(name="values", arguments=tuple(arguments)), self.places.span(node))


def _function_name(node: exp.Expr) -> str:
    return str(node.this).lower() if isinstance(node, exp.Anonymous) else node.key


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
