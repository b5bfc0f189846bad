"""A plan for another database than DuckDB: what is DuckDB's alone in other words, where there are such."""

from __future__ import annotations

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect

from rulescope.engines.sql.build import DIALECT, integer
from rulescope.engines.sql.schema import ROW
from rulescope.knowledge.sql_databases import sql_databases

_ENDS = {"suffix": exp.EndsWith, "prefix": exp.StartsWith}
_WITH_ENDS = frozenset({"snowflake", "databricks", "spark", "bigquery", "clickhouse"})
_WITH_STARTS = _WITH_ENDS | {"postgres", "redshift", "trino", "presto", "athena"}
_WITH_CONTAINS = frozenset({"snowflake", "databricks", "spark"})
_NEGATIVE_PLACES = frozenset({"sqlite"})
"""Where `substr(text, -2)` is what `right(text, 2)` is elsewhere."""

_SKIP_NULL = (exp.Avg, exp.Count, exp.Max, exp.Min, exp.Stddev, exp.StddevPop, exp.StddevSamp, exp.Sum)
"""Aggregates that leave NULL out, in every database."""


def lowered(statement: exp.Expression, dialect: str) -> exp.Expression:
    """The statement in words that the dialect has, as far as they say the same; DuckDB's own is left as it is."""
    if dialect == DIALECT:
        return statement
    changed = statement.copy()
    database = sql_databases().get(dialect)
    settings = Dialect.get_or_raise(dialect)
    kinds = (exp.Filter, exp.Ordered, exp.Anonymous, exp.EndsWith, exp.StartsWith, exp.Contains)
    for node in list(changed.find_all(*kinds)):
        if isinstance(node, exp.Filter):
            if database is not None and "filter" not in database.features and isinstance(node.this, _SKIP_NULL):
                node.replace(_without_filter(node))
        elif isinstance(node, exp.Ordered):
            _order_rows(node, str(settings.NULL_ORDERING))
        else:
            test = _text_test(node, dialect)
            if test is not None:
                node.replace(exp.Paren(this=test) if _is_operand(node) else test)
    return changed


def _is_operand(node: exp.Expression) -> bool:
    return isinstance(node.parent, exp.Binary) and not isinstance(node.parent, exp.Connector)


def _without_filter(node: exp.Filter) -> exp.Expression:
    """`agg(x) FILTER (WHERE c)` as `agg(CASE WHEN c THEN x END)`."""
    aggregate: exp.Expression = node.this.copy()
    kept = integer(1) if isinstance(aggregate.this, exp.Star) else aggregate.this.copy()
    aggregate.set("this", exp.Case(ifs=[exp.If(this=node.expression.this.copy(), true=kept)]))
    return aggregate


def _order_rows(node: exp.Ordered, nulls: str) -> None:
    """Says of a row's number, which is never NULL, what the dialect takes for granted, so that nothing is printed."""
    if isinstance(node.this, exp.Column) and node.this.name == ROW:
        descending = bool(node.args.get("desc"))
        node.set("nulls_first", nulls != "nulls_are_last" and (nulls == "nulls_are_small") != descending)


def _text_test(node: exp.Expression, dialect: str) -> exp.Expression | None:
    """A test of a text's start, end or inside in the dialect's words; None where it can stay as it is."""
    named = _ENDS.get(node.name.lower()) if isinstance(node, exp.Anonymous) else type(node)
    arguments = node.expressions if isinstance(node, exp.Anonymous) else [node.this, node.expression]
    if named is None or len(arguments) != 2:
        return None
    text, part = (argument.copy() for argument in arguments)
    size = integer(len(part.name)) if isinstance(part, exp.Literal) else exp.Length(this=part.copy())
    if named is exp.Contains:
        place = exp.StrPosition(this=text, substr=part)
        return None if dialect in _WITH_CONTAINS else exp.GT(this=place, expression=integer(0))
    if named is exp.StartsWith:
        if dialect in _WITH_STARTS:
            return exp.StartsWith(this=text, expression=part)
        return exp.EQ(this=exp.Substring(this=text, start=integer(1), length=size), expression=part)
    if dialect in _WITH_ENDS:
        return exp.EndsWith(this=text, expression=part)
    if dialect in _NEGATIVE_PLACES:
        return exp.EQ(this=exp.Substring(this=text, start=exp.Neg(this=size)), expression=part)
    return exp.EQ(this=exp.Right(this=text, expression=size), expression=part)
