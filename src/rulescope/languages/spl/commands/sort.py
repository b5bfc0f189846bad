"""sort: orders the rows."""

from __future__ import annotations

import re
from typing import Any

from rulescope.ir.stages import Sort
from rulescope.languages.spl.arguments import Arguments, integer_option
from rulescope.languages.spl.commands.sort_keys import parse_sort_keys
from rulescope.languages.spl.commands.syntax import CommandSyntax
from rulescope.languages.spl.printer import sort_key_text

_COUNT = re.compile(r"(\d+)(?=[\s,+\-]|\Z)")
_DESCENDING = re.compile(r"(?:d|desc)\s*\Z", re.IGNORECASE)


def _parse(arguments: Arguments) -> Sort:
    found: dict[str, Any] = {}
    count: int | None = None
    arguments.skip()
    reverse = False
    last = re.compile(r"[\s,](?:d|desc)\s*\Z", re.IGNORECASE).search(arguments.text, arguments.position, arguments.end)
    whole = arguments.end
    if last:
        arguments.end = last.start() + 1
        reverse = True
    if arguments.option({"limit": integer_option}, found):
        count = found.get("limit")
    else:
        number = arguments.match(_COUNT)
        if number:
            count = int(number.group(1))
    keys = parse_sort_keys(arguments)
    arguments.position = arguments.end = whole
    if not keys and not arguments.macro_arguments:
        arguments.fail("SPL045", "sort needs a field", whole - 1, whole, hint="for example: sort - count")
    return Sort(keys, count, reverse)


def _render(stage: Sort) -> str:
    parts = ["sort"]
    if stage.count is not None:
        parts.append(str(stage.count))
    if stage.keys:
        parts.append(", ".join(sort_key_text(key) for key in stage.keys))
    if stage.reverse:
        parts.append("desc")
    return " ".join(parts)


COMMAND = CommandSyntax(
    "sort",
    "Orders the rows by fields; keeps 10,000 unless told otherwise.",
    "sort [<n>] (+|-)<field>, ... [desc]",
    _parse,
    _render,
)
