"""union: the rows of several pipelines and data sets."""

from __future__ import annotations

from typing import Any

from rulescope.ir import Pipeline
from rulescope.ir.stages import Union
from rulescope.languages.spl.arguments import ArgumentReader, integer_option, text_option
from rulescope.languages.spl.commands.option_lists import SUBSEARCH_ROWS, options_text
from rulescope.languages.spl.commands.syntax import CommandSyntax
from rulescope.languages.spl.printer import pipeline_text, word_text

_OPTIONS = {"maxtime": text_option, "maxout": integer_option, "timeout": text_option, "extendtimerange": text_option}


def _parse(arguments: ArgumentReader) -> Union:
    found: dict[str, Any] = {}
    pipelines: list[Pipeline] = []
    names: list[str] = []
    while True:
        arguments.skip_separators()
        if arguments.at_end():
            break
        if arguments.at_subsearch():
            pipelines.append(arguments.subsearch())
        elif arguments.at_macro():
            arguments.macro_arguments.append(("", arguments.macro()))
        elif not arguments.option(_OPTIONS, found):
            names.append(arguments.text_value("a data set or a subsearch"))
    if not pipelines and not names and not arguments.macro_arguments:
        arguments.fail(
            "SPL050",
            "union needs a subsearch or a data set",
            hint="for example: union [search index=a] [search index=b]",
        )
    most = found.pop("maxout", SUBSEARCH_ROWS)
    options = tuple(sorted((name, str(value)) for name, value in found.items()))
    return Union(tuple(pipelines), tuple(names), options, most)


def _render(stage: Union) -> str:
    options = options_text(
        *((name, value, None) for name, value in stage.options), ("maxout", stage.most_rows, SUBSEARCH_ROWS)
    )
    parts = [f"union{options}"]
    parts += [word_text(name) for name in stage.names]
    parts += [f"[{pipeline_text(pipeline, inner=True)}]" for pipeline in stage.pipelines]
    return " ".join(parts)


COMMAND = CommandSyntax(
    "union",
    "Puts the rows of several data sets together.",
    "union [<option>...] (<dataset> | <subsearch>)...",
    _parse,
    _render,
)
