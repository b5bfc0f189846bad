"""head: the first rows."""

from __future__ import annotations

import re
from typing import Any

from rulescope.ir.expressions import Constant, Expression, FieldReference, Unary
from rulescope.ir.stages import Head
from rulescope.languages.spl.arguments import ArgumentReader, boolean_option, integer_option
from rulescope.languages.spl.commands.syntax import CommandSyntax
from rulescope.languages.spl.expressions import parse_expression
from rulescope.languages.spl.printer import expression_text, flag

_COUNT = re.compile(r"\d+(?![\w.])")
_BRACKET = re.compile(r"\s*\(")
_ROWS = 10
"""So many rows are kept where neither a number nor a condition is given."""

_OPTIONS = {"limit": integer_option, "null": boolean_option, "keeplast": boolean_option}


def _parse(arguments: ArgumentReader) -> Head:
    found: dict[str, Any] = {}
    count: int | None = None
    condition = None
    while not arguments.at_end():
        if arguments.option(_OPTIONS, found):
            continue
        number = arguments.match(_COUNT) if count is None else None
        if number:
            count = int(number.group())
        elif arguments.at_macro() and condition is None and count is None:
            arguments.macro_arguments.append(("", arguments.macro()))
        elif condition is None and (count is None or arguments.looking_at(_BRACKET)):
            arguments.skip()
            start = arguments.position
            condition = parse_expression(arguments)
            if _is_number(condition):
                message = "head: expected a whole number above zero, or a condition"
                arguments.note("SPL023", message, start, severity="error", hint="write head 10")
            elif isinstance(condition, FieldReference) and "$" not in condition.name:
                message = f"head: expected a number or a condition, found '{condition.name}'"
                arguments.wrong_value(message, condition.name, start, hint="write head 10")
        else:
            break
    count = found.get("limit", count)
    if count is None and condition is None:
        count = _ROWS
    return Head(count, condition, found.get("keeplast", False), found.get("null", False))


def _is_number(condition: Expression) -> bool:
    """Whether it is a number that is none of rows: with a sign, or a fraction."""
    operand = condition.operand if isinstance(condition, Unary) and condition.operator in ("-", "+") else condition
    return isinstance(operand, Constant) and isinstance(operand.value, int | float)


def _render(stage: Head) -> str:
    parts = ["head"]
    if stage.condition is not None:
        if stage.count is not None:
            parts.append(f"limit={stage.count}")
        if stage.null:
            parts.append(f"null={flag(True)}")
        if stage.keep_last:
            parts.append(f"keeplast={flag(True)}")
        parts.append(f"({expression_text(stage.condition)})")
    elif stage.count is not None and not stage.macro_arguments:
        parts.append(str(stage.count))
        if stage.null:
            parts.append(f"null={flag(True)}")
        if stage.keep_last:
            parts.append(f"keeplast={flag(True)}")
    return " ".join(parts)


COMMAND = CommandSyntax(
    "head",
    "Keeps the first rows: a number of them (10), or those up to the first that fails a condition.",
    "head [<n> | (<eval-expression>)] [limit=<n>] [null=<bool>] [keeplast=<bool>]",
    _parse,
    _render,
)
