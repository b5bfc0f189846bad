"""xmlkv: extracts name and value pairs from the XML in a field."""

from __future__ import annotations

from rulescope.ir.stages import XmlKv
from rulescope.languages.spl.arguments import ArgumentReader, integer_option
from rulescope.languages.spl.commands.option_lists import at_most, item_name, options_text, read_fields
from rulescope.languages.spl.commands.syntax import CommandSyntax
from rulescope.languages.spl.printer import field_text


def _parse(arguments: ArgumentReader) -> XmlKv:
    found, rest = read_fields(arguments, {"maxinputs": integer_option})
    at_most(arguments, rest, 1)
    name = item_name(arguments, rest[0]) if rest else ""
    if name.isdigit() and "maxinputs" not in found:
        return XmlKv(int(name))
    return XmlKv(found.get("maxinputs"), name or "_raw")


def _render(stage: XmlKv) -> str:
    field = "" if stage.field == "_raw" else f" {field_text(stage.field)}"
    return "xmlkv" + field + options_text(("maxinputs", stage.max_inputs, None))


COMMAND = CommandSyntax(
    "xmlkv",
    "Extracts name and value pairs from the XML in a field (_raw).",
    "xmlkv [<field> | <n>] [maxinputs=<n>]",
    _parse,
    _render,
)
