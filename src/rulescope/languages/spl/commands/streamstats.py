"""streamstats: adds running statistics to every row."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from rulescope.ir.expressions import Expression, MacroCall
from rulescope.ir.stages import Aggregate, FieldItem, StreamStats
from rulescope.ir.walk import transform
from rulescope.languages.common.problems import SyntaxProblem
from rulescope.languages.spl.arguments import (
    ArgumentReader,
    boolean_option,
    integer_option,
    interval_option,
)
from rulescope.languages.spl.commands.aggregates import parse_aggregates, require_aggregates, require_by
from rulescope.languages.spl.commands.option_lists import options_text, read_fields
from rulescope.languages.spl.commands.syntax import CommandSyntax
from rulescope.languages.spl.expressions import parse_expression
from rulescope.languages.spl.printer import aggregate_text, by_text, expression_text
from rulescope.languages.spl.reader import unescape

_ESCAPED = re.compile(r'"\("((?:[^"\\]|\\.)*)"\)"', re.DOTALL)
"""`"("<expression>")"`, in which quotes are escaped, as the Search Reference prints the option."""

_QUOTED_BRACKETS = re.compile(r'"\(".*?"\)"', re.DOTALL)
"""The same with the expression's own quotes as they are."""

_QUOTED = re.compile(r'"(\s*\((?:[^"\\]|\\.)*\)\s*)"', re.DOTALL)
"""`"(<expression>)"`: all of it in quotes."""


def _condition(arguments: ArgumentReader) -> Expression:
    escaped = arguments.looking_at(_ESCAPED)
    if escaped and "\\" in escaped.group(1) and arguments.match(_ESCAPED):
        return _inside(arguments, escaped)
    quoted = arguments.looking_at(_QUOTED_BRACKETS)
    if quoted is None and (whole_text := arguments.match(_QUOTED)):
        return _inside(arguments, whole_text)
    if quoted is None:
        return parse_expression(arguments)
    whole = arguments.end
    arguments.position, arguments.end = quoted.start() + 3, quoted.end() - 3
    condition = parse_expression(arguments)
    if not arguments.at_end():
        arguments.expected("an operator or the closing bracket")
    arguments.position, arguments.end = quoted.end(), whole
    return condition


def _inside(arguments: ArgumentReader, quoted: re.Match[str]) -> Expression:
    """The expression that a text in quotes holds; its places are those of the text."""
    text, span = unescape(quoted.group(1)), arguments.span(quoted.start(), quoted.end())
    inner = ArgumentReader(type(arguments.parser)(text), 0, len(text), arguments.command)
    try:
        condition = parse_expression(inner)
        if not inner.at_end():
            inner.expected("an operator or the closing bracket")
    except SyntaxProblem as problem:
        return arguments.fail(
            "SPL014", f"the condition in quotes can't be read: {problem}", quoted.start(), quoted.end()
        )

    def change(node: object) -> object:
        return replace(node, span=span) if hasattr(node, "span") else node  # type: ignore[type-var]

    return transform(condition, change)


_OPTIONS = {
    "current": boolean_option,
    "window": integer_option,
    "time_window": interval_option,
    "global": boolean_option,
    "allnum": boolean_option,
    "reset_on_change": boolean_option,
    "reset_before": _condition,
    "reset_after": _condition,
}


def _parse(arguments: ArgumentReader) -> StreamStats:
    found: dict[str, Any] = {}
    aggregates: list[Aggregate | MacroCall] = []
    while True:
        arguments.skip_separators()
        if arguments.option(_OPTIONS, found) or arguments.unknown_option(_OPTIONS):
            continue
        more = parse_aggregates(arguments)
        if not more:
            break
        aggregates += more
    by: tuple[FieldItem, ...] = ()
    if arguments.keyword("by"):
        later, by = read_fields(arguments, _OPTIONS)
        found.update(later)
    require_by(arguments, by, require_aggregates(arguments, tuple(aggregates)))
    return StreamStats(
        tuple(aggregates),
        by,
        found.get("current", True),
        found.get("window", 0),
        found.get("time_window"),
        found.get("global", True),
        found.get("allnum", False),
        found.get("reset_on_change", False),
        found.get("reset_before"),
        found.get("reset_after"),
    )


def _render(stage: StreamStats) -> str:
    text = "streamstats" + options_text(
        ("current", stage.current, True),
        ("window", stage.window, 0),
        ("time_window", stage.time_window, None),
        ("global", stage.global_, True),
        ("allnum", stage.all_numeric, False),
        ("reset_on_change", stage.reset_on_change, False),
    )
    if stage.reset_before is not None:
        text += f" reset_before=({expression_text(stage.reset_before)})"
    if stage.reset_after is not None:
        text += f" reset_after=({expression_text(stage.reset_after)})"
    functions = ", ".join(aggregate_text(aggregate) for aggregate in stage.aggregates)
    return f"{text} {functions}{by_text(stage.by)}"


COMMAND = CommandSyntax(
    "streamstats",
    "Adds running statistics over the rows so far to every row.",
    "streamstats [current=<bool>] [window=<n>] [time_window=<span>] [global=<bool>] [reset_on_change=<bool>]"
    " [reset_before=(<expression>)] [reset_after=(<expression>)] [allnum=<bool>] <function>(<field>) [AS <field>]..."
    " [BY <field>...]",
    _parse,
    _render,
)
