"""addcoltotals: adds a row with the sum of each column."""

from __future__ import annotations

from rulescope.ir.stages import AddColTotals
from rulescope.languages.spl.arguments import ArgumentReader, field_option, text_option
from rulescope.languages.spl.commands.option_lists import options_text, read_fields
from rulescope.languages.spl.commands.syntax import CommandSyntax
from rulescope.languages.spl.printer import fields_text

_OPTIONS = {"labelfield": field_option, "label": text_option}


def _parse(arguments: ArgumentReader) -> AddColTotals:
    found, fields = read_fields(arguments, _OPTIONS)
    return AddColTotals(found.get("label", "Total"), fields, found.get("labelfield"))


def _render(stage: AddColTotals) -> str:
    options = options_text(("labelfield", stage.label_field, None), ("label", stage.label, "Total"))
    return f"addcoltotals{options} {fields_text(stage.fields)}".rstrip()


COMMAND = CommandSyntax(
    "addcoltotals",
    "Adds a row with the sum of each column.",
    "addcoltotals [labelfield=<field>] [label=<text>] [<field>...]",
    _parse,
    _render,
)
