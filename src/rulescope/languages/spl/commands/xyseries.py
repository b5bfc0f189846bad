"""xyseries: turns rows into a table: one row a value of x, one column a value of y."""

from __future__ import annotations

from rulescope.ir.stages import XySeries
from rulescope.languages.spl.arguments import ArgumentReader, boolean_option, text_option
from rulescope.languages.spl.commands.option_lists import item_name, options_text, read_fields
from rulescope.languages.spl.commands.syntax import CommandSyntax
from rulescope.languages.spl.printer import field_text

_OPTIONS = {"grouped": boolean_option, "sep": text_option, "format": text_option}


def _parse(arguments: ArgumentReader) -> XySeries:
    found, fields = read_fields(arguments, _OPTIONS)
    if len(fields) < 3:
        arguments.fail(
            "SPL045", f"{arguments.command} needs three fields: x, y and a value", arguments.start, arguments.end
        )
    names = tuple(item_name(arguments, field) for field in fields)
    return XySeries(names[0], names[1], names[2:], found.get("grouped", False), found.get("sep"), found.get("format"))


def _render(stage: XySeries) -> str:
    options = options_text(
        ("grouped", stage.grouped, False), ("sep", stage.separator, None), ("format", stage.format, None)
    )
    return f"xyseries{options} " + " ".join(field_text(name) for name in (stage.x, stage.y, *stage.values))


COMMAND = CommandSyntax(
    "xyseries",
    "Turns rows into a table: one row a value of x, one column a value of y.",
    "xyseries [grouped=<bool>] <x> <y> <value>... [sep=<text>] [format=<text>]",
    _parse,
    _render,
)
