"""rare: counts the least frequent values."""

from __future__ import annotations

from rulescope.ir.stages import Top
from rulescope.languages.spl.arguments import ArgumentReader
from rulescope.languages.spl.commands.frequencies import parse_frequencies, render_frequencies
from rulescope.languages.spl.commands.syntax import CommandSyntax


def _parse(arguments: ArgumentReader) -> Top:
    return parse_frequencies(arguments, rare=True)


def _render(stage: Top) -> str:
    return render_frequencies(stage)


COMMAND = CommandSyntax(
    "rare", "Counts the least frequent values.", "rare [<n>] [<option>...] <field>... [BY <field>...]", _parse, _render
)
