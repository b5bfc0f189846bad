"""sort: orders the rows."""

from __future__ import annotations

import re
from typing import Any

from rulescope.ir.stages import Sort, SortKey
from rulescope.languages.spl.arguments import ArgumentReader, integer_option
from rulescope.languages.spl.commands.sort_keys import parse_sort_keys
from rulescope.languages.spl.commands.syntax import CommandSyntax
from rulescope.languages.spl.printer import sort_key_text

_COUNT = re.compile(r"(\d+)(?=[\s,+\-]|\Z)")
_DESCENDING = re.compile(r"(?:d|desc)\Z", re.IGNORECASE)

_ROWS = 10_000
"""So many rows are kept where no number is given."""


def _parse(arguments: ArgumentReader) -> Sort:
    found: dict[str, Any] = {}
    count: int | None = None
    arguments.skip()
    reverse = False
    whole = arguments.end
    last = _DESCENDING.search(arguments.text, max(whole - 4, arguments.position), whole)
    if last and arguments.text[last.start() - 1] in " \t\r\n,":
        arguments.end = last.start()
        reverse = True
    keys: tuple[SortKey, ...] = ()
    number = arguments.match(_COUNT)
    if number:
        count = int(number.group(1))
    while not arguments.at_end():
        # limit=n may stand before or after the keys (practice).
        if arguments.option({"limit": integer_option}, found):
            count = found.get("limit", count)
        else:
            keys += parse_sort_keys(arguments, options=("limit",))
    arguments.position = arguments.end = whole
    if not keys and not arguments.macro_arguments:
        arguments.fail("SPL045", "sort needs a field", whole - 1, whole, hint="for example: sort - count")
    return Sort(keys, _ROWS if count is None else count, reverse, count is None)


def _render(stage: Sort) -> str:
    parts = ["sort"]
    if not stage.by_default:
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
