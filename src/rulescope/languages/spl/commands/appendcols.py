"""appendcols: adds the fields of a subsearch's rows, first to first."""

from __future__ import annotations

from rulescope.ir.stages import AppendCols
from rulescope.languages.spl.arguments import Arguments, boolean_option, text_option
from rulescope.languages.spl.commands.reading import options_text, read_options
from rulescope.languages.spl.commands.syntax import CommandSyntax
from rulescope.languages.spl.printer import pipeline_text

_OPTIONS = {
    "override": boolean_option,
    "extendtimerange": text_option,
    "maxtime": text_option,
    "maxout": text_option,
    "timeout": text_option,
}


def _parse(arguments: Arguments) -> AppendCols:
    found = read_options(arguments, _OPTIONS)
    pipeline = arguments.subsearch()
    override = bool(found.pop("override", False))
    return AppendCols(pipeline, override, tuple(sorted((name, str(value)) for name, value in found.items())))


def _render(stage: AppendCols) -> str:
    options = options_text(("override", stage.override, False), *((name, value, None) for name, value in stage.options))
    return f"appendcols{options} [{pipeline_text(stage.pipeline, inner=True)}]"


COMMAND = CommandSyntax(
    "appendcols",
    "Adds the fields of a subsearch's rows, first to first.",
    "appendcols [override=<bool>] [maxtime=<n>] [maxout=<n>] [timeout=<n>] <subsearch>",
    _parse,
    _render,
)
