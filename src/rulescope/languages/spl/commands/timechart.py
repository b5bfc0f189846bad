"""timechart: statistics by interval of time."""

from __future__ import annotations

from typing import Any

from rulescope.ir.expressions import MacroCall
from rulescope.ir.stages import Aggregate, TimeChart
from rulescope.languages.spl.arguments import ArgumentReader, boolean_option
from rulescope.languages.spl.commands.aggregates import parse_aggregates, require_aggregates
from rulescope.languages.spl.commands.option_lists import options_text
from rulescope.languages.spl.commands.series import (
    ALL_OPTIONS,
    SEPARATOR,
    read_series,
    read_split,
    read_where,
    series_text,
    split_text,
    where_text,
)
from rulescope.languages.spl.commands.syntax import CommandSyntax
from rulescope.languages.spl.printer import aggregate_text

_OPTIONS = {**ALL_OPTIONS, "partial": boolean_option, "fixedrange": boolean_option}


def _parse(arguments: ArgumentReader) -> TimeChart:
    found: dict[str, Any] = {}
    aggregates: list[Aggregate | MacroCall] = []
    by = None
    where = None
    while True:
        arguments.skip_separators()
        if arguments.at_end():
            break
        if arguments.option(_OPTIONS, found) or arguments.unknown_option(_OPTIONS):
            continue
        if arguments.keyword("by"):
            start = arguments.position
            splits = read_split(arguments, found)
            if len(splits) > (by is None):
                arguments.fail("SPL024", "timechart takes one field to split by", start, arguments.position)
            by = splits[0] if splits else by
        elif arguments.at_keyword("where"):
            where = read_where(arguments)
        else:
            before = arguments.position
            aggregates += parse_aggregates(arguments, ("by", "where"))
            if arguments.position == before:
                arguments.expected("a function, BY or an option")
    require_aggregates(arguments, tuple(aggregates))
    return TimeChart(
        tuple(aggregates),
        read_series(found),
        found.get("sep", SEPARATOR),
        by,
        found.get("span"),
        found.get("bins"),
        found.get("minspan"),
        found.get("aligntime"),
        found.get("format"),
        found.get("partial", True),
        found.get("cont", True),
        found.get("fixedrange", True),
        where,
    )


def _render(stage: TimeChart) -> str:
    text = "timechart" + options_text(
        ("span", stage.interval, None),
        ("bins", stage.bins, None),
        ("minspan", stage.minimum_interval, None),
        ("aligntime", stage.align_time, None),
        ("sep", stage.separator, SEPARATOR),
        ("format", stage.format, None),
        ("partial", stage.partial, True),
        ("cont", stage.continuous, True),
        ("fixedrange", stage.fixed_range, True),
    )
    text += series_text(stage.series) + " " + ", ".join(aggregate_text(aggregate) for aggregate in stage.aggregates)
    if stage.by is not None:
        text += f" BY {split_text(stage.by)}"
    return text + where_text(stage.where)


COMMAND = CommandSyntax(
    "timechart",
    "Computes statistics for every interval of time, a column for each value of a field.",
    "timechart [span=<span>] [<option>...] <function>(<field>) [AS <field>]... [BY <field>] [WHERE <condition>]",
    _parse,
    _render,
)
