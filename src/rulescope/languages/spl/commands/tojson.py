"""tojson: puts fields into one JSON text."""

from __future__ import annotations

import re
from typing import Any

from rulescope.ir.expressions import FieldReference
from rulescope.ir.stages import FieldItem, ToJson
from rulescope.languages.spl.arguments import ArgumentReader, boolean_option, field_option, text_option
from rulescope.languages.spl.commands.option_lists import options_text
from rulescope.languages.spl.commands.syntax import CommandSyntax
from rulescope.languages.spl.printer import fields_text

_TYPED = re.compile(r"(auto|bool|json|none|num|str)\(\s*([^()]+?)\s*\)")
_OPTIONS = {
    "output_field": field_option,
    "default_type": text_option,
    "fill_null": boolean_option,
    "include_internal": boolean_option,
}


def _parse(arguments: ArgumentReader) -> ToJson:
    found: dict[str, Any] = {}
    fields: list[FieldItem] = []
    while True:
        arguments.skip_separators()
        if arguments.at_end():
            break
        if arguments.option(_OPTIONS, found) or arguments.unknown_option(_OPTIONS):
            continue
        start = arguments.position
        typed = arguments.match(_TYPED)
        if typed:
            fields.append(FieldReference(typed.group(), arguments.span(start)))
            continue
        fields.append(arguments.field_item())
    return ToJson(
        tuple(fields),
        found.get("output_field", "_raw"),
        found.get("default_type", "json"),
        found.get("fill_null", False),
        found.get("include_internal", False),
    )


def _render(stage: ToJson) -> str:
    fields = "".join(
        f" {field.name}"
        if isinstance(field, FieldReference) and _TYPED.fullmatch(field.name)
        else f" {fields_text((field,))}"
        for field in stage.fields
    )
    return f"tojson{fields}" + options_text(
        ("output_field", stage.output_field, "_raw"),
        ("default_type", stage.default_type, "json"),
        ("fill_null", stage.fill_null, False),
        ("include_internal", stage.include_internal, False),
    )


COMMAND = CommandSyntax(
    "tojson",
    "Puts fields into one JSON text.",
    (
        "tojson [<type>(<field>) | <field>]... [default_type=<type>] [fill_null=<bool>]"
        " [include_internal=<bool>] [output_field=<field>]"
    ),
    _parse,
    _render,
)
