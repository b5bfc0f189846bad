"""chart: a table of statistics, by rows and columns."""

from __future__ import annotations

from typing import Any

from rulescope.ir.expressions import MacroCall
from rulescope.ir.stages import Aggregate, Chart, SplitField
from rulescope.languages.spl.arguments import ArgumentReader
from rulescope.languages.spl.commands.aggregates import parse_aggregates, require_aggregates
from rulescope.languages.spl.commands.option_lists import options_text
from rulescope.languages.spl.commands.series import (
    ALL_OPTIONS,
    SEPARATOR,
    read_series,
    read_split,
    read_where,
    series_text,
    split_field,
    split_text,
    where_text,
)
from rulescope.languages.spl.commands.syntax import CommandSyntax
from rulescope.languages.spl.printer import aggregate_text

_STOP = ("by", "over", "where")


def _parse(arguments: ArgumentReader) -> Chart:
    found: dict[str, Any] = {}
    aggregates: list[Aggregate | MacroCall] = []
    over = by = None
    where = None
    while True:
        arguments.skip_separators()
        if arguments.at_end():
            break
        if arguments.option(ALL_OPTIONS, found) or arguments.unknown_option(ALL_OPTIONS):
            continue
        if arguments.keyword("over"):
            if over is not None:
                arguments.fail("SPL024", "chart takes one OVER, before BY")
            splits = read_split(arguments, found)
            if len(splits) > 1:
                arguments.fail("SPL024", "chart takes one field behind OVER")
            over = splits[0] if splits else None
        elif arguments.keyword("by"):
            splits = read_split(arguments, found)
            if over is None and splits:
                over, splits = splits[0], splits[1:]
            if len(splits) > (by is None):
                arguments.fail("SPL024", "chart takes at most two fields to split by")
            by = splits[0] if splits else by
        elif arguments.at_keyword("where"):
            where = read_where(arguments)
        else:
            before = arguments.position
            aggregates += parse_aggregates(arguments, _STOP)
            if arguments.position == before:
                arguments.expected("a function, OVER, BY or an option")
    require_aggregates(arguments, tuple(aggregates))
    if over is not None and over == SplitField(over.field):
        # Options for intervals that stand before the field are the rows' as well (practice).
        over = split_field(over.field, found)
    return Chart(
        tuple(aggregates),
        read_series(found),
        found.get("sep", SEPARATOR),
        over,
        by,
        found.get("format"),
        found.get("cont", True),
        where,
    )


def _render(stage: Chart) -> str:
    text = "chart" + options_text(
        ("sep", stage.separator, SEPARATOR), ("format", stage.format, None), ("cont", stage.continuous, True)
    )
    text += series_text(stage.series) + " " + ", ".join(aggregate_text(aggregate) for aggregate in stage.aggregates)
    if stage.over is not None:
        text += f" OVER {split_text(stage.over)}"
    if stage.by is not None:
        text += f" BY {split_text(stage.by)}"
    return text + where_text(stage.where)


COMMAND = CommandSyntax(
    "chart",
    "Computes a table of statistics: one row a value of one field, one column a value of another.",
    "chart [<option>...] <function>(<field>) [AS <field>]... [OVER <field>] [BY <field> [<field>]] [WHERE <condition>]",
    _parse,
    _render,
)
