"""setfields: sets fields to constant values."""

from __future__ import annotations

from rulescope.ir.stages import SetFields
from rulescope.languages.spl.arguments import ArgumentReader
from rulescope.languages.spl.commands.syntax import CommandSyntax
from rulescope.languages.spl.printer import field_text, quote


def _parse(arguments: ArgumentReader) -> SetFields:
    values: list[tuple[str, str]] = []
    while True:
        arguments.skip_separators()
        if arguments.at_end():
            break
        name = arguments.field_name("a field to set")
        arguments.require("=")
        values.append((name, arguments.text_value()))
    if not values:
        arguments.fail("SPL045", "setfields needs a field and a value", hint='for example: setfields app="web"')
    return SetFields(tuple(values))


def _render(stage: SetFields) -> str:
    return "setfields " + ", ".join(f"{field_text(name)}={quote(value)}" for name, value in stage.values)


COMMAND = CommandSyntax(
    "setfields", "Sets fields to constant values.", "setfields <field>=<value>, ...", _parse, _render
)
