"""map: runs a search once a row."""

from __future__ import annotations

import re
from typing import Any

from rulescope.ir import Pipeline
from rulescope.ir.stages import Map
from rulescope.languages.spl.arguments import ArgumentReader, integer_option
from rulescope.languages.spl.commands.syntax import CommandSyntax
from rulescope.languages.spl.inner_texts import inner_search
from rulescope.languages.spl.printer import quote, word_text


def _search(arguments: ArgumentReader) -> tuple[str, int, int]:
    arguments.skip()
    start = arguments.position
    return arguments.text_value("a search in quotes"), start, arguments.position


_HOLE = re.compile(r"\$\$?([A-Za-z_][\w.{}:-]*)\$\$?")
_SEARCHES = 10
"""So many searches run where no number is given, or one that is none."""

_OPTIONS = {"search": _search, "maxsearches": integer_option}


def _parse(arguments: ArgumentReader) -> Map:
    found: dict[str, Any] = {}
    template = ""
    pipeline: Pipeline | None = None
    saved: str | None = None
    while True:
        arguments.skip_separators()
        if arguments.at_end():
            break
        if arguments.at_subsearch():
            start = arguments.position
            closing = arguments.parser.scan.closing[start]
            template = arguments.text[start + 1 : closing].strip()
            pipeline = arguments.subsearch()
        elif arguments.option(_OPTIONS, found) or arguments.unknown_option(_OPTIONS):
            continue
        elif arguments.at_macro():
            arguments.macro_arguments.append(("", arguments.macro()))
        elif saved is None:
            saved = arguments.text_value("the name of a saved search")
        else:
            arguments.expected("one search", hint='write \\" for a quote inside the search')
    if "search" in found:
        template, start, end = found["search"]
        pipeline = inner_search(arguments.parser, template, start, end)
    if not template and saved is None and not arguments.macro_arguments:
        arguments.fail("SPL050", "map needs a search", hint='write: map search="search host=$host$"')
    holes = tuple(sorted(set(_HOLE.findall(template))))
    most = found.get("maxsearches", 0)
    return Map(template, pipeline, saved, most if most > 0 else _SEARCHES, holes)


def _render(stage: Map) -> str:
    parts = ["map"]
    if stage.saved_search is not None:
        parts.append(word_text(stage.saved_search))
    if stage.max_searches != _SEARCHES:
        parts.append(f"maxsearches={stage.max_searches}")
    if stage.template:
        parts.append(f"search={quote(stage.template)}")
    return " ".join(parts)


COMMAND = CommandSyntax(
    "map",
    "Runs a search once a row, $field$ standing for the row's value.",
    'map (<saved-search> | search="<search>" | <subsearch>) [maxsearches=<n>]',
    _parse,
    _render,
)
