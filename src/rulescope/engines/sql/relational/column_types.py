"""The kinds of values, by which comparisons and operators of Kusto and SQL go.

Values of some kinds a language does not compare: it refuses such a query, and what it would find can't be said.
"""

from __future__ import annotations

from rulescope import ir
from rulescope.engines.sql.context import Context
from rulescope.engines.sql.relational.table_rows import TypedColumn
from rulescope.engines.sql.schema import Column
from rulescope.engines.sql.values import Type
from rulescope.text import Diagnostic, Span

_KINDS_OF_TYPES = {
    "date": "datetime",
    "timestamp": "datetime",
    **dict.fromkeys(("varchar", "text", "string"), "string"),
}


def kind_of_type(expression: ir.Expression) -> str:
    """The kind of the values of a type that a cast names: times and texts, which compare in ways of their own."""
    written = str(expression.value).lower() if isinstance(expression, ir.Constant) else ""
    return next((kind for name, kind in _KINDS_OF_TYPES.items() if written.startswith(name)), "dynamic")


def kind_of_constant(value: object) -> str:
    """The kind of a value that the query itself says."""
    if isinstance(value, bool):
        return "bool"
    return {int: "long", float: "real", str: "string"}.get(type(value), "")


def kind_of_binary(operator: str, left: str, right: str) -> str:
    """The kind of what an operator makes of values of two kinds."""
    if operator in ("=", "!=", "<", "<=", ">", ">=", "like", "and", "or", "xor"):
        return "bool"
    if operator == ".":
        return "string"
    kinds = {left, right}
    if "datetime" in kinds:
        return "timespan" if left == right else "datetime"
    if "timespan" in kinds:
        return "real" if left == right and operator == "/" else "timespan"
    return "long" if kinds == {"long"} else "real"


def kind_of_column(column: Column) -> str:
    """The kind of a column's values; that of one that says nothing is told by how it is held."""
    if isinstance(column, TypedColumn):
        return column.kind
    return {Type.NUMBER: "real", Type.WHOLE: "long", Type.MULTI: "list"}.get(column.type, "")


_APART = [
    {one, other}
    for one, others in {
        "string": ("long", "real", "bool", "timespan"),
        "datetime": ("string", "long", "real", "bool", "timespan"),
        "timespan": ("long", "real", "bool"),
    }.items()
    for other in others
]
_CODE = "RUN135"


def tell_apart(left: str, right: str, span: Span, context: Context) -> None:
    """Warn where values of two kinds are compared that have no order between them; here a number is the text that it is
    written as, a time the one that the text reads as, and others are unequal. A column of texts that stands for a
    condition is one that is compared with true.

    Source: Kusto's errors, SEM0064 ("Cannot compare values of types").
    """
    if context.dialect.kinds_apart and {left, right} in _APART:
        message = f"a {left} is compared with a {right}, which Kusto refuses"
        hint = f"convert one of them, with tostring() or {'todatetime' if 'datetime' in (left, right) else 'tolong'}()"
        context.diagnostics.append(Diagnostic(_CODE, message, span, "warning", hint))


def tell_uncomputed(operator: str, left: str, right: str, span: Span, context: Context) -> None:
    """Warn where a text, or a truth value, is computed with; here it is the number that it reads as.

    Source: Kusto's errors, SEM0025 (arithmetic between types that have none).
    """
    odd = next((kind for kind in (left, right) if kind in ("string", "bool")), None)
    if odd is None and operator in ("*", "/", "%") and "datetime" in (left, right):
        odd = "datetime"
    if context.dialect.kinds_apart and odd is not None and operator in ("+", "-", "*", "/", "%"):
        message = f"'{operator}' stands beside a {odd}, which Kusto refuses"
        hint = "convert it, with tolong() or todouble(); texts are joined by strcat()"
        context.diagnostics.append(Diagnostic(_CODE, message, span, "warning", hint))


_KEPT_IN_WINDOWS = frozenset({"lag", "lead", "first_value", "last_value", "nth_value", "min", "max", "any_value"})


def value_in_window(function: ir.Expression) -> ir.Expression | None:
    """What a function over a window gives the value of for some row, which has its kind; None for any other."""
    while isinstance(function, ir.Call) and function.arguments:
        if function.function in _KEPT_IN_WINDOWS:
            return function.arguments[0]
        if function.function not in ("ignorenulls", "respectnulls"):
            break
        function = function.arguments[0]
    return None
