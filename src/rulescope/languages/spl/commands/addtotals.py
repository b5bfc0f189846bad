"""addtotals: sums the numbers of each row, and with col=true of each column."""

from __future__ import annotations

from rulescope.ir.stages import AddTotals
from rulescope.languages.spl.arguments import ArgumentReader, boolean_option, field_option, text_option
from rulescope.languages.spl.commands.option_lists import options_text, read_fields
from rulescope.languages.spl.commands.syntax import CommandSyntax
from rulescope.languages.spl.printer import fields_text

_OPTIONS = {
    "row": boolean_option,
    "col": boolean_option,
    "labelfield": field_option,
    "label": text_option,
    "fieldname": field_option,
}


def _parse(arguments: ArgumentReader) -> AddTotals:
    found, fields = read_fields(arguments, _OPTIONS)
    return AddTotals(
        found.get("fieldname", "Total"),
        found.get("label", "Total"),
        fields,
        found.get("row", True),
        found.get("col", False),
        found.get("labelfield"),
    )


def _render(stage: AddTotals) -> str:
    return (
        "addtotals"
        + options_text(
            ("row", stage.row, True),
            ("col", stage.column, False),
            ("labelfield", stage.label_field, None),
            ("label", stage.label, "Total"),
            ("fieldname", stage.row_field, "Total"),
        )
        + f" {fields_text(stage.fields)}"
    ).rstrip()


COMMAND = CommandSyntax(
    "addtotals",
    "Sums the numbers of each row, and with col=true of each column.",
    "addtotals [row=<bool>] [col=<bool>] [labelfield=<field>] [label=<text>] [fieldname=<field>] [<field>...]",
    _parse,
    _render,
)
