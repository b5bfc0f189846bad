"""trendline: adds moving averages."""

from __future__ import annotations

import re

from rulescope.ir.stages import TrendLine
from rulescope.languages.spl.arguments import ArgumentReader
from rulescope.languages.spl.commands.syntax import CommandSyntax
from rulescope.languages.spl.printer import field_text

_TREND = re.compile(r"(sma|ema|wma)(\d+)\s*\(", re.IGNORECASE)


def _parse(arguments: ArgumentReader) -> TrendLine:
    trends: list[tuple[str, int, str, str | None]] = []
    while True:
        arguments.skip_separators()
        if arguments.at_end():
            break
        trend = arguments.match(_TREND)
        if not trend:
            arguments.expected("a trend such as sma5(field)")
        field = arguments.field_name()
        arguments.require(")")
        alias = arguments.field_name("a name after AS") if arguments.keyword("as") else None
        trends.append((trend.group(1).lower(), int(trend.group(2)), field, alias))
    if not trends:
        arguments.fail("SPL045", "trendline needs a trend and a field", hint="for example: trendline sma5(count)")
    return TrendLine(tuple(trends))


def _render(stage: TrendLine) -> str:
    parts = [
        f"{kind}{period}({field_text(field)})" + (f" AS {field_text(alias)}" if alias is not None else "")
        for kind, period, field, alias in stage.trends
    ]
    return "trendline " + " ".join(parts)


COMMAND = CommandSyntax(
    "trendline", "Adds moving averages.", "trendline (sma|ema|wma)<n>(<field>) [AS <field>]...", _parse, _render
)
