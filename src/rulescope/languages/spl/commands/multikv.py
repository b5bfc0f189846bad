"""multikv: makes one row a line of a table in _raw."""

from __future__ import annotations

from typing import Any

from rulescope.ir.stages import FieldItem, MultiKv
from rulescope.languages.spl.arguments import ArgumentReader, boolean_option, integer_option, text_option
from rulescope.languages.spl.commands.option_lists import options_text
from rulescope.languages.spl.commands.syntax import CommandSyntax
from rulescope.languages.spl.printer import fields_text, word_text

_OPTIONS = {
    "conf": text_option,
    "copyattrs": boolean_option,
    "forceheader": integer_option,
    "last": boolean_option,
    "multitable": boolean_option,
    "noheader": boolean_option,
    "rmorig": boolean_option,
}


def _parse(arguments: ArgumentReader) -> MultiKv:
    found: dict[str, Any] = {}
    fields: tuple[FieldItem, ...] = ()
    filters: list[str] = []
    while True:
        arguments.skip_separators()
        if arguments.at_end():
            break
        if arguments.option(_OPTIONS, found):
            continue
        if arguments.keyword("fields"):
            fields = _names(arguments)
        elif arguments.keyword("filter"):
            while not arguments.at_end() and not arguments.at_option() and not arguments.at_keyword("fields"):
                filters.append(arguments.text_value())
                arguments.skip_separators()
        elif not arguments.unknown_option(_OPTIONS):
            arguments.expected("fields, filter or an option")
    return MultiKv(
        fields,
        tuple(filters),
        found.get("noheader", False),
        found.get("forceheader"),
        found.get("rmorig", True),
        found.get("copyattrs", True),
        found.get("last", False),
    )


def _names(arguments: ArgumentReader) -> tuple[FieldItem, ...]:
    names: list[FieldItem] = []
    while True:
        arguments.skip_separators()
        if arguments.at_end() or arguments.at_option() or arguments.at_keyword("filter"):
            return tuple(names)
        names.append(arguments.field_item())


def _render(stage: MultiKv) -> str:
    text = "multikv" + options_text(
        ("noheader", stage.no_header, False),
        ("forceheader", stage.force_header, None),
        ("rmorig", stage.remove_original, True),
        ("copyattrs", stage.copy_attributes, True),
        ("last", stage.last_only, False),
    )
    if stage.fields:
        text += f" fields {fields_text(stage.fields)}"
    if stage.filter:
        text += " filter " + " ".join(word_text(word) for word in stage.filter)
    return text


COMMAND = CommandSyntax(
    "multikv",
    "Makes one row a line of a table in _raw.",
    "multikv [conf=<stanza>] [<option>...] [fields <field>...] [filter <text>...]",
    _parse,
    _render,
)
