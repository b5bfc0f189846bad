"""outputcsv: writes the rows to a CSV file and passes them on."""

from __future__ import annotations

from rulescope.ir.stages import OutputCsv
from rulescope.languages.spl.arguments import ArgumentReader, boolean_option, text_option
from rulescope.languages.spl.commands.option_lists import at_most, item_name, options_text, read_fields
from rulescope.languages.spl.commands.syntax import CommandSyntax
from rulescope.languages.spl.printer import word_text

_OPTIONS = {
    "append": boolean_option,
    "create_empty": text_option,
    "override_if_empty": text_option,
    "dispatch": text_option,
    "usexml": text_option,
    "singlefile": text_option,
}


def _parse(arguments: ArgumentReader) -> OutputCsv:
    found, names = read_fields(arguments, _OPTIONS)
    at_most(arguments, names, 1)
    append = bool(found.pop("append", False))
    options = tuple(sorted((name, str(value)) for name, value in found.items()))
    return OutputCsv(item_name(arguments, names[0]) if names else None, append, options)


def _render(stage: OutputCsv) -> str:
    name = f" {word_text(stage.name)}" if stage.name else ""
    options = options_text(("append", stage.append, False), *((name, value, None) for name, value in stage.options))
    return f"outputcsv{options}{name}"


COMMAND = CommandSyntax(
    "outputcsv",
    "Writes the rows to a CSV file and passes them on.",
    "outputcsv [append=<bool>] [<option>...] [<file>]",
    _parse,
    _render,
)
