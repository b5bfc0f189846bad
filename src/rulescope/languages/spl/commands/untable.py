"""untable: turns a table into rows: one a column of each row."""

from __future__ import annotations

from rulescope.ir.stages import Untable
from rulescope.languages.spl.arguments import ArgumentReader
from rulescope.languages.spl.commands.option_lists import item_name, read_fields
from rulescope.languages.spl.commands.syntax import CommandSyntax
from rulescope.languages.spl.printer import field_text


def _parse(arguments: ArgumentReader) -> Untable:
    _, fields = read_fields(arguments, {})
    if len(fields) != 3:
        arguments.fail("SPL045", "untable takes three fields", arguments.start, arguments.end)
    return Untable(*(item_name(arguments, field) for field in fields))


def _render(stage: Untable) -> str:
    return f"untable {field_text(stage.x)} {field_text(stage.y)} {field_text(stage.value)}"


COMMAND = CommandSyntax(
    "untable", "Turns a table into rows: one a column of each row.", "untable <x> <y> <value>", _parse, _render
)
