"""A plan for another database than DuckDB: what is DuckDB's alone in other words, where there are such.

What a database has is in its table (`knowledge/data/sql_databases.toml`); here is what is written for want of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect

from rulescope.engines.sql.build import DIALECT, alias, column, integer
from rulescope.engines.sql.schema import ROW
from rulescope.knowledge.sql_databases import UNKNOWN_DATABASE, SqlDatabase, sql_databases

_ENDS = {"suffix": exp.EndsWith, "prefix": exp.StartsWith}

_SKIP_NULL = (exp.Avg, exp.Count, exp.Max, exp.Min, exp.Stddev, exp.StddevPop, exp.StddevSamp, exp.Sum)
"""Aggregates that leave NULL out, in every database."""

Change = Callable[[exp.Expression, SqlDatabase], exp.Expression | None]
"""What stands for a node in a database; None where the node stays."""


def lowered(statement: exp.Expression, dialect: str) -> exp.Expression:
    """The statement in words that the dialect has, as far as they say the same; DuckDB's own is left as it is."""
    if dialect == DIALECT:
        return statement
    changed = statement.copy()
    database = sql_databases().get(dialect, UNKNOWN_DATABASE)
    nulls = str(Dialect.get_or_raise(dialect).NULL_ORDERING)
    for row in changed.find_all(exp.Ordered):
        _order_rows(row, nulls)
    for kind, change in _CHANGES:
        # Those inside first: what stands for the outer one holds copies of them.
        for node in reversed(list(changed.find_all(kind))):
            instead = change(node, database)
            if instead is not None:
                node.replace(exp.Paren(this=instead) if _is_operand(node) else instead)
    return changed


def _is_operand(node: exp.Expression) -> bool:
    return isinstance(node.parent, exp.Binary) and not isinstance(node.parent, exp.Connector)


def _order_rows(node: exp.Ordered, nulls: str) -> None:
    """Says of a row's number, which is never NULL, what the dialect takes for granted, so that nothing is printed. That
    of one side of a join, which bears the name of the side, is NULL in rows of the other side alone."""
    if isinstance(node.this, exp.Column) and node.this.name == ROW and not node.this.table:
        descending = bool(node.args.get("desc"))
        node.set("nulls_first", nulls != "nulls_are_last" and (nulls == "nulls_are_small") != descending)


def _without_filter(node: exp.Expression, database: SqlDatabase) -> exp.Expression | None:
    """`agg(x) FILTER (WHERE c)` as `agg(CASE WHEN c THEN x END)`."""
    if database.reads("filter") or not isinstance(node.this, _SKIP_NULL):
        return None
    aggregate: exp.Expression = node.this.copy()
    kept = integer(1) if isinstance(aggregate.this, exp.Star) else aggregate.this.copy()
    aggregate.set("this", exp.Case(ifs=[exp.If(this=node.expression.this.copy(), true=kept)]))
    return aggregate


def _part(node: exp.Expression, database: SqlDatabase) -> exp.Expression | None:
    """LEFT and RIGHT called by name as what they mean, so that what is known of them holds here too."""
    name = node.name.lower()
    if name not in ("left", "right") or len(node.expressions) != 2:
        return None
    text, size = (argument.copy() for argument in node.expressions)
    return exp.Left(this=text, expression=size) if name == "left" else exp.Right(this=text, expression=size)


def _text_test(node: exp.Expression, database: SqlDatabase) -> exp.Expression | None:
    """A test of a text's start, end or inside in the database's words; None where it can stay as it is."""
    named = _ENDS.get(node.name.lower()) if isinstance(node, exp.Anonymous) else type(node)
    arguments = node.expressions if isinstance(node, exp.Anonymous) else [node.this, node.expression]
    if named is None or len(arguments) != 2:
        return None
    text, part = (argument.copy() for argument in arguments)
    size = integer(len(part.name)) if isinstance(part, exp.Literal) else exp.Length(this=part.copy())
    if named is exp.Contains:
        place = exp.StrPosition(this=text, substr=part)
        return None if database.calls("contains") else exp.GT(this=place, expression=integer(0))
    if named is exp.StartsWith:
        if database.calls("startswith", "starts_with"):
            return exp.StartsWith(this=text, expression=part)
        return exp.EQ(this=exp.Substring(this=text, start=integer(1), length=size), expression=part)
    if database.calls("endswith", "ends_with"):
        return exp.EndsWith(this=text, expression=part)
    return exp.EQ(this=_end_of(text, size, database), expression=part)


def _end_of(text: exp.Expression, size: exp.Expression, database: SqlDatabase) -> exp.Expression:
    if database.reads("negative_places"):
        return exp.Substring(this=text, start=exp.Neg(this=size))
    return exp.Right(this=text, expression=size)


def _like_of_folded(node: exp.Expression, database: SqlDatabase) -> exp.Expression | None:
    """`x ILIKE p` as LIKE over small letters."""
    if database.reads("ilike"):
        return None
    pattern = node.expression
    text = isinstance(pattern, exp.Literal)
    folded = exp.Literal.string(pattern.name.lower()) if text else exp.Lower(this=pattern.copy())
    return exp.Like(this=exp.Lower(this=node.this.copy()), expression=folded)


def _pattern(node: exp.Expression, database: SqlDatabase) -> exp.Expression | None:
    """`x LIKE p ESCAPE '\\'` where LIKE means something else, or knows no ESCAPE."""
    like = node.this
    if not isinstance(like, exp.Like) or node.expression.name != "\\":
        return None
    if isinstance(like.expression, exp.Literal):
        pattern = like.expression.name
        if database.calls("glob"):
            return exp.Glob(this=like.this.copy(), expression=exp.Literal.string(_glob(pattern)))
        if database.reads("like_classes"):
            like.expression.replace(exp.Literal.string(pattern.replace("[", "\\[")))
    return like.copy() if database.reads("like_backslash") and not database.reads("like_escape") else None


_PATTERN_PART = re.compile(r"\\(.)|(.)", re.DOTALL)
_GLOB_WILDCARDS = {"%": "*", "_": "?"}


def _glob(pattern: str) -> str:
    """The pattern of LIKE, with `\\` as its escape, as GLOB has it."""

    def part(found: re.Match[str]) -> str:
        plain = found[1] or (found[2] if found[2] not in _GLOB_WILDCARDS else "")
        if not plain:
            return _GLOB_WILDCARDS[found[2]]
        return f"[{plain}]" if plain in "*?[" else plain

    return _PATTERN_PART.sub(part, pattern)


def _remainder(node: exp.Expression, database: SqlDatabase) -> exp.Expression | None:
    """`x % y` as a function, where the operator cuts fractions and the function does not. What is
    divided by a number of our own, which is whole, has none; numbers of rules are DOUBLE."""
    if not database.reads("mod_function") or isinstance(node.expression, exp.Literal):
        return None
    return exp.Anonymous(this="MOD", expressions=[node.this.copy(), node.expression.copy()])


def _without_xor(node: exp.Expression, database: SqlDatabase) -> exp.Expression | None:
    """The bits that one of two numbers has: those that any has without those that both have."""
    if database is UNKNOWN_DATABASE or database.reads("bitwise_xor"):
        return None
    either = exp.BitwiseOr(this=node.this.copy(), expression=node.expression.copy())
    both = exp.BitwiseAnd(this=node.this.copy(), expression=node.expression.copy())
    return exp.Sub(this=exp.Paren(this=either), expression=exp.Paren(this=both))


def _numbered_values(node: exp.Expression, database: SqlDatabase) -> exp.Expression | None:
    """`(VALUES …) AS t(a)` as a selection of `column1`, where VALUES has columns of these names only."""
    named = node.args.get("alias")
    if not isinstance(named, exp.TableAlias) or not named.columns or not database.reads("values_numbered"):
        return None
    values = exp.Values(expressions=[row.copy() for row in node.expressions])
    selected = [alias(column(f"column{number}"), name.name) for number, name in enumerate(named.columns, start=1)]
    return exp.select(*selected).from_(exp.Subquery(this=values)).subquery(named.this.copy())


_WHOLE_ARGUMENTS: dict[type[exp.Expression], tuple[str, ...]] = {
    exp.Left: ("expression",),
    exp.Pad: ("expression",),
    exp.Repeat: ("times",),
    exp.Right: ("expression",),
    exp.Round: ("decimals",),
    exp.SplitPart: ("part_index",),
    exp.Substring: ("start", "length"),
    exp.TimestampFromParts: ("year", "month", "day", "hour", "min"),
}
"""Which arguments of functions are places, lengths and counts."""


def _narrow(node: exp.Expression, database: SqlDatabase) -> exp.Expression | None:
    """A function whose places and counts are INTEGER, where a database takes no other whole numbers for them."""
    if not database.reads("narrow_arguments"):
        return None
    for name in _WHOLE_ARGUMENTS[type(node)]:
        given = node.args.get(name)
        if given is not None and not isinstance(given, exp.Literal):
            node.set(name, exp.cast(given.copy(), "INT"))
    if not isinstance(node, exp.Round) or node.args.get("decimals") is None:
        return None
    rounded = exp.Round(this=exp.cast(node.this.copy(), "DECIMAL"), decimals=node.args["decimals"].copy())
    return exp.cast(rounded, "DOUBLE")


def _counted(node: exp.Expression, database: SqlDatabase) -> exp.Expression | None:
    """A selection with HAVING that neither groups nor aggregates gets an aggregate, by which it is one row."""
    aggregates = any(one.find(exp.AggFunc) for one in node.expressions)
    if node.args.get("having") is None or node.args.get("group") is not None or aggregates:
        return None
    counted = node.copy()
    counted.append("expressions", alias(exp.Count(this=exp.Star()), "_rs_count"))
    return counted


_CHANGES: tuple[tuple[type[exp.Expression], Change], ...] = (
    (exp.Filter, _without_filter),
    (exp.Anonymous, _part),
    (exp.Anonymous, _text_test),
    (exp.EndsWith, _text_test),
    (exp.StartsWith, _text_test),
    (exp.Contains, _text_test),
    (exp.ILike, _like_of_folded),
    (exp.Escape, _pattern),
    (exp.Mod, _remainder),
    (exp.BitwiseXor, _without_xor),
    (exp.Values, _numbered_values),
    (exp.Select, _counted),
    *((kind, _narrow) for kind in _WHOLE_ARGUMENTS),
)
"""What is looked for, and what is written for it. In order: what one writes a later one may change."""
