"""set: compares the rows of two subsearches."""

from __future__ import annotations

from rulescope.ir.stages import SetOperation
from rulescope.languages.spl.arguments import ArgumentReader
from rulescope.languages.spl.commands.syntax import CommandSyntax
from rulescope.languages.spl.printer import pipeline_text


def _parse(arguments: ArgumentReader) -> SetOperation:
    operation = arguments.word("union, diff or intersect").lower()
    if operation not in ("union", "diff", "intersect"):
        arguments.fail(
            "SPL024",
            f"set: expected union, diff or intersect, found '{operation}'",
            arguments.start,
            arguments.position,
        )
    pipelines = (arguments.subsearch(), arguments.subsearch())
    return SetOperation(operation, pipelines)


def _render(stage: SetOperation) -> str:
    return f"set {stage.operation}" + "".join(
        f" [{pipeline_text(pipeline, inner=True)}]" for pipeline in stage.pipelines
    )


COMMAND = CommandSyntax(
    "set",
    "Compares the rows of two subsearches.",
    "set (union | diff | intersect) <subsearch> <subsearch>",
    _parse,
    _render,
)
