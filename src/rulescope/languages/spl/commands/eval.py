"""eval: computes fields by expressions."""

from __future__ import annotations

from rulescope.ir.stages import Eval
from rulescope.languages.spl.arguments import ArgumentReader
from rulescope.languages.spl.commands.assignments import parse_assignments
from rulescope.languages.spl.commands.syntax import CommandSyntax
from rulescope.languages.spl.printer import assignment_text


def _parse(arguments: ArgumentReader) -> Eval:
    return Eval(parse_assignments(arguments))


def _render(stage: Eval) -> str:
    return "eval " + ", ".join(assignment_text(assignment) for assignment in stage.assignments)


COMMAND = CommandSyntax("eval", "Computes fields by expressions.", "eval <field>=<expression>, ...", _parse, _render)
