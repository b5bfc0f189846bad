"""append: adds the rows of a subsearch after these."""

from __future__ import annotations

from rulescope.ir.stages import Append
from rulescope.languages.spl.arguments import ArgumentReader, integer_option, text_option
from rulescope.languages.spl.commands.option_lists import SUBSEARCH_ROWS, options_text, read_options
from rulescope.languages.spl.commands.syntax import CommandSyntax
from rulescope.languages.spl.printer import pipeline_text

_OPTIONS = {
    "extendtimerange": text_option,
    "maxtime": text_option,
    "maxout": integer_option,
    "timeout": text_option,
}


def _parse(arguments: ArgumentReader) -> Append:
    found = read_options(arguments, _OPTIONS)
    pipeline = arguments.subsearch()
    found.update(read_options(arguments, _OPTIONS))
    most = found.pop("maxout", SUBSEARCH_ROWS)
    return Append(pipeline, tuple(sorted((name, str(value)) for name, value in found.items())), most)


def _render(stage: Append) -> str:
    options = options_text(
        *((name, value, None) for name, value in stage.options), ("maxout", stage.most_rows, SUBSEARCH_ROWS)
    )
    return f"append{options} [{pipeline_text(stage.pipeline, inner=True)}]"


COMMAND = CommandSyntax(
    "append",
    "Adds the rows of a subsearch after these.",
    "append [extendtimerange=<bool>] [maxtime=<n>] [maxout=<n>] [timeout=<n>] <subsearch>",
    _parse,
    _render,
)
