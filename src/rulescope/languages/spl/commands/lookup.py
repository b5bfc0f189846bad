"""lookup: adds fields from a table by key."""

from __future__ import annotations

from typing import Any

from rulescope.ir.stages import Lookup, LookupField
from rulescope.languages.spl.arguments import ArgumentReader, boolean_option
from rulescope.languages.spl.commands.option_lists import options_text
from rulescope.languages.spl.commands.syntax import CommandSyntax
from rulescope.languages.spl.printer import field_text, word_text

_OPTIONS = {"local": boolean_option, "update": boolean_option}
_WORDS = ("output", "outputnew")


def _parse(arguments: ArgumentReader) -> Lookup:
    found: dict[str, Any] = {}
    while arguments.option(_OPTIONS, found):
        pass
    if arguments.at_macro():
        arguments.macro_arguments.append(("", arguments.macro()))
        name = ""
    else:
        name = arguments.text_value("the name of a lookup")
    while arguments.option(_OPTIONS, found):
        pass
    keys = _pairs(arguments)
    outputs: tuple[LookupField, ...] = ()
    new = False
    if not arguments.at_end():
        new = arguments.keyword("outputnew")
        if new or arguments.keyword("output"):
            outputs = _pairs(arguments)
    if not keys and not arguments.macro_arguments:
        arguments.fail(
            "SPL045", f"lookup needs a field of '{name}' to look up", hint="write: lookup table key OUTPUT value"
        )
    return Lookup(name, keys, outputs, new, found.get("local", False), found.get("update", False))


def _pairs(arguments: ArgumentReader) -> tuple[LookupField, ...]:
    pairs: list[LookupField] = []
    while True:
        arguments.skip_separators()
        if arguments.at_end() or any(arguments.at_keyword(word) for word in _WORDS):
            return tuple(pairs)
        if arguments.at_macro():
            arguments.macro_arguments.append(("", arguments.macro()))
            continue
        name = arguments.field_name()
        other = arguments.field_name("a field after AS") if arguments.keyword("as") else name
        pairs.append(LookupField(name, other))


def _render(stage: Lookup) -> str:
    text = "lookup" + options_text(("local", stage.local, False), ("update", stage.update, False))
    if stage.name:
        text += f" {word_text(stage.name)}"
    if stage.keys:
        text += f" {_pairs_text(stage.keys)}"
    if stage.outputs or stage.output_new:
        text += " OUTPUTNEW" if stage.output_new else " OUTPUT"
    if stage.outputs:
        text += f" {_pairs_text(stage.outputs)}"
    return text


def _pairs_text(pairs: tuple[LookupField, ...]) -> str:
    return ", ".join(
        field_text(pair.lookup_field)
        + ("" if pair.event_field == pair.lookup_field else f" AS {field_text(pair.event_field)}")
        for pair in pairs
    )


COMMAND = CommandSyntax(
    "lookup",
    "Adds fields from a table by key.",
    (
        "lookup [local=<bool>] [update=<bool>] <table> (<key> [AS <field>])... [OUTPUT|OUTPUTNEW (<column>"
        " [AS <field>])...]"
    ),
    _parse,
    _render,
)
