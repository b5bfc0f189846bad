"""tags: adds the tags of fields' values."""

from __future__ import annotations

from rulescope.ir.stages import Tags
from rulescope.languages.spl.arguments import ArgumentReader, boolean_option, field_option, text_option
from rulescope.languages.spl.commands.option_lists import options_text, read_fields
from rulescope.languages.spl.commands.syntax import CommandSyntax
from rulescope.languages.spl.printer import fields_text

_OPTIONS = {
    "outputfield": field_option,
    "inclname": boolean_option,
    "inclvalue": boolean_option,
    "allowed_tags": text_option,
}


def _parse(arguments: ArgumentReader) -> Tags:
    found, fields = read_fields(arguments, _OPTIONS)
    allowed = tuple(tag for tag in str(found.get("allowed_tags", "")).replace(",", " ").split() if tag)
    return Tags(fields, found.get("outputfield"), found.get("inclname", False), found.get("inclvalue", False), allowed)


def _render(stage: Tags) -> str:
    options = options_text(
        ("outputfield", stage.output_field, None),
        ("inclname", stage.include_name, False),
        ("inclvalue", stage.include_value, False),
        ("allowed_tags", ",".join(stage.allowed) or None, None),
    )
    return f"tags{options} {fields_text(stage.fields)}".rstrip()


COMMAND = CommandSyntax(
    "tags",
    "Adds the tags of fields' values.",
    "tags [outputfield=<field>] [inclname=<bool>] [inclvalue=<bool>] [allowed_tags=<list>] [<field>...]",
    _parse,
    _render,
)
