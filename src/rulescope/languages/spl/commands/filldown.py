"""filldown: puts the last value before where a field has none."""

from __future__ import annotations

from rulescope.ir.stages import FillDown
from rulescope.languages.spl.arguments import ArgumentReader
from rulescope.languages.spl.commands.option_lists import read_fields
from rulescope.languages.spl.commands.syntax import CommandSyntax
from rulescope.languages.spl.printer import fields_text


def _parse(arguments: ArgumentReader) -> FillDown:
    _, fields = read_fields(arguments, {})
    return FillDown(fields)


def _render(stage: FillDown) -> str:
    return f"filldown {fields_text(stage.fields)}".rstrip()


COMMAND = CommandSyntax(
    "filldown", "Puts the last value before where a field has none.", "filldown [<field>...]", _parse, _render
)
