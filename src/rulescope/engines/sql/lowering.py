"""A plan for another database than DuckDB: the forms that it lacks in other words, where there are such.

Which forms those are says its table of support (`support.support_for`); here is what is written for them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect

from rulescope.engines.engine import SupportTable
from rulescope.engines.sql.build import alias, column, integer
from rulescope.engines.sql.schema import ROW
from rulescope.knowledge.sql_databases import SqlDatabase

_CALLED: dict[str, type[exp.Expression]] = {
    "left": exp.Left,
    "prefix": exp.StartsWith,
    "right": exp.Right,
    "suffix": exp.EndsWith,
}
"""Functions that plans call by DuckDB's name, as what they mean."""

_SKIP_NULL = (exp.Avg, exp.Count, exp.Max, exp.Min, exp.Stddev, exp.StddevPop, exp.StddevSamp, exp.Sum)
"""Aggregates that leave NULL out, in every database."""

Write = Callable[[exp.Expression, SqlDatabase], exp.Expression | None]
"""What stands for a node in a database; None where the node stays."""


@dataclass(frozen=True, slots=True)
class Change:
    """What is written for a form (of `needs.FORMS`), which is in nodes of these kinds, where a database lacks it.

    `able` tells whether that can be said in a database; single nodes may have to stay even there.
    """

    form: str
    kinds: tuple[type[exp.Expression], ...]
    write: Write
    able: Callable[[SqlDatabase], bool] = lambda _: True


def lowered(statement: exp.Expression, database: SqlDatabase, support: SupportTable) -> exp.Expression:
    """The statement with other words for each form that is lowered in the database."""
    changed = statement.copy()
    nulls = str(Dialect.get_or_raise(database.dialect).NULL_ORDERING)
    for row in changed.find_all(exp.Ordered):
        _order_rows(row, nulls)
    _replace(changed, (exp.Anonymous,), _meant, database)
    for change in CHANGES:
        if support.of("form", change.form) == "lowered":
            _replace(changed, change.kinds, change.write, database)
    return changed


def _replace(
    statement: exp.Expression, kinds: tuple[type[exp.Expression], ...], write: Write, database: SqlDatabase
) -> None:
    # Those inside first: what stands for the outer one holds copies of them.
    for node in reversed(list(statement.find_all(*kinds))):
        instead = write(node, database)
        if instead is not None:
            node.replace(exp.Paren(this=instead) if _is_operand(node) else instead)


def _is_operand(node: exp.Expression) -> bool:
    return isinstance(node.parent, exp.Binary) and not isinstance(node.parent, exp.Connector)


def _order_rows(node: exp.Ordered, nulls: str) -> None:
    """Says of a row's number, which is never NULL, what the dialect takes for granted, so that nothing is printed. That
    of one side of a join, which bears the name of the side, is NULL in rows of the other side alone."""
    if isinstance(node.this, exp.Column) and node.this.name == ROW and not node.this.table:
        descending = bool(node.args.get("desc"))
        node.set("nulls_first", nulls != "nulls_are_last" and (nulls == "nulls_are_small") != descending)


def _meant(node: exp.Expression, _: SqlDatabase) -> exp.Expression | None:
    """A function called by DuckDB's name as what it means, which every database's printer has a word for."""
    kind = _CALLED.get(node.name.lower())
    if kind is None or len(node.expressions) != 2:
        return None
    text, part = (argument.copy() for argument in node.expressions)
    return kind(this=text, expression=part)


def _without_filter(node: exp.Expression, _: SqlDatabase) -> exp.Expression | None:
    """`agg(x) FILTER (WHERE c)` as `agg(CASE WHEN c THEN x END)`."""
    if not isinstance(node.this, _SKIP_NULL):
        return None
    aggregate: exp.Expression = node.this.copy()
    kept = integer(1) if isinstance(aggregate.this, exp.Star) else aggregate.this.copy()
    aggregate.set("this", exp.Case(ifs=[exp.If(this=node.expression.this.copy(), true=kept)]))
    return aggregate


def _contains(node: exp.Expression, _: SqlDatabase) -> exp.Expression | None:
    """`CONTAINS(x, p)` as a place that is found."""
    place = exp.StrPosition(this=node.this.copy(), substr=node.expression.copy())
    return exp.GT(this=place, expression=integer(0))


def _starts_with(node: exp.Expression, _: SqlDatabase) -> exp.Expression | None:
    """`STARTS_WITH(x, p)` as the first characters of `x`, which are `p`."""
    start = exp.Substring(this=node.this.copy(), start=integer(1), length=_length(node.expression))
    return exp.EQ(this=start, expression=node.expression.copy())


def _ends_with(node: exp.Expression, database: SqlDatabase) -> exp.Expression | None:
    """`ENDS_WITH(x, p)` as the last characters of `x`, which are `p`."""
    text, size = node.this.copy(), _length(node.expression)
    backwards = exp.Substring(this=text, start=exp.Neg(this=size))
    end = backwards if database.reads("negative_places") else exp.Right(this=text, expression=size)
    return exp.EQ(this=end, expression=node.expression.copy())


def _length(text: exp.Expression) -> exp.Expression:
    return integer(len(text.name)) if isinstance(text, exp.Literal) else exp.Length(this=text.copy())


def _like_of_folded(node: exp.Expression, _: SqlDatabase) -> exp.Expression | None:
    """`x ILIKE p` as LIKE over small letters."""
    pattern = node.expression
    text = isinstance(pattern, exp.Literal)
    folded = exp.Literal.string(pattern.name.lower()) if text else exp.Lower(this=pattern.copy())
    return exp.Like(this=exp.Lower(this=node.this.copy()), expression=folded)


def _like(node: exp.Expression) -> exp.Expression | None:
    """The LIKE of `x LIKE p ESCAPE '\\'`."""
    return node.this if isinstance(node.this, exp.Like) and node.expression.name == "\\" else None


def _like_as_glob(node: exp.Expression, _: SqlDatabase) -> exp.Expression | None:
    """`x LIKE 'p' ESCAPE '\\'` as GLOB, which tells small and capital letters apart."""
    like = _like(node)
    if like is None or not isinstance(like.expression, exp.Literal):
        return None
    return exp.Glob(this=like.this.copy(), expression=exp.Literal.string(_glob(like.expression.name)))


def _escaped_brackets(node: exp.Expression, _: SqlDatabase) -> exp.Expression | None:
    """`x LIKE '[' ESCAPE '\\'` with the bracket as plain text."""
    like = _like(node)
    if like is None or not isinstance(like.expression, exp.Literal):
        return None
    pattern = exp.Literal.string(like.expression.name.replace("[", "\\["))
    return exp.Escape(this=exp.Like(this=like.this.copy(), expression=pattern), expression=node.expression.copy())


def _without_escape(node: exp.Expression, _: SqlDatabase) -> exp.Expression | None:
    """`x LIKE p ESCAPE '\\'` where the backslash escapes without a word."""
    like = _like(node)
    return None if like is None else like.copy()


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


def _remainder(node: exp.Expression, _: SqlDatabase) -> exp.Expression | None:
    """`x % y` as a function, where the operator cuts fractions and the function does not. What is
    divided by a number of our own, which is whole, has none; numbers of rules are DOUBLE."""
    if isinstance(node.expression, exp.Literal):
        return None
    return exp.Anonymous(this="MOD", expressions=[node.this.copy(), node.expression.copy()])


def _without_xor(node: exp.Expression, _: SqlDatabase) -> exp.Expression | None:
    """The bits that one of two numbers has: those that any has without those that both have."""
    either = exp.BitwiseOr(this=node.this.copy(), expression=node.expression.copy())
    both = exp.BitwiseAnd(this=node.this.copy(), expression=node.expression.copy())
    return exp.Sub(this=exp.Paren(this=either), expression=exp.Paren(this=both))


def _numbered_values(node: exp.Expression, _: SqlDatabase) -> exp.Expression | None:
    """`(VALUES …) AS t(a)` as a selection of `column1`, where VALUES has columns of these names only."""
    named = node.args.get("alias")
    if not isinstance(named, exp.TableAlias) or not named.columns:
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


def _narrow(node: exp.Expression, _: SqlDatabase) -> exp.Expression | None:
    """A function whose places and counts are INTEGER, where a database takes no other whole numbers for them."""
    for name in _WHOLE_ARGUMENTS[type(node)]:
        given = node.args.get(name)
        if given is not None and not isinstance(given, exp.Literal):
            node.set(name, exp.cast(given.copy(), "INT"))
    if not isinstance(node, exp.Round) or node.args.get("decimals") is None:
        return None
    rounded = exp.Round(this=exp.cast(node.this.copy(), "DECIMAL"), decimals=node.args["decimals"].copy())
    return exp.cast(rounded, "DOUBLE")


def _counted(node: exp.Expression, _: SqlDatabase) -> exp.Expression | None:
    """A selection with HAVING that neither groups nor aggregates gets an aggregate, by which it is one row."""
    aggregates = any(one.find(exp.AggFunc) for one in node.expressions)
    if node.args.get("having") is None or node.args.get("group") is not None or aggregates:
        return None
    counted = node.copy()
    counted.append("expressions", alias(exp.Count(this=exp.Star()), "_rs_count"))
    return counted


CHANGES = (
    Change("filter", (exp.Filter,), _without_filter),
    Change("ends_with", (exp.EndsWith,), _ends_with),
    Change("starts_with", (exp.StartsWith,), _starts_with),
    Change("contains", (exp.Contains,), _contains),
    Change("ilike", (exp.ILike,), _like_of_folded),
    Change("like", (exp.Escape,), _like_as_glob, lambda database: database.calls("glob")),
    Change("like_brackets", (exp.Escape,), _escaped_brackets),
    Change("like_escape", (exp.Escape,), _without_escape, lambda database: database.reads("like_backslash")),
    Change("mod_of_fractions", (exp.Mod,), _remainder, lambda database: database.reads("mod_function")),
    Change("bitwise_xor", (exp.BitwiseXor,), _without_xor),
    Change("values_columns", (exp.Values,), _numbered_values, lambda database: database.reads("values_numbered")),
    Change("having_alone", (exp.Select,), _counted),
    Change("wide_arguments", tuple(_WHOLE_ARGUMENTS), _narrow),
)
"""What is looked for, and what is written for it. In order: what one writes a later one may change."""
