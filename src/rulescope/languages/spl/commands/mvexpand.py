"""mvexpand: makes one row a value of a multivalue field."""

from __future__ import annotations

from rulescope.ir.stages import MvExpand
from rulescope.languages.spl.arguments import ArgumentReader, integer_option
from rulescope.languages.spl.commands.option_lists import one_field, options_text, read_fields
from rulescope.languages.spl.commands.syntax import CommandSyntax
from rulescope.languages.spl.printer import field_text


def _parse(arguments: ArgumentReader) -> MvExpand:
    found, fields = read_fields(arguments, {"limit": integer_option})
    return MvExpand(one_field(arguments, fields), found.get("limit"))


def _render(stage: MvExpand) -> str:
    return (
        "mvexpand" + (f" {field_text(stage.field)}" if stage.field else "") + options_text(("limit", stage.limit, None))
    )


COMMAND = CommandSyntax(
    "mvexpand", "Makes one row a value of a multivalue field.", "mvexpand <field> [limit=<n>]", _parse, _render
)
