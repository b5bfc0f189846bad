"""eventstats: computes statistics and adds them to every row."""

from __future__ import annotations

from rulescope.ir.stages import EventStats, FieldItem
from rulescope.languages.spl.arguments import ArgumentReader, boolean_option
from rulescope.languages.spl.commands.aggregates import parse_aggregates, require_aggregates, require_by
from rulescope.languages.spl.commands.option_lists import options_text, read_fields, read_options
from rulescope.languages.spl.commands.syntax import CommandSyntax
from rulescope.languages.spl.printer import aggregate_text, by_text

_OPTIONS = {"allnum": boolean_option}


def _parse(arguments: ArgumentReader) -> EventStats:
    found = read_options(arguments, _OPTIONS)
    aggregates = require_aggregates(arguments, parse_aggregates(arguments))
    by: tuple[FieldItem, ...] = ()
    if arguments.keyword("by"):
        later, by = read_fields(arguments, _OPTIONS)
        found.update(later)
    require_by(arguments, by, aggregates)
    return EventStats(aggregates, by, found.get("allnum", False))


def _render(stage: EventStats) -> str:
    functions = ", ".join(aggregate_text(aggregate) for aggregate in stage.aggregates)
    return f"eventstats{options_text(('allnum', stage.all_numeric, False))} {functions}{by_text(stage.by)}"


COMMAND = CommandSyntax(
    "eventstats",
    "Computes statistics and adds them to every row.",
    "eventstats [allnum=<bool>] <function>(<field>) [AS <field>]... [BY <field>...]",
    _parse,
    _render,
)
