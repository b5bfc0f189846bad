"""mvcombine: merges rows that differ in one field only."""

from __future__ import annotations

from rulescope.ir.stages import MvCombine
from rulescope.languages.spl.arguments import ArgumentReader, text_option
from rulescope.languages.spl.commands.option_lists import one_field, read_fields
from rulescope.languages.spl.commands.syntax import CommandSyntax
from rulescope.languages.spl.printer import field_text, quote


def _parse(arguments: ArgumentReader) -> MvCombine:
    found, fields = read_fields(arguments, {"delim": text_option})
    return MvCombine(one_field(arguments, fields), found.get("delim", " "))


def _render(stage: MvCombine) -> str:
    delimiter = "" if stage.delimiter == " " else f" delim={quote(stage.delimiter)}"
    return f"mvcombine{delimiter}" + (f" {field_text(stage.field)}" if stage.field else "")


COMMAND = CommandSyntax(
    "mvcombine", "Merges rows that differ in one field only.", "mvcombine [delim=<text>] <field>", _parse, _render
)
