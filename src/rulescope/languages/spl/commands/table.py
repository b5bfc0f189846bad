"""table: only these fields, in this order."""

from __future__ import annotations

from rulescope.ir.stages import Table
from rulescope.languages.spl.arguments import ArgumentReader
from rulescope.languages.spl.commands.syntax import CommandSyntax
from rulescope.languages.spl.printer import fields_text


def _parse(arguments: ArgumentReader) -> Table:
    fields = arguments.field_list()
    if not fields:
        arguments.fail("SPL045", "table needs a field", hint="for example: table _time, host, user")
    return Table(fields)


def _render(stage: Table) -> str:
    return f"table {fields_text(stage.fields)}"


COMMAND = CommandSyntax("table", "Keeps only these fields, in this order.", "table <field>...", _parse, _render)
