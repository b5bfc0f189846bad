"""xmlkv: extracts name and value pairs from XML in _raw."""

from __future__ import annotations

from rulescope.ir.stages import XmlKv
from rulescope.languages.spl.arguments import Arguments, integer_option
from rulescope.languages.spl.commands.reading import item_name, options_text, read_fields
from rulescope.languages.spl.commands.syntax import CommandSyntax


def _parse(arguments: Arguments) -> XmlKv:
    found, rest = read_fields(arguments, {"maxinputs": integer_option})
    count = found.get("maxinputs")
    if rest:
        name = item_name(arguments, rest[0])
        count = int(name) if name.isdigit() else count
    return XmlKv(count)


def _render(stage: XmlKv) -> str:
    return "xmlkv" + options_text(("maxinputs", stage.max_inputs, None))


COMMAND = CommandSyntax(
    "xmlkv", "Extracts name and value pairs from XML in _raw.", "xmlkv [<n>] [maxinputs=<n>]", _parse, _render
)
