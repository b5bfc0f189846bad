"""appendpipe: runs a pipeline on the rows so far and adds what it gives."""

from __future__ import annotations

from rulescope.ir.stages import AppendPipe
from rulescope.languages.spl.arguments import ArgumentReader, boolean_option
from rulescope.languages.spl.commands.option_lists import options_text, read_options
from rulescope.languages.spl.commands.syntax import CommandSyntax
from rulescope.languages.spl.printer import pipeline_text


def _parse(arguments: ArgumentReader) -> AppendPipe:
    found = read_options(arguments, {"run_in_preview": boolean_option})
    return AppendPipe(arguments.subsearch("a pipeline in [ ]"), found.get("run_in_preview", False))


def _render(stage: AppendPipe) -> str:
    options = options_text(("run_in_preview", stage.run_in_preview, False))
    return f"appendpipe{options} [{pipeline_text(stage.pipeline, inner=True)}]"


COMMAND = CommandSyntax(
    "appendpipe",
    "Runs a pipeline on the rows so far and adds what it gives.",
    "appendpipe [run_in_preview=<bool>] <subsearch>",
    _parse,
    _render,
)
