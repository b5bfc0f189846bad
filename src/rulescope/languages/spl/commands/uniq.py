"""uniq: drops a row that is the same as the one before it."""

from __future__ import annotations

from rulescope.ir.stages import Uniq
from rulescope.languages.spl.arguments import ArgumentReader
from rulescope.languages.spl.commands.syntax import CommandSyntax


def _parse(arguments: ArgumentReader) -> Uniq:
    return Uniq()


def _render(stage: Uniq) -> str:
    return "uniq"


COMMAND = CommandSyntax("uniq", "Drops a row that is the same as the one before it.", "uniq", _parse, _render)
