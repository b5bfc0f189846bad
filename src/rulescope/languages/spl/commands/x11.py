"""x11: takes the seasons out of a time series."""

from __future__ import annotations

import re

from rulescope.ir.expressions import Call, Constant, Expression, FieldReference
from rulescope.ir.stages import Argument, Command
from rulescope.languages.spl.arguments import ArgumentReader
from rulescope.languages.spl.commands.syntax import CommandSyntax
from rulescope.languages.spl.printer import field_text

_SERIES = re.compile(r"(add|mult)?(\d*)\s*\(", re.IGNORECASE)


def _parse(arguments: ArgumentReader) -> Command:
    if arguments.at_end():
        arguments.fail("SPL045", "x11 needs a field", hint="for example: x11 mult12(count) AS trend")
    arguments.skip()
    start = arguments.position
    bracket = arguments.match(_SERIES)
    field: Expression = arguments.field_item("a field name")
    if bracket:
        arguments.require(")")
        period = int(bracket.group(2)) if bracket.group(2) else None
        parts = (field,) if period is None else (field, Constant(period))
        field = Call((bracket.group(1) or "mult").lower(), parts, arguments.span(start))
    found = [Argument(field, None, arguments.span(start))]
    if arguments.keyword("as"):
        start = arguments.position
        found.append(Argument(arguments.field("a name after AS"), "as", arguments.span(start)))
    return Command("x11", tuple(found))


def _render(stage: Command) -> str:
    parts = ["x11"]
    for argument in stage.arguments:
        value = argument.value
        if argument.name == "as":
            parts.append("AS")
        if isinstance(value, Call):
            period = value.arguments[1].value if len(value.arguments) > 1 else ""  # type: ignore[union-attr]
            parts.append(f"{value.function}{period}({field_text(value.arguments[0])})")  # type: ignore[arg-type]
        elif isinstance(value, FieldReference):
            parts.append(field_text(value))
        else:
            parts.append(f"`{value.text}`")  # type: ignore[union-attr]
    return " ".join(parts)


COMMAND = CommandSyntax(
    "x11",
    "Takes the seasons out of a time series, leaving its trend.",
    "x11 [add | mult][<period>](<field>) [AS <field>]",
    _parse,
    _render,
)
