"""metadata: when hosts, sources or sourcetypes were seen first and last."""

from __future__ import annotations

from typing import Any

from rulescope.ir.stages import Metadata
from rulescope.languages.spl.arguments import ArgumentReader, text_option
from rulescope.languages.spl.commands.option_lists import options_text
from rulescope.languages.spl.commands.syntax import CommandSyntax
from rulescope.languages.spl.printer import word_text

_OPTIONS = {
    "type": text_option,
    "splunk_server": text_option,
    "splunk_server_group": text_option,
    "datatype": text_option,
}


def _parse(arguments: ArgumentReader) -> Metadata:
    found: dict[str, Any] = {}
    indexes: list[str] = []
    while True:
        arguments.skip_separators()
        if arguments.at_end():
            break
        into: dict[str, Any] = {}
        if arguments.option({"index": text_option}, into):
            indexes += into.values()
        elif arguments.at_macro():
            arguments.macro_arguments.append(("", arguments.macro()))
        elif not arguments.option(_OPTIONS, found) and not arguments.unknown_option(_OPTIONS):
            arguments.expected("type=hosts, type=sources or type=sourcetypes")
    kind = found.pop("type", None)
    if kind is None:
        arguments.fail("SPL045", "metadata needs type=hosts, type=sources or type=sourcetypes")
    return Metadata(kind, tuple(indexes), tuple(sorted((name, str(value)) for name, value in found.items())))


def _render(stage: Metadata) -> str:
    indexes = "".join(f" index={word_text(index)}" for index in stage.indexes)
    return f"metadata type={word_text(stage.type)}{indexes}" + options_text(
        *((name, value, None) for name, value in stage.options)
    )


COMMAND = CommandSyntax(
    "metadata",
    "Tells when hosts, sources or sourcetypes were seen first and last, and how often.",
    "metadata type=(hosts | sources | sourcetypes) [index=<text>]... [splunk_server=<text>] [datatype=<text>]",
    _parse,
    _render,
)
