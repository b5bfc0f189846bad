"""Small questions about expressions: what a chain joins, what is the same for every row."""

from __future__ import annotations

from rulescope.ir import Binary, Call, ComparisonKind, Constant, Expression, Operation, Unary
from rulescope.ir.functions import flagged
from rulescope.ir.json_form import expression_text, value_text
from rulescope.ir.walk import walk


def chain_operands(expression: Expression, operators: tuple[str, ...]) -> list[Expression]:
    """What a chain of these operators joins, in order; chains may be thousands long, so nothing recurses."""
    operands: list[Expression] = []
    waiting = [expression]
    while waiting:
        current = waiting.pop()
        if isinstance(current, Binary) and current.operator in operators:
            waiting += [current.right, current.left]
        else:
            operands.append(current)
    return operands


_OF_SEARCH = frozenset(
    {
        "now", "time", "ago", "date_math", "sysdate", "current_timestamp", "current_date", "current_time", "getdate",
        "localtimestamp", "systimestamp", "parameter",
    }
)  # fmt: skip
# Functions and operations that give the same for the same arguments, by the names that the languages have for them.
_FIXED_OF_FIXED = _OF_SEARCH | {
    *flagged("fixed"), "relative_time", "tonumber", "strptime",
    "timespan", "time_span", "totimespan", "datetime", "todatetime", "date_add",
    "dateadd", "timeadd", "timestampadd", "datetime_add", "date_trunc", "to_timestamp", "to_timestamp_ntz", "to_date",
    "interval", "startofday", "startofweek", "startofmonth", "startofyear", "endofday", "endofweek", "endofmonth",
    "endofyear", "date_part", "to_datetime", "as_moment",
}  # fmt: skip


def has_text(expression: Expression) -> bool:
    """Whether an expression has a text in it, so that `+` joins rather than adds."""
    return any(isinstance(node, Constant) and isinstance(node.value, str) for node in walk(expression))


def is_fixed(expression: Expression) -> bool:
    """Whether an expression is the same for every row: a constant, or made of constants and the time of the search."""
    while isinstance(expression, Binary):
        if expression.operator not in ("+", "-", "*", "/", "%", ".") or not is_fixed(expression.right):
            return False
        expression = expression.left
    match expression:
        case Constant():
            return True
        case Unary(operator="-" | "+", operand=operand):
            return is_fixed(operand)
        case Call(function=name, arguments=arguments) | Operation(name=name, arguments=arguments):
            return name in _FIXED_OF_FIXED and all(is_fixed(argument) for argument in arguments)
    return False


def is_of_search(expression: Expression) -> bool:
    """Whether an expression has in it the time of the search, or what is put in when it is run (`$latest$`): a
    comparison with it bounds the search and names no value."""
    return any(_name(node) in _OF_SEARCH for node in walk(expression))


def _name(node: object) -> str:
    """The function or operation that a node is a call of; nothing for others."""
    return node.function if isinstance(node, Call) else node.name if isinstance(node, Operation) else ""


def fixed_text(expression: Expression) -> str:
    """What a comparison with a fixed expression looks for: the constant, or how the expression reads."""
    if isinstance(expression, Constant):
        return "" if expression.value is None else value_text(expression.value)
    return expression_text(expression, "shared")


def starred_value(text: str) -> tuple[ComparisonKind, str]:
    """Text with stars, as kind and text."""
    inner = text.strip("*")
    if inner == text or not inner:
        return "eq", text
    if "*" in inner:
        return "wildcard", text
    first, last = text[0] == "*", text[-1] == "*"
    return ("contains" if first and last else "ends_with" if first else "starts_with"), inner
