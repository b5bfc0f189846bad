"""collect: writes the rows to a summary index and passes them on."""

from __future__ import annotations

from rulescope.ir.stages import Collect
from rulescope.languages.spl.arguments import ArgumentReader, text_option
from rulescope.languages.spl.commands.option_lists import options_text, read_options
from rulescope.languages.spl.commands.syntax import CommandSyntax

_NAMES = (
    "index", "source", "sourcetype", "host", "marker", "addtime", "file", "spool", "testmode", "run_in_preview",
    "output_format", "addinfo", "uselb",
)  # fmt: skip
_OPTIONS = dict.fromkeys(_NAMES, text_option)


def _parse(arguments: ArgumentReader) -> Collect:
    found = read_options(arguments, _OPTIONS)
    if "index" not in found and arguments.substituted():
        found.update(read_options(arguments, _OPTIONS))
    index = found.pop("index", None)
    return Collect(index, tuple(sorted((name, str(value)) for name, value in found.items())))


def _render(stage: Collect) -> str:
    return "collect" + options_text(
        ("index", stage.index, None), *((name, value, None) for name, value in stage.options)
    )


COMMAND = CommandSyntax(
    "collect",
    "Writes the rows to a summary index and passes them on.",
    "collect index=<text> [<option>...]",
    _parse,
    _render,
)
