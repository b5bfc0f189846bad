"""outputlookup: writes the rows to a lookup table and passes them on."""

from __future__ import annotations

from rulescope.ir.stages import OutputLookup
from rulescope.languages.spl.arguments import ArgumentReader, boolean_option, text_option
from rulescope.languages.spl.commands.option_lists import at_most, item_name, options_text, read_fields
from rulescope.languages.spl.commands.syntax import CommandSyntax
from rulescope.languages.spl.printer import word_text

_OPTIONS = {
    "append": boolean_option,
    "create_empty": text_option,
    "createinapp": text_option,
    "create_context": text_option,
    "max": text_option,
    "key_field": text_option,
    "allow_updates": text_option,
    "override_if_empty": text_option,
    "output_format": text_option,
}


def _parse(arguments: ArgumentReader) -> OutputLookup:
    found, names = read_fields(arguments, _OPTIONS)
    at_most(arguments, names, 1)
    if not names and not arguments.macro_arguments:
        arguments.fail(
            "SPL045", "outputlookup needs the name of a lookup", hint="for example: outputlookup seen_hosts.csv"
        )
    append = bool(found.pop("append", False))
    options = tuple(sorted((name, str(value)) for name, value in found.items()))
    return OutputLookup(item_name(arguments, names[0]) if names else "", append, options)


def _render(stage: OutputLookup) -> str:
    name = f" {word_text(stage.name)}" if stage.name else ""
    options = options_text(("append", stage.append, False), *((name, value, None) for name, value in stage.options))
    return f"outputlookup{options}{name}"


COMMAND = CommandSyntax(
    "outputlookup",
    "Writes the rows to a lookup table and passes them on.",
    "outputlookup [append=<bool>] [<option>...] <table>",
    _parse,
    _render,
)
