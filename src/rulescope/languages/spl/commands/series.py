"""What `chart` and `timechart` have in common: how the columns of a split are chosen and named."""

from __future__ import annotations

import re
from typing import Any

from rulescope.ir.expressions import Expression
from rulescope.ir.stages import Aggregate, FieldItem, SeriesOptions, SplitField
from rulescope.languages.spl.arguments import (
    Arguments,
    boolean_option,
    integer_option,
    interval_option,
    number_option,
    text_option,
)
from rulescope.languages.spl.commands.aggregates import parse_aggregate
from rulescope.languages.spl.commands.reading import options_text
from rulescope.languages.spl.expressions import parse_expression
from rulescope.languages.spl.printer import aggregate_text, expression_text, field_text

_WHERE_COUNT = re.compile(r"(in|notin)\s+(top|bottom)\s*(\d+)", re.IGNORECASE)


def _aggregate(arguments: Arguments) -> Aggregate:
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
    "aligntime": text_option,
}
FORMAT_OPTIONS = {"sep": text_option, "format": text_option, "cont": boolean_option, "dedup_splitvals": boolean_option}
ALL_OPTIONS = {**SERIES_OPTIONS, **SPLIT_OPTIONS, **FORMAT_OPTIONS}


def read_series(found: dict[str, Any]) -> SeriesOptions:
    """The options of a split out of those read."""
    limit = str(found.get("limit", "10")).lower()
    bottom = limit.startswith("bottom")
    number = re.sub(r"^(?:top|bottom)\s*", "", limit)
    return SeriesOptions(
        int(number) if number.isdigit() else 10,
        bottom,
        found.get("useother", True),
        found.get("otherstr", "OTHER"),
        found.get("usenull", True),
        found.get("nullstr", "NULL"),
        found.get("agg"),
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
    )
    return text if series.aggregate is None else f"{text} agg={aggregate_text(series.aggregate)}"


def read_split(arguments: Arguments, found: dict[str, Any]) -> tuple[SplitField, ...]:
    """The fields after BY or OVER, each with the options for its intervals; those of the series go into `found`."""
    splits: list[SplitField] = []
    while True:
        arguments.skip_separators()
        if arguments.at_end() or any(arguments.at_keyword(word) for word in ("by", "over", "where")):
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
        splits.append(SplitField(name, own.get("span"), own.get("bins")))


def split_text(split: SplitField) -> str:
    """A field with the options for its intervals."""
    return field_text(split.field) + options_text(("span", split.interval, None), ("bins", split.bins, None))


def read_where(arguments: Arguments) -> tuple[Expression | None, str | None]:
    """`WHERE` and what follows it: a condition on the columns, or `in top5` and its like as text."""
    if not arguments.keyword("where"):
        return None, None
    arguments.skip()
    start = arguments.position
    aggregate = parse_aggregate(arguments)
    counted = arguments.match(_WHERE_COUNT)
    if counted:
        return None, arguments.text[start : arguments.position].strip()
    arguments.position = start
    del aggregate
    return parse_expression(arguments), None


def where_text(where: Expression | None) -> str:
    """The WHERE clause as text."""
    return "" if where is None else f" WHERE {expression_text(where)}"


def fields_of(items: tuple[FieldItem, ...]) -> tuple[str, ...]:
    """The names of field items."""
    return tuple(getattr(item, "name", "") for item in items)
