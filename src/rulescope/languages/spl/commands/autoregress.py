"""autoregress: adds the values of earlier rows as fields."""

from __future__ import annotations

from rulescope.ir.stages import AutoRegress
from rulescope.languages.spl.arguments import ArgumentReader, text_option
from rulescope.languages.spl.commands.option_lists import one_field, read_fields, read_options
from rulescope.languages.spl.commands.syntax import CommandSyntax
from rulescope.languages.spl.printer import field_text


def _parse(arguments: ArgumentReader) -> AutoRegress:
    found, fields = read_fields(arguments, {"p": text_option}, ("as",))
    alias = None
    if arguments.keyword("as"):
        alias = arguments.field_name("a name after AS")
        found.update(read_options(arguments, {"p": text_option}))
    first, _, last = str(found.get("p", "1")).partition("-")
    if not first.isdigit() or (last and not last.isdigit()):
        arguments.fail("SPL023", "autoregress: p is a number or a range such as 1-3", arguments.start, arguments.end)
    return AutoRegress(one_field(arguments, fields), alias, int(first), int(last or first))


def _render(stage: AutoRegress) -> str:
    alias = f" AS {field_text(stage.alias)}" if stage.alias is not None else ""
    periods = str(stage.first) if stage.first == stage.last else f"{stage.first}-{stage.last}"
    return f"autoregress {field_text(stage.field)}{alias} p={periods}"


COMMAND = CommandSyntax(
    "autoregress",
    "Adds the values of earlier rows as fields.",
    "autoregress <field> [AS <field>] [p=<n>[-<n>]]",
    _parse,
    _render,
)
