"""rangemap: names the range that a number falls in."""

from __future__ import annotations

import re
from typing import Any

from rulescope.ir.stages import RangeMap
from rulescope.languages.spl.arguments import ArgumentReader, field_option, text_option
from rulescope.languages.spl.commands.syntax import CommandSyntax
from rulescope.languages.spl.printer import field_text, number_text, word_text

_RANGE = re.compile(r"([\w.-]+)\s*=\s*(-?\d+(?:\.\d+)?)\s*-\s*(-?\d+(?:\.\d+)?)(?![\w.])")
_OPTIONS = {"field": field_option, "default": text_option}


def _parse(arguments: ArgumentReader) -> RangeMap:
    found: dict[str, Any] = {}
    ranges: list[tuple[str, float, float]] = []
    while True:
        arguments.skip_separators()
        if arguments.at_end():
            break
        bounds = arguments.match(_RANGE)
        if bounds:
            ranges.append((bounds.group(1), float(bounds.group(2)), float(bounds.group(3))))
            continue
        if arguments.option(_OPTIONS, found):
            continue
        if arguments.unknown_option(_OPTIONS):
            continue
        arguments.expected("a range such as low=0-10")
    if "field" not in found and not arguments.macro_arguments:
        arguments.fail(
            "SPL045", "rangemap needs field=<field>", hint="for example: rangemap field=count low=0-9 high=10-99"
        )
    return RangeMap(found.get("field", ""), tuple(ranges), found.get("default", "None"))


def _render(stage: RangeMap) -> str:
    parts = ["rangemap"]
    if stage.field:
        parts.append(f"field={field_text(stage.field)}")
    parts += [f"{name}={number_text(low)}-{number_text(high)}" for name, low, high in stage.ranges]
    if stage.default != "None":
        parts.append(f"default={word_text(stage.default)}")
    return " ".join(parts)


COMMAND = CommandSyntax(
    "rangemap",
    "Names the range that a number falls in.",
    "rangemap field=<field> (<name>=<low>-<high>)... [default=<text>]",
    _parse,
    _render,
)
