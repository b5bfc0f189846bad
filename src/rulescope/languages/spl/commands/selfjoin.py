"""selfjoin: joins rows with other rows of the result that agree in some fields."""

from __future__ import annotations

from rulescope.ir.stages import SelfJoin
from rulescope.languages.spl.arguments import ArgumentReader, boolean_option, integer_option
from rulescope.languages.spl.commands.option_lists import options_text, read_fields
from rulescope.languages.spl.commands.syntax import CommandSyntax
from rulescope.languages.spl.printer import fields_text

_OPTIONS = {"overwrite": boolean_option, "max": integer_option, "keepsingle": boolean_option}


def _parse(arguments: ArgumentReader) -> SelfJoin:
    found, fields = read_fields(arguments, _OPTIONS)
    if not fields:
        arguments.fail("SPL045", "selfjoin needs a field", hint="for example: selfjoin id")
    return SelfJoin(fields, found.get("overwrite", True), found.get("max", 1), found.get("keepsingle", False))


def _render(stage: SelfJoin) -> str:
    options = options_text(
        ("overwrite", stage.overwrite, True), ("max", stage.max_matches, 1), ("keepsingle", stage.keep_single, False)
    )
    return f"selfjoin{options} {fields_text(stage.fields)}"


COMMAND = CommandSyntax(
    "selfjoin",
    "Joins rows with other rows of the result that agree in some fields.",
    "selfjoin [overwrite=<bool>] [max=<n>] [keepsingle=<bool>] <field>...",
    _parse,
    _render,
)
