"""dedup: drops rows whose fields' values came before."""

from __future__ import annotations

import re
from typing import Any

from rulescope.ir.stages import Dedup, FieldItem, SortKey
from rulescope.languages.spl.arguments import ArgumentReader, boolean_option
from rulescope.languages.spl.commands.sort_keys import parse_sort_keys
from rulescope.languages.spl.commands.syntax import CommandSyntax
from rulescope.languages.spl.printer import fields_text, flag, sort_key_text

_COUNT = re.compile(r"(\d+)(?=\s|,)")
_OPTIONS = {"keepevents": boolean_option, "keepempty": boolean_option, "consecutive": boolean_option}


def _parse(arguments: ArgumentReader) -> Dedup:
    found: dict[str, Any] = {}
    arguments.skip()
    start = arguments.position
    number = arguments.match(_COUNT)
    count = int(number.group(1)) if number else 1
    if count == 0:
        # Search Reference, "dedup": the number of events that are kept is greater than 0.
        arguments.note("SPL023", "dedup: expected a number above zero, found 0", start, severity="error")
    fields: list[FieldItem] = []
    sort_by: tuple[SortKey, ...] = ()
    while True:
        arguments.skip_separators()
        if arguments.at_end():
            break
        if arguments.option(_OPTIONS, found):
            continue
        if arguments.keyword("sortby"):
            sort_by = parse_sort_keys(arguments)
            break
        if arguments.unknown_option(_OPTIONS):
            continue
        fields.append(arguments.field_item())
    if not fields and not found and not arguments.macro_arguments:
        arguments.fail("SPL045", "dedup needs a field", hint="for example: dedup host")
    return Dedup(
        tuple(fields),
        count,
        found.get("keepevents", False),
        found.get("keepempty", False),
        found.get("consecutive", False),
        sort_by,
    )


def _render(stage: Dedup) -> str:
    parts = ["dedup"]
    if stage.count != 1:
        parts.append(str(stage.count))
    parts.append(fields_text(stage.fields))
    if stage.keep_events:
        parts.append(f"keepevents={flag(True)}")
    if stage.keep_empty:
        parts.append(f"keepempty={flag(True)}")
    if stage.consecutive:
        parts.append(f"consecutive={flag(True)}")
    if stage.sort_by:
        parts.append("sortby " + " ".join(sort_key_text(key) for key in stage.sort_by))
    return " ".join(parts)


COMMAND = CommandSyntax(
    "dedup",
    "Keeps the first rows of each combination of values.",
    "dedup [<n>] <field>... [keepevents=<bool>] [keepempty=<bool>] [consecutive=<bool>] [sortby (+|-)<field>...]",
    _parse,
    _render,
)
