"""fillnull: puts a value where a field has none."""

from __future__ import annotations

from rulescope.ir.stages import FillNull
from rulescope.languages.spl.arguments import ArgumentReader, text_option
from rulescope.languages.spl.commands.option_lists import read_fields
from rulescope.languages.spl.commands.syntax import CommandSyntax
from rulescope.languages.spl.printer import fields_text, quote


def _parse(arguments: ArgumentReader) -> FillNull:
    found, fields = read_fields(arguments, {"value": text_option})
    return FillNull(found.get("value", "0"), fields)


def _render(stage: FillNull) -> str:
    value = "" if stage.value == "0" else f" value={quote(stage.value)}"
    return f"fillnull{value} {fields_text(stage.fields)}".rstrip()


COMMAND = CommandSyntax(
    "fillnull", "Puts a value where a field has none.", "fillnull [value=<text>] [<field>...]", _parse, _render
)
