"""contingency: counts how often values of two fields occur together."""

from __future__ import annotations

from rulescope.ir.stages import Contingency
from rulescope.languages.spl.arguments import ArgumentReader, boolean_option, integer_option, number_option, text_option
from rulescope.languages.spl.commands.option_lists import item_name, options_text, read_fields
from rulescope.languages.spl.commands.syntax import CommandSyntax
from rulescope.languages.spl.printer import field_text

_OPTIONS = {
    "maxrows": integer_option,
    "maxcols": integer_option,
    "mincolcover": number_option,
    "minrowcover": number_option,
    "usetotal": boolean_option,
    "totalstr": text_option,
}


def _parse(arguments: ArgumentReader) -> Contingency:
    found, fields = read_fields(arguments, _OPTIONS)
    if len(fields) != 2:
        arguments.fail("SPL045", "contingency takes two fields", arguments.start, arguments.end)
    return Contingency(
        item_name(arguments, fields[0]),
        item_name(arguments, fields[1]),
        found.get("totalstr", "TOTAL"),
        found.get("maxrows", 100),
        found.get("maxcols", 100),
        found.get("usetotal", True),
    )


def _render(stage: Contingency) -> str:
    options = options_text(
        ("maxrows", stage.max_rows, 100),
        ("maxcols", stage.max_columns, 100),
        ("usetotal", stage.use_total, True),
        ("totalstr", stage.total_name, "TOTAL"),
    )
    return f"contingency{options} {field_text(stage.row)} {field_text(stage.column)}"


COMMAND = CommandSyntax(
    "contingency",
    "Counts how often values of two fields occur together.",
    (
        "contingency [maxrows=<n>] [maxcols=<n>] [mincolcover=<n>] [minrowcover=<n>] [usetotal=<bool>]"
        " [totalstr=<text>] <field> <field>"
    ),
    _parse,
    _render,
)
