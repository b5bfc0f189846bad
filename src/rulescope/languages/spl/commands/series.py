"""What `chart` and `timechart` have in common: how the columns of a split are chosen and named."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from rulescope.ir.expressions import Call, Constant, Expression, FieldReference
from rulescope.ir.stages import Aggregate, FieldItem, SeriesOptions, SplitField
from rulescope.languages.spl.arguments import (
    ArgumentReader,
    boolean_option,
    integer_option,
    interval_option,
    number_option,
    text_option,
)
from rulescope.languages.spl.commands.aggregates import parse_aggregate
from rulescope.languages.spl.commands.option_lists import options_text
from rulescope.languages.spl.expressions import parse_expression
from rulescope.languages.spl.printer import aggregate_text, expression_text, field_text
from rulescope.languages.spl.times import aligned_time_option

_RANK = re.compile(r"(not\s*in|in)\s+(top|bottom)\s*(\d+)", re.IGNORECASE)
_NAME = re.compile(r"[A-Za-z_]\w*")
_RANKED = re.compile(r"[A-Za-z_]\w*(?:\s*\([^()]*\))?\s+" + _RANK.pattern, re.IGNORECASE)

_RANKS = {
    "in_top": "in top",
    "in_bottom": "in bottom",
    "not_in_top": "notin top",
    "not_in_bottom": "notin bottom",
}


def _aggregate(arguments: ArgumentReader) -> Aggregate:
    return parse_aggregate(arguments)


SERIES_OPTIONS = {
    "limit": text_option,
    "agg": _aggregate,
    "useother": boolean_option,
    "otherstr": text_option,
    "usenull": boolean_option,
    "nullstr": text_option,
}
SPLIT_OPTIONS = {
    "span": interval_option,
    "bins": integer_option,
    "minspan": interval_option,
    "start": number_option,
    "end": number_option,
    "aligntime": aligned_time_option,
}
FORMAT_OPTIONS = {"sep": text_option, "format": text_option, "cont": boolean_option, "dedup_splitvals": boolean_option}
ALL_OPTIONS = {**SERIES_OPTIONS, **SPLIT_OPTIONS, **FORMAT_OPTIONS}

SEPARATOR = ": "
"""What stands between a column's value and its function, where there are several functions."""


def read_series(found: dict[str, Any]) -> SeriesOptions:
    """The options of a split out of those read."""
    limit = str(found.get("limit", "10")).lower()
    bottom = limit.startswith("bottom")
    number = re.sub(r"^(?:top|bottom)\s*", "", limit)
    return SeriesOptions(
        found.get("otherstr", "OTHER"),
        found.get("nullstr", "NULL"),
        int(number) if number.isdigit() else 10,
        bottom,
        found.get("useother", True),
        found.get("usenull", True),
        found.get("agg"),
        found.get("dedup_splitvals", False),
    )


def series_text(series: SeriesOptions) -> str:
    """The options of a split as text."""
    limit = f"bottom{series.limit}" if series.bottom else series.limit
    text = options_text(
        ("limit", limit, 10),
        ("useother", series.use_other, True),
        ("otherstr", series.other_name, "OTHER"),
        ("usenull", series.use_null, True),
        ("nullstr", series.null_name, "NULL"),
        ("dedup_splitvals", series.dedup_split_values, False),
    )
    return text if series.aggregate is None else f"{text} agg={aggregate_text(series.aggregate)}"


def read_split(arguments: ArgumentReader, found: dict[str, Any]) -> tuple[SplitField, ...]:
    """The fields after BY or OVER, each with the options for its intervals; those of the series go into `found`."""
    splits: list[SplitField] = []
    start, macros = arguments.position, len(arguments.macro_arguments)
    while True:
        arguments.skip_separators()
        if arguments.at_end() or any(arguments.at_keyword(word) for word in ("by", "over", "where")):
            if not splits and len(arguments.macro_arguments) == macros:
                arguments.fail("SPL045", f"{arguments.command}: BY and OVER need a field", start - 2, start)
            return tuple(splits)
        if arguments.option(ALL_OPTIONS, found) or arguments.unknown_option(ALL_OPTIONS):
            continue
        if arguments.at_macro():
            arguments.macro_arguments.append(("", arguments.macro()))
            continue
        name = arguments.field_name()
        own: dict[str, Any] = {}
        while arguments.option(SPLIT_OPTIONS, own):
            arguments.skip_separators()
        splits.append(split_field(name, own))


def split_field(name: str, options: Mapping[str, Any]) -> SplitField:
    """A field with its options of `SPLIT_OPTIONS`."""
    return SplitField(name, *(options.get(option) for option in SPLIT_OPTIONS))


def split_text(split: SplitField) -> str:
    """A field with the options for its intervals."""
    return field_text(split.field) + options_text(
        ("span", split.interval, None),
        ("bins", split.bins, None),
        ("minspan", split.minimum_interval, None),
        ("start", split.start, None),
        ("end", split.end, None),
        ("aligntime", split.align_time, None),
    )


def read_where(arguments: ArgumentReader) -> Expression | None:
    """`WHERE` and what follows it: a condition on the columns.

    `sum(x) in top5` becomes the call `in_top(sum(x), 5)`, and so do `in_bottom`, `not_in_top` and `not_in_bottom`.
    """
    if not arguments.keyword("where"):
        return None
    if arguments.at_end():
        arguments.fail("SPL043", f"{arguments.command}: WHERE needs a condition", hint="for example: WHERE max in top5")
    if not arguments.looking_at(_RANKED):
        return parse_expression(arguments)
    start = arguments.position
    function = arguments.match(_NAME)
    name = function.group() if function else ""
    ranked: Expression = FieldReference(name, arguments.span(start))
    if arguments.accept("("):
        argument = arguments.field("a field")
        arguments.require(")")
        ranked = Call(name.lower(), (argument,), arguments.span(start))
    rank = arguments.match(_RANK)
    if rank is None:
        arguments.expected("a rank such as 'in top5'")
    place = ("not_in_" if rank.group(1).lower().startswith("not") else "in_") + rank.group(2).lower()
    return Call(place, (ranked, Constant(int(rank.group(3)))), arguments.span(start))


def where_text(where: Expression | None) -> str:
    """The WHERE clause as text."""
    return "" if where is None else f" WHERE {filter_text(where)}"


def filter_text(condition: Expression) -> str:
    """What stands after WHERE."""
    if isinstance(condition, Call) and condition.function in _RANKS:
        ranked, rank = condition.arguments
        if isinstance(ranked, Call):
            name = f"{ranked.function}({field_text(_field(ranked))})"
        else:
            name = expression_text(ranked)
        return f"{name} {_RANKS[condition.function]}{expression_text(rank)}"
    return expression_text(condition)


def _field(call: Call) -> FieldReference:
    argument = call.arguments[0]
    return argument if isinstance(argument, FieldReference) else FieldReference(expression_text(argument))


def fields_of(items: tuple[FieldItem, ...]) -> tuple[str, ...]:
    """The names of field items."""
    return tuple(getattr(item, "name", "") for item in items)
