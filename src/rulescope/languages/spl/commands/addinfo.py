"""addinfo: adds the bounds of the search's time range to each row."""

from __future__ import annotations

from rulescope.ir.stages import AddInfo
from rulescope.languages.spl.arguments import ArgumentReader
from rulescope.languages.spl.commands.syntax import CommandSyntax


def _parse(arguments: ArgumentReader) -> AddInfo:
    return AddInfo()


def _render(stage: AddInfo) -> str:
    return "addinfo"


COMMAND = CommandSyntax(
    "addinfo", "Adds the bounds of the search's time range to each row.", "addinfo", _parse, _render
)
