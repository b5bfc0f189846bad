"""tail: the last rows, last first."""

from __future__ import annotations

from rulescope.ir.stages import Tail
from rulescope.languages.spl.arguments import ArgumentReader, integer_option
from rulescope.languages.spl.commands.syntax import CommandSyntax

_ROWS = 10
"""So many rows are kept where no number is given."""


def _parse(arguments: ArgumentReader) -> Tail:
    if arguments.at_end():
        return Tail(_ROWS)
    if arguments.at_macro():
        arguments.macro_arguments.append(("", arguments.macro()))
        return Tail(_ROWS)
    return Tail(integer_option(arguments))


def _render(stage: Tail) -> str:
    return "tail" if stage.macro_arguments else f"tail {stage.count}"


COMMAND = CommandSyntax("tail", "Keeps the last rows (10), in reverse order.", "tail [<n>]", _parse, _render)
