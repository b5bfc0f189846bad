"""multisearch: runs several streaming searches at once and puts their rows together."""

from __future__ import annotations

from rulescope.ir import Pipeline
from rulescope.ir.stages import MultiSearch
from rulescope.languages.spl.arguments import ArgumentReader
from rulescope.languages.spl.commands.syntax import CommandSyntax
from rulescope.languages.spl.printer import pipeline_text


def _parse(arguments: ArgumentReader) -> MultiSearch:
    pipelines: list[Pipeline] = []
    while True:
        arguments.skip_separators()
        if arguments.at_end():
            break
        if arguments.at_macro():
            arguments.macro_arguments.append(("", arguments.macro()))
            continue
        pipelines.append(arguments.subsearch())
    if not pipelines and not arguments.macro_arguments:
        arguments.fail("SPL050", "multisearch needs subsearches in [ ]")
    return MultiSearch(tuple(pipelines))


def _render(stage: MultiSearch) -> str:
    return "multisearch" + "".join(f" [{pipeline_text(pipeline, inner=True)}]" for pipeline in stage.pipelines)


COMMAND = CommandSyntax(
    "multisearch",
    "Runs several streaming searches at once and puts their rows together.",
    "multisearch <subsearch> <subsearch>...",
    _parse,
    _render,
)
