"""xpath: extracts what an XPath selects from a field."""

from __future__ import annotations

from typing import Any

from rulescope.ir.stages import XPath
from rulescope.languages.spl.arguments import ArgumentReader, field_option, text_option
from rulescope.languages.spl.commands.option_lists import options_text
from rulescope.languages.spl.commands.syntax import CommandSyntax
from rulescope.languages.spl.printer import quote

_OPTIONS = {"field": field_option, "outfield": field_option, "default": text_option}


def _parse(arguments: ArgumentReader) -> XPath:
    found: dict[str, Any] = {}
    path: str | None = None
    while not arguments.at_end():
        if arguments.peek() != '"' and (arguments.option(_OPTIONS, found) or arguments.unknown_option(_OPTIONS)):
            continue
        if path is not None:
            break
        path = arguments.text_value("an XPath")
    if path is None:
        arguments.fail("SPL024", "xpath needs an XPath", hint='for example: xpath outfield=id "//Event/@Id"')
    return XPath(path, found.get("field", "_raw"), found.get("outfield", "xpath"), found.get("default"))


def _render(stage: XPath) -> str:
    return f"xpath {quote(stage.path)}" + options_text(
        ("field", stage.field, "_raw"), ("outfield", stage.output, "xpath"), ("default", stage.default, None)
    )


COMMAND = CommandSyntax(
    "xpath",
    "Extracts what an XPath selects from a field.",
    "xpath [outfield=<field>] <xpath> [field=<field>] [default=<text>]",
    _parse,
    _render,
)
