"""nomv: joins a multivalue field into one text, a value a line."""

from __future__ import annotations

from rulescope.ir.stages import NoMv
from rulescope.languages.spl.arguments import ArgumentReader
from rulescope.languages.spl.commands.option_lists import one_field, read_fields
from rulescope.languages.spl.commands.syntax import CommandSyntax
from rulescope.languages.spl.printer import field_text


def _parse(arguments: ArgumentReader) -> NoMv:
    _, fields = read_fields(arguments, {})
    return NoMv(one_field(arguments, fields))


def _render(stage: NoMv) -> str:
    return f"nomv {field_text(stage.field)}" if stage.field else "nomv"


COMMAND = CommandSyntax(
    "nomv", "Joins a multivalue field into one text, a value a line.", "nomv <field>", _parse, _render
)
