"""spath: extracts values from JSON or XML, by path or all of them."""

from __future__ import annotations

from rulescope.ir.stages import Spath
from rulescope.languages.spl.arguments import ArgumentReader, field_option, text_option
from rulescope.languages.spl.commands.option_lists import at_most, item_name, options_text, read_fields
from rulescope.languages.spl.commands.syntax import CommandSyntax

_OPTIONS = {"input": field_option, "output": field_option, "path": text_option}


def _parse(arguments: ArgumentReader) -> Spath:
    found, paths = read_fields(arguments, _OPTIONS)
    path = found.get("path")
    at_most(arguments, paths, 1 if path is None else 0)
    if path is None and paths:
        path = item_name(arguments, paths[0])
    return Spath(found.get("input", "_raw"), found.get("output"), path)


def _render(stage: Spath) -> str:
    return "spath" + options_text(
        ("input", stage.input, "_raw"), ("output", stage.output, None), ("path", stage.path, None)
    )


COMMAND = CommandSyntax(
    "spath",
    "Extracts values from JSON or XML, by path or all of them.",
    "spath [input=<field>] [output=<field>] [path=<path> | <path>]",
    _parse,
    _render,
)
