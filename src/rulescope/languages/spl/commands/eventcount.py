"""eventcount: how many events the indexes hold."""

from __future__ import annotations

from typing import Any

from rulescope.ir.stages import EventCount
from rulescope.languages.spl.arguments import ArgumentReader, boolean_option
from rulescope.languages.spl.commands.option_lists import options_text
from rulescope.languages.spl.commands.syntax import CommandSyntax
from rulescope.languages.spl.printer import word_text

_OPTIONS = {"summarize": boolean_option, "report_size": boolean_option, "list_vix": boolean_option}


def _parse(arguments: ArgumentReader) -> EventCount:
    found: dict[str, Any] = {}
    indexes: list[str] = []
    while not arguments.at_end():
        arguments.skip_separators()
        into: dict[str, Any] = {}
        if arguments.option({"index": ArgumentReader.text_value}, into):
            indexes += into.values()
        elif not arguments.option(_OPTIONS, found) and not arguments.unknown_option(_OPTIONS):
            arguments.expected("an option")
    return EventCount(
        tuple(indexes), found.get("summarize", True), found.get("report_size", False), found.get("list_vix", True)
    )


def _render(stage: EventCount) -> str:
    indexes = "".join(f" index={word_text(index)}" for index in stage.indexes)
    return f"eventcount{indexes}" + options_text(
        ("summarize", stage.summarize, True),
        ("report_size", stage.report_size, False),
        ("list_vix", stage.list_vix, True),
    )


COMMAND = CommandSyntax(
    "eventcount",
    "Counts the events of indexes.",
    "eventcount [index=<text>]... [summarize=<bool>] [report_size=<bool>] [list_vix=<bool>]",
    _parse,
    _render,
)
