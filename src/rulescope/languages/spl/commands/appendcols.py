"""appendcols: adds the fields of a subsearch's rows, first to first."""

from __future__ import annotations

from rulescope.ir.stages import AppendCols
from rulescope.languages.spl.arguments import ArgumentReader, boolean_option, integer_option, text_option
from rulescope.languages.spl.commands.option_lists import SUBSEARCH_ROWS, options_text, read_options
from rulescope.languages.spl.commands.syntax import CommandSyntax
from rulescope.languages.spl.printer import pipeline_text

_OPTIONS = {
    "override": boolean_option,
    "extendtimerange": text_option,
    "maxtime": text_option,
    "maxout": integer_option,
    "timeout": text_option,
}


def _parse(arguments: ArgumentReader) -> AppendCols:
    found = read_options(arguments, _OPTIONS)
    pipeline = arguments.subsearch()
    override = bool(found.pop("override", False))
    most = found.pop("maxout", SUBSEARCH_ROWS)
    return AppendCols(pipeline, override, tuple(sorted((name, str(value)) for name, value in found.items())), most)


def _render(stage: AppendCols) -> str:
    options = options_text(
        ("override", stage.override, False),
        *((name, value, None) for name, value in stage.options),
        ("maxout", stage.most_rows, SUBSEARCH_ROWS),
    )
    return f"appendcols{options} [{pipeline_text(stage.pipeline, inner=True)}]"


COMMAND = CommandSyntax(
    "appendcols",
    "Adds the fields of a subsearch's rows, first to first.",
    "appendcols [override=<bool>] [maxtime=<n>] [maxout=<n>] [timeout=<n>] <subsearch>",
    _parse,
    _render,
)
