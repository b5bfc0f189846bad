"""where: keeps the rows for which an expression is true."""

from __future__ import annotations

from rulescope.ir.stages import Where
from rulescope.languages.spl.arguments import ArgumentReader
from rulescope.languages.spl.commands.syntax import CommandSyntax
from rulescope.languages.spl.conditions import lower_condition
from rulescope.languages.spl.expressions import MAXIMUM_CONDITIONS, parse_expression
from rulescope.languages.spl.printer import condition_text


def _parse(arguments: ArgumentReader) -> Where:
    if arguments.at_end():
        arguments.fail("SPL043", "where needs a condition", hint="for example: where count > 5")
    return Where(lower_condition(parse_expression(arguments, MAXIMUM_CONDITIONS)))


def _render(stage: Where) -> str:
    return f"where {condition_text(stage.predicate)}"


COMMAND = CommandSyntax(
    "where", "Keeps the rows for which an expression is true.", "where <eval-expression>", _parse, _render
)
