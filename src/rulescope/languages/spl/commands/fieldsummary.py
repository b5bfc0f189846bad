"""fieldsummary: computes statistics of each field."""

from __future__ import annotations

from rulescope.ir.stages import FieldSummary
from rulescope.languages.spl.arguments import ArgumentReader, integer_option
from rulescope.languages.spl.commands.option_lists import options_text, read_fields
from rulescope.languages.spl.commands.syntax import CommandSyntax
from rulescope.languages.spl.printer import fields_text


def _parse(arguments: ArgumentReader) -> FieldSummary:
    found, fields = read_fields(arguments, {"maxvals": integer_option})
    return FieldSummary(fields, found.get("maxvals", 100))


def _render(stage: FieldSummary) -> str:
    return f"fieldsummary{options_text(('maxvals', stage.max_values, 100))} {fields_text(stage.fields)}".rstrip()


COMMAND = CommandSyntax(
    "fieldsummary", "Computes statistics of each field.", "fieldsummary [maxvals=<n>] [<field>...]", _parse, _render
)
