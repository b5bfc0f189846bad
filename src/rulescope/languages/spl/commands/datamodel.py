"""datamodel: takes the events of a data model's data set, or its definition."""

from __future__ import annotations

from rulescope.ir.stages import DataModel
from rulescope.languages.spl.arguments import ArgumentReader, boolean_option
from rulescope.languages.spl.commands.option_lists import item_name, options_text, read_fields
from rulescope.languages.spl.commands.syntax import CommandSyntax
from rulescope.languages.spl.printer import field_text

_OPTIONS = {
    "strict_fields": boolean_option,
    "summariesonly": boolean_option,
    "allow_old_summaries": boolean_option,
}


def _parse(arguments: ArgumentReader) -> DataModel:
    found, words = read_fields(arguments, _OPTIONS)
    names = [item_name(arguments, word) for word in words]
    if len(names) > 3:
        arguments.fail("SPL024", f"datamodel: unexpected '{names[3]}'", arguments.start, arguments.end)
    names += [""] * (3 - len(names))
    return DataModel(
        names[0] or None,
        names[1] or None,
        names[2] or None,
        found.get("strict_fields", True),
        names[2].lower() == "flat",
        found.get("summariesonly", False),
        found.get("allow_old_summaries", False),
    )


def _render(stage: DataModel) -> str:
    words = "".join(f" {field_text(name)}" for name in (stage.model, stage.node, stage.mode) if name)
    return f"datamodel{words}" + options_text(
        ("strict_fields", stage.strict_fields, True),
        ("summariesonly", stage.summaries_only, False),
        ("allow_old_summaries", stage.allow_old_summaries, False),
    )


COMMAND = CommandSyntax(
    "datamodel",
    "Takes the events of a data model's data set, or its definition.",
    (
        "datamodel [<model> [<node>] [search | flat | acceleration_search]] [strict_fields=<bool>]"
        " [allow_old_summaries=<bool>] [summariesonly=<bool>]"
    ),
    _parse,
    _render,
)
