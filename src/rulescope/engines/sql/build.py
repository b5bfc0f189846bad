"""Building blocks for SQL trees: templates whose holes take nodes, literals, lambdas.

A template is our own text, parsed once; what comes from a rule enters as a node in one of its holes (`:name`), never as
text, so that no value or name can change the shape of a statement.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from itertools import count
from typing import cast

import sqlglot
from sqlglot import exp

DIALECT = "duckdb"
"""The dialect that templates are written in; finished trees print for any."""

_outside = count(1)
_numbers: ContextVar[Iterator[int]] = ContextVar("numbers")


@lru_cache(maxsize=2048)
def _parsed(template: str) -> exp.Expression:
    return cast(exp.Expression, sqlglot.parse_one(template, dialect=DIALECT))


def sql(template: str, **holes: exp.Expression | str | float | int | bool | None) -> exp.Expression:
    """The tree of `template`, each `:name` in it replaced by the node given under that name.

    Python values become literals. A node may fill a hole any number of times; copies are put in.
    """
    tree = _parsed(template).copy()
    nodes = {name: value if isinstance(value, exp.Expression) else literal(value) for name, value in holes.items()}
    if isinstance(tree, exp.Placeholder):
        return nodes[tree.name].copy()
    for placeholder in list(tree.find_all(exp.Placeholder)):
        placeholder.replace(_bracketed(nodes[placeholder.name].copy()))
    return tree


def _bracketed(node: exp.Expression) -> exp.Expression:
    if isinstance(node, exp.Binary | exp.Connector | exp.Not | exp.Neg | exp.Is | exp.Between | exp.In):
        return exp.Paren(this=node)
    return node


def literal(value: str | float | int | bool | None) -> exp.Expression:
    """A Python value as a literal."""
    if value is None:
        return exp.Null()
    if isinstance(value, bool):
        return exp.Boolean(this=value)
    if isinstance(value, str):
        return exp.Literal.string(value)
    return number(value)


def number(value: float | int) -> exp.Expression:
    """A number as a DOUBLE: SPL knows no other kind."""
    if not math.isfinite(value):
        return exp.cast(exp.Literal.string(repr(float(value))), "DOUBLE", dialect=DIALECT)
    text = repr(float(value)) if isinstance(value, float) and not value.is_integer() else str(int(value))
    if text.startswith("-"):
        return exp.Paren(this=exp.Neg(this=_double(text[1:])))
    return _double(text)


def _double(text: str) -> exp.Expression:
    return exp.cast(exp.Literal.number(text), "DOUBLE", dialect=DIALECT)


def integer(value: int) -> exp.Expression:
    """A whole number for SQL's own use (positions, limits)."""
    return exp.Neg(this=exp.Literal.number(-value)) if value < 0 else exp.Literal.number(value)


def column(name: str, table: str | None = None) -> exp.Column:
    """A quoted column, of a quoted relation where one is named."""
    return exp.column(exp.to_identifier(name, quoted=True), exp.to_identifier(table, quoted=True) if table else None)


def alias(node: exp.Expression, name: str) -> exp.Expression:
    """`node AS "name"`."""
    return exp.Alias(this=node, alias=exp.to_identifier(name, quoted=True))


def named_table(relation: str, name: str) -> exp.Expression:
    """`"relation" AS "name"`, for FROM and JOIN."""
    return exp.Table(
        this=exp.to_identifier(relation, quoted=True),
        alias=exp.TableAlias(this=exp.to_identifier(name, quoted=True)),
    )


def call(name: str, *arguments: exp.Expression) -> exp.Expression:
    """A function by name, printed as it is given."""
    return exp.Anonymous(this=name, expressions=[argument.copy() for argument in arguments])


def array(items: Iterable[exp.Expression]) -> exp.Expression:
    """A list literal."""
    return exp.Array(expressions=[item.copy() for item in items])


def texts(items: Iterable[str]) -> exp.Expression:
    """A list of text literals."""
    return array(exp.Literal.string(item) for item in items)


def all_of(conditions: Sequence[exp.Expression]) -> exp.Expression:
    """The conditions joined by AND; true where there are none."""
    return _join(conditions, exp.And, True)


def any_of(conditions: Sequence[exp.Expression]) -> exp.Expression:
    """The conditions joined by OR; false where there are none."""
    return _join(conditions, exp.Or, False)


def _join(conditions: Sequence[exp.Expression], kind: type[exp.Connector], empty: bool) -> exp.Expression:
    if not conditions:
        return exp.Boolean(this=empty)
    if len(conditions) == 1:
        return conditions[0]
    # A balanced tree: thousands of values in one OR must not nest thousands deep.
    middle = len(conditions) // 2
    left, right = (_join(part, kind, empty) for part in (conditions[:middle], conditions[middle:]))
    return cast(exp.Expression, kind(this=_operand(left, kind), expression=_operand(right, kind)))


def _operand(node: exp.Expression, kind: type[exp.Connector]) -> exp.Expression:
    return exp.Paren(this=node) if isinstance(node, exp.Connector) and not isinstance(node, kind) else node


def negate(condition: exp.Expression) -> exp.Expression:
    """NOT, with brackets."""
    return exp.Not(this=exp.Paren(this=condition))


@contextmanager
def numbered_by(numbers: Iterator[int]) -> Iterator[None]:
    """While names are made for a compilation, which has numbers of its own: the same search gives the same SQL."""
    token = _numbers.set(numbers)
    try:
        yield
    finally:
        _numbers.reset(token)


def fresh_number() -> int:
    """A number that this compilation has given to no other name."""
    return next(_numbers.get(_outside))


def parameter() -> str:
    """A fresh name for the parameter of a lambda: nested ones must not hide each other."""
    return f"v{fresh_number()}"


def function_of(name: str, body: exp.Expression) -> exp.Expression:
    """`lambda name: body`; in the body the parameter is `column(name)`."""
    return exp.Lambda(this=body, expressions=[exp.to_identifier(name, quoted=True)])


def cases(branches: Sequence[tuple[exp.Expression, exp.Expression]], default: exp.Expression | None) -> exp.Expression:
    """`CASE WHEN … THEN … ELSE … END`."""
    node = exp.Case(ifs=[exp.If(this=condition.copy(), true=value.copy()) for condition, value in branches])
    if default is not None:
        node.set("default", default.copy())
    return node


def is_simple(node: exp.Expression) -> bool:
    """Whether using the node several times costs nothing: a column or a literal."""
    if isinstance(node, exp.Cast | exp.Paren | exp.Neg):
        return is_simple(node.this)
    return isinstance(node, exp.Column | exp.Literal | exp.Null | exp.Boolean)


def bound(node: exp.Expression, body: Callable[[exp.Expression], exp.Expression]) -> exp.Expression:
    """`body(node)`, where the body may use its argument many times without computing it as often."""
    if is_simple(node):
        return body(node)
    name = parameter()
    return sql(
        "list_extract(list_transform(:items, :function), 1)",
        items=array([node]),
        function=function_of(name, body(column(name))),
    )
