"""metasearch: finds events by their metadata fields only."""

from __future__ import annotations

from rulescope.ir.stages import MetaSearch
from rulescope.languages.spl.arguments import ArgumentReader
from rulescope.languages.spl.commands.syntax import CommandSyntax
from rulescope.languages.spl.printer import predicate_text
from rulescope.languages.spl.search import parse_predicate


def _parse(arguments: ArgumentReader) -> MetaSearch:
    return MetaSearch(parse_predicate(arguments))


def _render(stage: MetaSearch) -> str:
    return "metasearch" if stage.predicate is None else f"metasearch {predicate_text(stage.predicate)}"


COMMAND = CommandSyntax(
    "metasearch",
    "Finds events by host, source, sourcetype and index alone.",
    "metasearch [<condition>]",
    _parse,
    _render,
)
