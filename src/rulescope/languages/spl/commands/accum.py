"""accum: keeps a running sum of a field."""

from __future__ import annotations

from rulescope.ir.stages import Accum
from rulescope.languages.spl.arguments import ArgumentReader
from rulescope.languages.spl.commands.syntax import CommandSyntax
from rulescope.languages.spl.printer import field_text


def _parse(arguments: ArgumentReader) -> Accum:
    field = arguments.field_name()
    return Accum(field, arguments.field_name("a name after AS") if arguments.keyword("as") else None)


def _render(stage: Accum) -> str:
    alias = f" AS {field_text(stage.alias)}" if stage.alias is not None else ""
    return f"accum {field_text(stage.field)}{alias}"


COMMAND = CommandSyntax("accum", "Keeps a running sum of a field.", "accum <field> [AS <field>]", _parse, _render)
