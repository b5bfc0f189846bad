"""Expressions of `eval` and `where` to SQL, typed as they are built."""

from __future__ import annotations

from typing import NoReturn

from sqlglot import exp

from rulescope import ir
from rulescope.engines.sql.build import all_of, any_of, bound, literal, negate, sql
from rulescope.engines.sql.compiling import (
    compile_expression,
    compile_predicate,
    compiles_expression,
    undefined_macro,
)
from rulescope.engines.sql.context import Context
from rulescope.engines.sql.frame import Frame
from rulescope.engines.sql.matching import like
from rulescope.engines.sql.values import (
    NULL_VALUE,
    NUMBERS,
    Type,
    Value,
    any_value,
    as_condition,
    as_number,
    as_text,
    as_truth,
    auto_value,
    bool_value,
    by_spelling,
    constant_value,
    exact_constant,
    number_value,
    text_value,
    whole_constant,
    wide_whole,
)
from rulescope.engines.sql.whole_numbers import UNDECIDED, WHOLE_OPERATORS, spelt_arithmetic, whole_arithmetic
from rulescope.text import Span

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
_EXACT_MACROS = {operator: macro.replace("spl_", "spl_exact_") for operator, macro in _TEXT_MACROS.items()}


@compiles_expression(ir.Constant)
def compile_constant(expression: ir.Constant, frame: Frame, context: Context) -> Value:
    """A constant is itself."""
    return _constant(expression.value, context)


def _constant(value: str | float | int | bool | None, context: Context) -> Value:
    if context.dialect.wholes and isinstance(value, int) and not isinstance(value, bool):
        return whole_constant(value)
    return exact_constant(value) if context.dialect.exact_wholes else constant_value(value)


@compiles_expression(ir.FieldReference, ir.Hole)
def compile_field(expression: ir.FieldReference, frame: Frame, context: Context) -> Value:
    """The field's value; NULL where no row has it."""
    return frame.value(expression.name) or NULL_VALUE


def compile_operand(expression: ir.Expression, frame: Frame, context: Context) -> Value:
    """What an operator takes: the value, or NULL for several in a language whose operators take one."""
    return operand_of(compile_expression(expression, frame, context), context)


def operand_of(value: Value, context: Context) -> Value:
    """A value as an operand of the language."""
    several = value.type is Type.MULTI and context.dialect.single_operands
    return auto_value(as_text(value)) if several or value.type is Type.JSON else value


def condition_of(value: Value, context: Context, span: Span) -> exp.Expression:
    """A value as the condition that it is in the language."""
    return as_truth(value, span) if context.dialect.conditions_are_values else as_condition(value, span)


@compiles_expression(ir.Unary)
def compile_unary(expression: ir.Unary, frame: Frame, context: Context) -> Value:
    """`not`, which turns no NULL, and the signs."""
    value = compile_expression(expression.operand, frame, context)
    if expression.operator == "not":
        return bool_value(negate(condition_of(value, context, expression.span)))
    if expression.operator == "-":
        if isinstance(value.constant, int | float) and not isinstance(value.constant, bool):
            return _constant(-value.constant, context)
        if value.type is Type.WHOLE:
            return whole_arithmetic("-", whole_constant(0), value, context.dialect.wholes)
        if value.type is Type.SPELT or (value.type is Type.AUTO and context.dialect.wholes == "null"):
            return spelt_arithmetic("-", whole_constant(0), value)
        return number_value(sql("(- :x)", x=as_number(value)))
    return value


@compiles_expression(ir.InList)
def compile_list(expression: ir.InList, frame: Frame, context: Context) -> Value:
    """Whether the value equals one of the options, as `=` has it."""
    subject = compile_operand(expression.value, frame, context)
    options = [compile_expression(option, frame, context) for option in expression.options]
    found: list[exp.Expression] = []
    several: list[exp.Expression] = []
    for option in options:
        same = compare("=", subject, operand_of(option, context), exact=context.dialect.exact_wholes)
        if option.type is Type.MULTI and context.dialect.single_operands:
            # One of several values equals nothing; the list is NULL only where all of it is so.
            several.append(sql("(len(:x) > 1)", x=option.node))
            same = sql("CASE WHEN :s THEN FALSE ELSE :c END", s=several[-1].copy(), c=same)
        found.append(same)
    node = any_of(found)
    if several and len(several) == len(options):
        node = sql("CASE WHEN NOT :s THEN :c END", s=all_of(several), c=node)
    return bool_value(node)


@compiles_expression(ir.PredicateExpression)
def compile_condition(expression: ir.PredicateExpression, frame: Frame, context: Context) -> Value:
    """A predicate as a value."""
    return bool_value(compile_predicate(expression.predicate, frame, context, positive=False))


@compiles_expression(ir.MacroCall)
def refuse_macro(expression: ir.MacroCall, frame: Frame, context: Context) -> NoReturn:
    """A macro without a body can't be run."""
    raise undefined_macro(expression.name, expression.span)


@compiles_expression(ir.Binary)
def compile_binary(expression: ir.Binary, frame: Frame, context: Context) -> Value:
    """Two values put together, by the rules of `eval`."""
    operator = expression.operator
    if operator in {"and", "or", "xor"}:
        parts = [(compile_expression(part, frame, context), part.span) for part in _chain(expression)]
        chain = [condition_of(value, context, span) for value, span in parts]
        return bool_value(_connect(operator, chain))
    if operator == ".":
        texts = [as_text(compile_expression(part, frame, context)) for part in _chain(expression)]
        node = texts[0]
        for part in texts[1:]:
            node = sql(":x || :y", x=node, y=part)
        return auto_value(node)
    left = compile_operand(expression.left, frame, context)
    right = compile_operand(expression.right, frame, context)
    if operator in _COMPARISONS:
        return bool_value(compare(operator, left, right, exact=context.dialect.exact_wholes))
    if operator == "like":
        return bool_value(like_condition(left, right))
    if context.dialect.wholes and operator in WHOLE_OPERATORS:
        if left.type is right.type is Type.WHOLE:
            return whole_arithmetic(operator, left, right, context.dialect.wholes)
        if context.dialect.wholes == "null" and {left.type, right.type} <= UNDECIDED:
            return spelt_arithmetic(operator, left, right)
    if operator == "+" and not {left.type, right.type} & NUMBERS:
        if left.type is Type.TEXT or right.type is Type.TEXT:
            return text_value(sql(":x || :y", x=as_text(left), y=as_text(right)))
        node = bound(as_text(left), lambda x: bound(as_text(right), lambda y: sql("spl_plus(:x, :y)", x=x, y=y)))
        return Value(node, Type.AUTO, mixed=True)
    numbers = as_number(left), as_number(right)
    if operator == "/" and context.dialect.infinite_quotients:
        return number_value(_quotient(*numbers))
    return number_value(arithmetic(operator, *numbers))


def _quotient(left: exp.Expression, right: exp.Expression) -> exp.Expression:
    """Two DOUBLEs divided; a division by zero is infinite, that of zero NULL."""
    if isinstance(right, exp.Literal) and float(right.name):
        return arithmetic("/", left, right)
    infinite = "CASE WHEN :x > 0 THEN CAST('inf' AS DOUBLE) WHEN :x < 0 THEN CAST('-inf' AS DOUBLE) END"
    return sql(f"CASE WHEN :y = 0 THEN {infinite} ELSE :x / :y END", x=left, y=right)


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
    if operator == "and":
        return all_of(conditions)
    if operator == "or":
        return any_of(conditions)
    node = conditions[0]
    for condition in conditions[1:]:
        node = sql("(:x <> :y)", x=node, y=condition)
    return node


def compare(operator: str, left: Value, right: Value, *, exact: bool = False) -> exp.Expression:
    """A comparison by the rules of `eval`: NULL with NULL, as numbers where both read as numbers, else as text.

    With a multivalue it holds where it holds for any of the values. `exact`: whole numbers by all of their digits.
    """
    left, right = (auto_value(as_text(one)) if one.type is Type.JSON else by_spelling(one) for one in (left, right))
    if operator == "!=":
        return (
            negate(compare("=", left, right, exact=exact))
            if Type.MULTI not in {left.type, right.type}
            else _any_differs(left, right, exact)
        )
    if left.type is Type.MULTI:
        return any_value(left, lambda value: compare(operator, value, right, exact=exact))
    if right.type is Type.MULTI:
        return any_value(right, lambda value: compare(operator, left, value, exact=exact))
    if Type.NULL in {left.type, right.type}:
        return exp.cast(exp.Null(), "BOOLEAN")
    if Type.BOOL in {left.type, right.type}:
        if left.type is right.type:
            return sql(f"(:x {operator} :y)", x=left.node, y=right.node)
        return sql(f"(lower(:x) {operator} lower(:y))", x=as_text(left), y=as_text(right))
    if left.type in NUMBERS and right.type in NUMBERS:
        return sql(f"(:x {operator} :y)", x=left.node, y=right.node)
    left, right = (_beside_text(one) for one in (left, right))
    if right.type is Type.NUMBER:
        return bound(as_text(left), lambda x: sql(_NUMBER_MACROS[operator], x=x, n=right.node))
    if left.type is Type.NUMBER:
        return bound(as_text(right), lambda x: sql(_NUMBER_MACROS[_MIRRORED[operator]], x=x, n=left.node))
    if Type.AUTO in {left.type, right.type} and (left.type is right.type or operator != "="):
        # A value against text in quotes: equal if it reads the same, greater or less as numbers where both are.
        macro = (_EXACT_MACROS if exact else _TEXT_MACROS)[operator]
        return bound(left.node, lambda x: bound(right.node, lambda y: sql(macro, x=x, y=y)))
    return sql(f"(:x {operator} :y)", x=left.node, y=right.node)


def _beside_text(value: Value) -> Value:
    """A whole number that is compared with a text: its digits, where a DOUBLE may not hold them all."""
    if value.type is not Type.WHOLE:
        return value
    if isinstance(value.constant, int) and wide_whole(value.constant) is None:
        return number_value(as_number(value))
    return auto_value(as_text(value))


def _any_differs(left: Value, right: Value, exact: bool) -> exp.Expression:
    if left.type is Type.MULTI:
        return any_value(left, lambda value: compare("!=", value, right, exact=exact))
    return any_value(right, lambda value: compare("!=", left, value, exact=exact))


def like_condition(subject: Value, pattern: Value) -> exp.Expression:
    """`LIKE`: `%` and `_` are wildcards, everything else is itself, a backslash too."""
    if isinstance(pattern.constant, str):
        wanted: exp.Expression = literal(pattern.constant.replace("\\", "\\\\"))
    else:
        wanted = sql(r"replace(:x, '\', '\\')", x=as_text(pattern))
    return any_value(subject, lambda value: like(as_text(value), wanted))
