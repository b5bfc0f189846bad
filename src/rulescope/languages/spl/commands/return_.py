"""return: hands values of the first rows out of a subsearch."""

from __future__ import annotations

import re

from rulescope.ir.stages import Return, ReturnItem
from rulescope.languages.spl.arguments import ArgumentReader
from rulescope.languages.spl.commands.syntax import CommandSyntax
from rulescope.languages.spl.printer import field_text

_COUNT = re.compile(r"(\d+)(?=\s|\Z)")
_BARE = re.compile(r"\$([\w.:{}@-]+)\$?")


def _parse(arguments: ArgumentReader) -> Return:
    number = arguments.match(_COUNT)
    items: list[ReturnItem] = []
    while True:
        arguments.skip_separators()
        if arguments.at_end():
            break
        bare = arguments.match(_BARE)
        if bare:
            items.append(ReturnItem(bare.group(1), None, True))
            continue
        if arguments.at_macro():
            arguments.macro_arguments.append(("", arguments.macro()))
            continue
        name = arguments.field_name()
        if arguments.accept("="):
            value = arguments.match(_BARE)
            items.append(ReturnItem(value.group(1) if value else arguments.field_name(), name, False))
        else:
            items.append(ReturnItem(name))
    if not items and not arguments.macro_arguments:
        arguments.fail("SPL045", "return needs a field", hint="for example: return 10 src_ip")
    return Return(tuple(items), int(number.group(1)) if number else 1)


def _render(stage: Return) -> str:
    parts = ["return"]
    if stage.count != 1:
        parts.append(str(stage.count))
    for item in stage.items:
        if item.bare:
            parts.append(f"${item.field}")
        elif item.alias is not None:
            parts.append(f"{field_text(item.alias)}={field_text(item.field)}")
        else:
            parts.append(field_text(item.field))
    return " ".join(parts)


COMMAND = CommandSyntax(
    "return",
    "Hands values of the first rows out of a subsearch.",
    "return [<n>] (<field> | <alias>=<field> | $<field>)...",
    _parse,
    _render,
)
