"""fieldformat: computes how fields are shown, without changing them."""

from __future__ import annotations

from rulescope.ir.stages import FieldFormat
from rulescope.languages.spl.arguments import ArgumentReader
from rulescope.languages.spl.commands.assignments import parse_assignments
from rulescope.languages.spl.commands.syntax import CommandSyntax
from rulescope.languages.spl.printer import assignment_text


def _parse(arguments: ArgumentReader) -> FieldFormat:
    return FieldFormat(parse_assignments(arguments))


def _render(stage: FieldFormat) -> str:
    return "fieldformat " + ", ".join(assignment_text(assignment) for assignment in stage.assignments)


COMMAND = CommandSyntax(
    "fieldformat",
    "Computes how fields are shown, without changing them.",
    "fieldformat <field>=<expression>, ...",
    _parse,
    _render,
)
