"""format: turns rows into one condition, as a subsearch does."""

from __future__ import annotations

from rulescope.ir.stages import Format
from rulescope.languages.spl.arguments import ArgumentReader, integer_option, text_option
from rulescope.languages.spl.commands.option_lists import options_text, read_options
from rulescope.languages.spl.commands.syntax import CommandSyntax
from rulescope.languages.spl.printer import quote

_OPTIONS = {"mvsep": text_option, "maxresults": integer_option, "emptystr": text_option}
_DEFAULT = ("(", "(", "AND", ")", "OR", ")")


def _parse(arguments: ArgumentReader) -> Format:
    found = read_options(arguments, _OPTIONS)
    texts: list[str] = []
    while not arguments.at_end():
        if arguments.option(_OPTIONS, found):
            continue
        texts.append(arguments.text_value("a text"))
    if texts and len(texts) != 6:
        arguments.fail("SPL024", f"format takes six texts or none, found {len(texts)}", arguments.start, arguments.end)
    row, column, both, column_end, either, row_end = texts or _DEFAULT
    return Format(
        row,
        column,
        both,
        column_end,
        either,
        row_end,
        found.get("mvsep", "OR"),
        found.get("emptystr", "NOT( )"),
        found.get("maxresults", 0),
    )


def _render(stage: Format) -> str:
    row = (
        stage.row_prefix,
        stage.column_prefix,
        stage.column_separator,
        stage.column_end,
        stage.row_separator,
        stage.row_end,
    )
    texts = "" if row == _DEFAULT else "".join(f" {quote(text)}" for text in row)
    return (
        "format"
        + options_text(("mvsep", stage.multivalue_separator, "OR"), ("maxresults", stage.max_results, 0))
        + texts
        + ("" if stage.empty == "NOT( )" else f" emptystr={quote(stage.empty)}")
    )


COMMAND = CommandSyntax(
    "format",
    "Turns rows into one condition, as a subsearch does.",
    (
        'format [mvsep=<text>] [maxresults=<n>] ["<row prefix>" "<column prefix>" "<column separator>"'
        ' "<column end>" "<row separator>" "<row end>"] [emptystr=<text>]'
    ),
    _parse,
    _render,
)
