"""reverse: turns the order of the rows round."""

from __future__ import annotations

from rulescope.ir.stages import Reverse
from rulescope.languages.spl.arguments import ArgumentReader
from rulescope.languages.spl.commands.syntax import CommandSyntax


def _parse(arguments: ArgumentReader) -> Reverse:
    return Reverse()


def _render(stage: Reverse) -> str:
    return "reverse"


COMMAND = CommandSyntax("reverse", "Turns the order of the rows round.", "reverse", _parse, _render)
