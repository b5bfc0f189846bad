"""stats: computes statistics, one row for each combination of the BY fields' values."""

from __future__ import annotations

from rulescope.ir.stages import FieldItem, Stats
from rulescope.languages.spl.arguments import ArgumentReader, boolean_option, integer_option, text_option
from rulescope.languages.spl.commands.aggregates import parse_aggregates, require_aggregates, require_by
from rulescope.languages.spl.commands.option_lists import options_text, read_fields, read_options
from rulescope.languages.spl.commands.syntax import CommandSyntax
from rulescope.languages.spl.printer import aggregate_text, by_text, quote

_OPTIONS = {
    "allnum": boolean_option,
    "delim": text_option,
    "partitions": integer_option,
    "dedup_splitvals": boolean_option,
}


def _parse(arguments: ArgumentReader) -> Stats:
    found = read_options(arguments, _OPTIONS)
    aggregates = list(parse_aggregates(arguments))
    while arguments.option(_OPTIONS, found) or arguments.unknown_option(_OPTIONS):
        aggregates += parse_aggregates(arguments)
    by: tuple[FieldItem, ...] = ()
    if arguments.keyword("by"):
        later, by = read_fields(arguments, _OPTIONS)
        found.update(later)
    require_by(arguments, by, require_aggregates(arguments, tuple(aggregates)))
    return Stats(
        tuple(aggregates),
        by,
        found.get("allnum", False),
        found.get("delim"),
        found.get("dedup_splitvals", False),
    )


def _render(stage: Stats) -> str:
    functions = ", ".join(aggregate_text(aggregate) for aggregate in stage.aggregates)
    options = options_text(("allnum", stage.all_numeric, False)) + (
        "" if stage.delimiter is None else f" delim={quote(stage.delimiter)}"
    )
    last = options_text(("dedup_splitvals", stage.dedup_split_values, False))
    return f"stats{options} {functions}{by_text(stage.by)}{last}"


COMMAND = CommandSyntax(
    "stats",
    "Computes statistics, one row for each combination of the BY fields' values.",
    "stats [allnum=<bool>] [delim=<text>] <function>(<field>) [AS <field>]... [BY <field>...] [dedup_splitvals=<bool>]",
    _parse,
    _render,
)
