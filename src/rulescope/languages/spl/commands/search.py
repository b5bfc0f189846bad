"""search: keeps the events that meet a condition."""

from __future__ import annotations

from rulescope.ir.stages import Search
from rulescope.languages.spl.arguments import ArgumentReader
from rulescope.languages.spl.commands.syntax import CommandSyntax
from rulescope.languages.spl.printer import predicate_text
from rulescope.languages.spl.search import parse_predicate


def _parse(arguments: ArgumentReader) -> Search:
    return Search(parse_predicate(arguments))


def _render(stage: Search) -> str:
    return "search" if stage.predicate is None else f"search {predicate_text(stage.predicate)}"


COMMAND = CommandSyntax(
    "search",
    "Keeps the events that meet a condition; at the beginning of a search its name may be left out.",
    "search <condition>",
    _parse,
    _render,
)
