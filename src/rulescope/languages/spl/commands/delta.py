"""delta: computes the difference from an earlier row."""

from __future__ import annotations

from rulescope.ir.stages import Delta
from rulescope.languages.spl.arguments import ArgumentReader, integer_option
from rulescope.languages.spl.commands.option_lists import one_field, options_text, read_fields, read_options
from rulescope.languages.spl.commands.syntax import CommandSyntax
from rulescope.languages.spl.printer import field_text


def _parse(arguments: ArgumentReader) -> Delta:
    found, fields = read_fields(arguments, {"p": integer_option}, ("as",))
    alias = None
    if arguments.keyword("as"):
        alias = arguments.field_name("a name after AS")
        found.update(read_options(arguments, {"p": integer_option}))
    return Delta(one_field(arguments, fields), alias, found.get("p", 1))


def _render(stage: Delta) -> str:
    alias = f" AS {field_text(stage.alias)}" if stage.alias is not None else ""
    return f"delta {field_text(stage.field)}{alias}" + options_text(("p", stage.periods, 1))


COMMAND = CommandSyntax(
    "delta", "Computes the difference from an earlier row.", "delta <field> [AS <field>] [p=<n>]", _parse, _render
)
