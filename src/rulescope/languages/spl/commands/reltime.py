"""reltime: adds how long ago the event was, in words."""

from __future__ import annotations

from rulescope.ir.stages import RelTime
from rulescope.languages.spl.arguments import ArgumentReader, field_option, text_option
from rulescope.languages.spl.commands.option_lists import at_most, options_text, read_fields
from rulescope.languages.spl.commands.syntax import CommandSyntax

_OPTIONS = {"timefield": field_option, "prefix": text_option}


def _parse(arguments: ArgumentReader) -> RelTime:
    found, rest = read_fields(arguments, _OPTIONS)
    at_most(arguments, rest, 0)
    return RelTime(found.get("timefield", "_time"), found.get("prefix", ""))


def _render(stage: RelTime) -> str:
    return "reltime" + options_text(("timefield", stage.time_field, "_time"), ("prefix", stage.prefix, ""))


COMMAND = CommandSyntax(
    "reltime",
    "Adds how long ago the event was, in words.",
    "reltime [timefield=<field>] [prefix=<text>]",
    _parse,
    _render,
)
