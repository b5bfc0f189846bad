"""Expressions of `eval` and `where` to SQL, typed as they are built."""

from __future__ import annotations

from sqlglot import exp

from rulescope import ir
from rulescope.engines.sql.build import any_of, bound, literal, negate, sql
from rulescope.engines.sql.context import Context
from rulescope.engines.sql.frame import Frame
from rulescope.engines.sql.matching import like
from rulescope.engines.sql.values import (
    NULL_VALUE,
    Type,
    Value,
    any_value,
    as_condition,
    as_number,
    as_text,
    auto_value,
    bool_value,
    constant_value,
    number_value,
    text_value,
)
from rulescope.errors import Refusal

_COMPARISONS = frozenset({"=", "!=", "<", "<=", ">", ">="})
_MIRRORED = {"=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_NUMBER_MACROS = {
    "=": "spl_equal_number(:x, :n)",
    "<": "spl_less_number(:x, :n)",
    "<=": "spl_less_or_equal_number(:x, :n)",
    ">": "spl_greater_number(:x, :n)",
    ">=": "spl_greater_or_equal_number(:x, :n)",
}
_TEXT_MACROS = {
    "=": "spl_equal(:x, :y)",
    "<": "spl_less(:x, :y)",
    "<=": "spl_less_or_equal(:x, :y)",
    ">": "spl_less(:y, :x)",
    ">=": "spl_less_or_equal(:y, :x)",
}


def compile_expression(expression: ir.Expression, frame: Frame, context: Context) -> Value:
    """The expression as a typed value over the rows of `frame`; a field that no row has is NULL."""
    context.deadline.check()
    match expression:
        case ir.Constant(constant):
            return constant_value(constant)
        case ir.FieldReference(name):
            return frame.value(name) or NULL_VALUE
        case ir.Call():
            from rulescope.engines.sql.functions import compile_call

            return compile_call(expression, frame, context)
        case ir.Unary(operator, operand):
            value = compile_expression(operand, frame, context)
            if operator == "not":
                return bool_value(negate(as_condition(value, expression.span)))
            if operator == "-":
                if isinstance(value.constant, int | float) and not isinstance(value.constant, bool):
                    return constant_value(-value.constant)
                return number_value(sql("(- :x)", x=as_number(value)))
            return value
        case ir.Binary():
            return _binary(expression, frame, context)
        case ir.InList(value_expression, options):
            subject = compile_expression(value_expression, frame, context)
            wanted = [compile_expression(option, frame, context) for option in options]
            return bool_value(any_of([compare("=", subject, option) for option in wanted]))
        case ir.PredicateExpression(predicate):
            from rulescope.engines.sql.predicates import compile_predicate

            return bool_value(compile_predicate(predicate, frame, context, positive=False))
        case ir.MacroCall(name):
            raise Refusal(
                f"the macro '{name}' has no definition",
                span=expression.span,
                code="RUN014",
                hint="give one with --macros",
            )
        case ir.Subsearch():
            from rulescope.engines.sql.subsearch import subsearch_value

            return subsearch_value(expression, frame, context)
    raise Refusal(f"no plan for a {type(expression).__name__}", span=expression.span)


def _binary(expression: ir.Binary, frame: Frame, context: Context) -> Value:
    operator = expression.operator
    if operator in {"and", "or", "xor"}:
        chain = [as_condition(compile_expression(part, frame, context), part.span) for part in _chain(expression)]
        return bool_value(_connect(operator, chain))
    if operator == ".":
        parts = [as_text(compile_expression(part, frame, context)) for part in _chain(expression)]
        node = parts[0]
        for part in parts[1:]:
            node = sql(":x || :y", x=node, y=part)
        return auto_value(node)
    left = compile_expression(expression.left, frame, context)
    right = compile_expression(expression.right, frame, context)
    if operator in _COMPARISONS:
        return bool_value(compare(operator, left, right))
    if operator == "like":
        return bool_value(like_condition(left, right))
    if operator == "+" and Type.NUMBER not in {left.type, right.type}:
        if left.type is Type.TEXT or right.type is Type.TEXT:
            return text_value(sql(":x || :y", x=as_text(left), y=as_text(right)))
        node = bound(as_text(left), lambda x: bound(as_text(right), lambda y: sql("spl_plus(:x, :y)", x=x, y=y)))
        return Value(node, Type.AUTO, mixed=True)
    return number_value(arithmetic(operator, as_number(left), as_number(right)))


def arithmetic(operator: str, left: exp.Expression, right: exp.Expression) -> exp.Expression:
    """Two DOUBLEs put together; a division by zero is NULL."""
    match operator:
        case "/":
            return sql("(:x / NULLIF(:y, 0))", x=left, y=right)
        case "%":
            # The sign is the dividend's, as in C; DuckDB's fmod() takes the divisor's.
            return sql("(:x % NULLIF(:y, 0))", x=left, y=right)
    return sql(f"(:x {operator} :y)", x=left, y=right)


def _chain(expression: ir.Binary) -> list[ir.Expression]:
    """The operands of a run of one associative operator, so that long chains don't nest."""
    parts: list[ir.Expression] = []
    node: ir.Expression = expression
    while isinstance(node, ir.Binary) and node.operator == expression.operator:
        parts.append(node.right)
        node = node.left
    return [node, *reversed(parts)]


def _connect(operator: str, conditions: list[exp.Expression]) -> exp.Expression:
    from rulescope.engines.sql.build import all_of

    if operator == "and":
        return all_of(conditions)
    if operator == "or":
        return any_of(conditions)
    node = conditions[0]
    for condition in conditions[1:]:
        node = sql("(:x <> :y)", x=node, y=condition)
    return node


def compare(operator: str, left: Value, right: Value) -> exp.Expression:
    """A comparison by the rules of `eval`: NULL with NULL, as numbers where both read as numbers, else as text.

    With a multivalue it holds where it holds for any of the values.
    """
    if operator == "!=":
        return (
            negate(compare("=", left, right))
            if Type.MULTI not in {left.type, right.type}
            else _any_differs(left, right)
        )
    if left.type is Type.MULTI:
        return any_value(left, lambda value: compare(operator, value, right))
    if right.type is Type.MULTI:
        return any_value(right, lambda value: compare(operator, left, value))
    if Type.NULL in {left.type, right.type}:
        return exp.cast(exp.Null(), "BOOLEAN")
    if Type.BOOL in {left.type, right.type}:
        if left.type is right.type:
            return sql(f"(:x {operator} :y)", x=left.node, y=right.node)
        return sql(f"(lower(:x) {operator} lower(:y))", x=as_text(left), y=as_text(right))
    if left.type is Type.NUMBER and right.type is Type.NUMBER:
        return sql(f"(:x {operator} :y)", x=left.node, y=right.node)
    if right.type is Type.NUMBER:
        return bound(as_text(left), lambda x: sql(_NUMBER_MACROS[operator], x=x, n=right.node))
    if left.type is Type.NUMBER:
        return bound(as_text(right), lambda x: sql(_NUMBER_MACROS[_MIRRORED[operator]], x=x, n=left.node))
    if Type.AUTO in {left.type, right.type} and (left.type is right.type or operator != "="):
        # A value against text in quotes: equal if it reads the same, greater or less as numbers where both are.
        return bound(left.node, lambda x: bound(right.node, lambda y: sql(_TEXT_MACROS[operator], x=x, y=y)))
    return sql(f"(:x {operator} :y)", x=left.node, y=right.node)


def _any_differs(left: Value, right: Value) -> exp.Expression:
    if left.type is Type.MULTI:
        return any_value(left, lambda value: compare("!=", value, right))
    return any_value(right, lambda value: compare("!=", left, value))


def like_condition(subject: Value, pattern: Value) -> exp.Expression:
    """`LIKE`: `%` and `_` are wildcards, everything else is itself, a backslash too."""
    if isinstance(pattern.constant, str):
        wanted: exp.Expression = literal(pattern.constant.replace("\\", "\\\\"))
    else:
        wanted = sql(r"replace(:x, '\', '\\')", x=as_text(pattern))
    return any_value(subject, lambda value: like(as_text(value), wanted))
