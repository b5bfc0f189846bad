"""convert: converts fields between forms of numbers and times."""

from __future__ import annotations

import re
from typing import Any

from rulescope.ir.stages import Conversion, Convert
from rulescope.languages.spl.arguments import ArgumentReader, text_option
from rulescope.languages.spl.commands.syntax import CommandSyntax
from rulescope.languages.spl.printer import field_text, quote
from rulescope.text import nearest_name

_FUNCTION = re.compile(r"([A-Za-z_]\w*)\s*\(")
_FUNCTIONS = ("auto", "ctime", "dur2sec", "memk", "mktime", "mstime", "none", "num", "rmcomma", "rmunit")
_DEFAULT = "%m/%d/%Y %H:%M:%S"


def _parse(arguments: ArgumentReader) -> Convert:
    found: dict[str, Any] = {}
    conversions: list[Conversion] = []
    while True:
        arguments.skip_separators()
        if arguments.at_end():
            break
        if arguments.option({"timeformat": text_option}, found):
            continue
        if arguments.at_macro():
            arguments.macro_arguments.append(("", arguments.macro()))
            continue
        start = arguments.position
        function = arguments.match(_FUNCTION)
        if not function:
            arguments.expected("a conversion such as ctime(field)")
        name = function.group(1).lower()
        if name not in _FUNCTIONS:
            near = nearest_name(name, _FUNCTIONS)
            arguments.note(
                "SPL025",
                f"convert has no function '{name}'",
                start,
                start + len(name),
                hint=f"did you mean '{near}'?" if near else None,
            )
        fields: list[str] = []
        while not arguments.accept(")"):
            arguments.skip_separators()
            fields.append(arguments.field_name("a field to convert"))
        alias = arguments.field_name("a name after AS") if arguments.keyword("as") else None
        conversions += [Conversion(name, field, alias) for field in fields or ["*"]]
    if not conversions and not arguments.macro_arguments:
        arguments.fail("SPL045", "convert needs a function and a field", hint="for example: convert ctime(firstTime)")
    return Convert(tuple(conversions), found.get("timeformat", _DEFAULT))


def _render(stage: Convert) -> str:
    parts = ["convert"]
    if stage.time_format != _DEFAULT:
        parts.append(f"timeformat={quote(stage.time_format)}")
    for item in stage.conversions:
        alias = f" AS {field_text(item.alias)}" if item.alias is not None else ""
        parts.append(f"{item.function}({field_text(item.field)}){alias}")
    return " ".join(parts)


COMMAND = CommandSyntax(
    "convert",
    "Converts fields between forms of numbers and times.",
    "convert [timeformat=<text>] (<function>(<field>) [AS <field>])...",
    _parse,
    _render,
)
