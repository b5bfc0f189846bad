"""inputcsv: takes the rows of a CSV file."""

from __future__ import annotations

from typing import Any

from rulescope.ir.predicates import Predicate
from rulescope.ir.stages import InputCsv
from rulescope.languages.spl.arguments import ArgumentReader
from rulescope.languages.spl.commands.option_lists import options_text
from rulescope.languages.spl.commands.syntax import CommandSyntax
from rulescope.languages.spl.commands.tables_in import TABLE_OPTIONS
from rulescope.languages.spl.printer import predicate_text, word_text
from rulescope.languages.spl.search import parse_predicate


def _parse(arguments: ArgumentReader) -> InputCsv:
    found: dict[str, Any] = {}
    name = ""
    where: Predicate | None = None
    while True:
        arguments.skip_separators()
        if arguments.at_end():
            break
        if arguments.option(TABLE_OPTIONS, found) or arguments.unknown_option(TABLE_OPTIONS):
            continue
        if name and arguments.keyword("where"):
            where = parse_predicate(arguments)
        elif arguments.at_macro():
            arguments.macro_arguments.append(("", arguments.macro()))
        elif not name:
            name = arguments.text_value("the name of a file")
        else:
            break
    if not name and not arguments.macro_arguments:
        arguments.fail("SPL045", "inputcsv needs the name of a file", hint="for example: inputcsv hosts.csv")
    return InputCsv(
        name,
        found.get("append", False),
        found.get("start", 0),
        found.get("max"),
        where,
        found.get("events", False),
        found.get("dispatch", False),
        found.get("strict", False),
    )


def _render(stage: InputCsv) -> str:
    text = "inputcsv" + options_text(
        ("append", stage.append, False),
        ("start", stage.start, 0),
        ("max", stage.max_rows, None),
        ("events", stage.events, False),
        ("dispatch", stage.dispatch, False),
        ("strict", stage.strict, False),
    )
    if stage.name:
        text += f" {word_text(stage.name)}"
    return text if stage.where is None else f"{text} WHERE {predicate_text(stage.where)}"


COMMAND = CommandSyntax(
    "inputcsv",
    "Takes the rows of a CSV file.",
    (
        "inputcsv [dispatch=<bool>] [append=<bool>] [strict=<bool>] [start=<n>] [max=<n>] [events=<bool>]"
        " <file> [WHERE <condition>]"
    ),
    _parse,
    _render,
)
