"""transpose: turns rows into columns."""

from __future__ import annotations

from rulescope.ir.stages import Transpose
from rulescope.languages.spl.arguments import ArgumentReader, boolean_option, field_option, text_option
from rulescope.languages.spl.commands.option_lists import at_most, item_name, options_text, read_fields
from rulescope.languages.spl.commands.syntax import CommandSyntax

_OPTIONS = {"column_name": text_option, "header_field": field_option, "include_empty": boolean_option}


def _parse(arguments: ArgumentReader) -> Transpose:
    found, rest = read_fields(arguments, _OPTIONS)
    at_most(arguments, rest, 1)
    count: int | None = 5
    if rest:
        name = item_name(arguments, rest[0])
        if name and not name.isdigit():
            arguments.fail(
                "SPL024", f"transpose: expected a number of rows, found '{name}'", arguments.start, arguments.end
            )
        count = int(name) if name else 5
    return Transpose(
        found.get("column_name", "column"), count or None, found.get("header_field"), found.get("include_empty", True)
    )


def _render(stage: Transpose) -> str:
    count = "" if stage.count == 5 else f" {stage.count or 0}"
    return f"transpose{count}" + options_text(
        ("column_name", stage.column_name, "column"),
        ("header_field", stage.header_field, None),
        ("include_empty", stage.include_empty, True),
    )


COMMAND = CommandSyntax(
    "transpose",
    "Turns rows into columns.",
    "transpose [<n>] [column_name=<text>] [header_field=<field>] [include_empty=<bool>]",
    _parse,
    _render,
)
