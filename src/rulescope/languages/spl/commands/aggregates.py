"""The statistical functions of `stats` and its kin: `function(argument) AS alias`, separated by blanks or commas.

Names and their spellings: Search Reference, "Statistical and charting functions".
"""

from __future__ import annotations

import re

from rulescope.ir.expressions import Expression, FieldReference, MacroCall
from rulescope.ir.stages import Aggregate, FieldItem
from rulescope.languages.spl.arguments import ArgumentReader
from rulescope.languages.spl.expressions import parse_expression

_FUNCTION = re.compile(r"[A-Za-z_][A-Za-z_]*(?:\d+(?:\.\d+)?)?(?:_[A-Za-z]+)*")
_MACRO_FUNCTION = re.compile(r"`[^`(]*`(?=\()")
_EVAL = re.compile(r"eval\s*\(", re.IGNORECASE)
_AS = re.compile(r"as(?=[\s\"'`]|\Z)", re.IGNORECASE)
_PERCENTILE = re.compile(r"(p|perc|exactperc|upperperc)(\d+(?:\.\d+)?)", re.IGNORECASE)
_SIMPLE_ARGUMENT = re.compile(r"\s*([^\s,|()\"'`=<>!]+|\"(?:[^\"\\]|\\.)*\"|'[^']*')\s*\)")
_RESULT_ARGUMENT = re.compile(r"((\w+)\([^\s()\"'`|,]*\))\s*\)")
_LOOSE_ARGUMENT = re.compile(r"[^()\"`]*")
_BRACKETED_ALIAS = re.compile(r"[^\s,|\[\]()\"'`=]+\([^()|\"'`]*\)[^\s,|\[\]()\"'`=]*")

CANONICAL = {
    "c": "count", "count": "count", "dc": "dc", "distinct_count": "dc", "estdc": "estdc", "estdc_error": "estdc_error",
    "avg": "avg", "mean": "avg", "min": "min", "max": "max", "sum": "sum", "sumsq": "sumsq", "median": "median",
    "mode": "mode", "range": "range", "stdev": "stdev", "stdevp": "stdevp", "var": "var", "varp": "varp",
    "first": "first", "last": "last", "earliest": "earliest", "latest": "latest", "earliest_time": "earliest_time",
    "latest_time": "latest_time", "list": "list", "values": "values", "rate": "rate", "rate_avg": "rate_avg",
    "rate_sum": "rate_sum", "per_second": "per_second", "per_minute": "per_minute", "per_hour": "per_hour",
    "per_day": "per_day", "sparkline": "sparkline", "eval": "eval", "perc": "perc", "exactperc": "exactperc",
    "upperperc": "upperperc", "p": "perc", "prestats": "prestats",
}  # fmt: skip
_PERCENTILES = frozenset({"p", "perc", "exactperc", "upperperc"})

_BARE_ALLOWED = frozenset({"count", "sparkline"})


def is_statistical(name: str) -> bool:
    """Whether a lower-case name is one of these functions, percentiles among them."""
    return name in CANONICAL or _PERCENTILE.fullmatch(name) is not None


def parse_aggregates(arguments: ArgumentReader, stop: tuple[str, ...] = ("by",)) -> tuple[Aggregate | MacroCall, ...]:
    """Functions up to the end or one of the words in `stop`; gives up where there is none."""
    found: list[Aggregate | MacroCall] = []
    while True:
        arguments.skip_separators()
        if arguments.at_end() or any(arguments.at_keyword(word) for word in stop):
            return tuple(found)
        if arguments.at_macro() and not at_macro_function(arguments):
            found.append(arguments.macro())
            continue
        if arguments.at_option():
            return tuple(found)
        found.append(parse_aggregate(arguments, stop))


def require_aggregates(
    arguments: ArgumentReader, found: tuple[Aggregate | MacroCall, ...]
) -> tuple[Aggregate | MacroCall, ...]:
    """The functions, or give up because there are none."""
    if not found:
        arguments.fail(
            "SPL040",
            f"{arguments.command} needs at least one function",
            hint=f"for example: {arguments.command} count BY host",
        )
    return found


def require_by(
    arguments: ArgumentReader, by: tuple[FieldItem, ...], aggregates: tuple[Aggregate | MacroCall, ...]
) -> None:
    """Give up where BY stands with nothing after it."""
    if not by and aggregates and arguments.text[: arguments.position].rstrip()[-3:].strip().lower() == "by":
        arguments.fail("SPL045", f"{arguments.command}: BY needs a field", arguments.end - 2, arguments.end)


def parse_aggregate(arguments: ArgumentReader, stop: tuple[str, ...] = ("by",)) -> Aggregate:
    """One function with its alias."""
    arguments.skip()
    start = arguments.position
    name = arguments.match(_MACRO_FUNCTION) or arguments.match(_FUNCTION)
    if not name:
        arguments.expected("a function such as count or values(field)")
    if name.group()[0] == "`":
        arguments.position = start
        function, parameter = f"`{arguments.macro().text}`", None
    else:
        function, parameter = _canonical(arguments, name.group(), start)
    argument = None
    computed = False
    inner = None
    interval = None
    if arguments.peek() == "(" and arguments.text[name.end() : arguments.position + 1].strip() == "(":
        arguments.position += 1
        if function == "sparkline":
            inner = parse_aggregate(arguments, stop) if arguments.peek() != ")" else None
            if arguments.accept(","):
                interval = arguments.interval()
            arguments.require(")")
        elif function == "eval":
            # chart eval(avg(size)/max(delay)): an expression over statistical functions (Search Reference, "chart").
            arguments.aggregating = True
            argument = parse_expression(arguments)
            arguments.aggregating = False
            computed = True
            arguments.require(")")
        elif arguments.match(_EVAL):
            argument = parse_expression(arguments)
            computed = True
            arguments.require(")")
            arguments.require(")")
        elif arguments.accept(")"):
            pass
        else:
            argument = _argument(arguments)
            computed = not isinstance(argument, (FieldReference, MacroCall))
    else:
        arguments.position = name.end()
        if function == "eval":
            hint = arguments.parser.pipe_hint(name.group())
            arguments.fail("SPL024", f"{arguments.command}: unexpected 'eval'", start, name.end(), hint=hint)
        if function not in _BARE_ALLOWED:
            # Splunk takes a bare function for one over every field: `stats sum` is `stats sum(*)` (practice).
            argument = FieldReference("*", arguments.span(start))
            arguments.note(
                "SPL041",
                f"{name.group()} has no field in brackets: it is computed for every field",
                start,
                name.end(),
                hint=f"write {name.group()}(field), or {name.group()}(*) if every field is meant",
            )
    written = _written(arguments.text[start : arguments.position])
    alias = _alias(arguments)
    return Aggregate(function, argument, alias, parameter, computed, inner, interval, written, arguments.span(start))


def at_macro_function(arguments: ArgumentReader) -> bool:
    """Whether a macro stands here in the place of a function's name: a bracket follows it."""
    return arguments.looking_at(_MACRO_FUNCTION) is not None


def _written(text: str) -> str:
    return re.sub(r"\s*([()])\s*", r"\1", text.strip())


def _argument(arguments: ArgumentReader) -> Expression:
    if arguments.at_macro():
        call = arguments.macro()
        arguments.require(")")
        return call
    arguments.skip()
    start = arguments.position
    simple = _SIMPLE_ARGUMENT.match(arguments.text, start, arguments.end)
    if simple:
        name = arguments.field_name()
        span = arguments.span(start)
        arguments.require(")")
        return FieldReference(name, span)
    result = _RESULT_ARGUMENT.match(arguments.text, start, arguments.end)
    if result and result.group(2).lower() in CANONICAL:
        # The result of an earlier stage: count(dc(host)) counts the field "dc(host)".
        arguments.position = result.end()
        return FieldReference(result.group(1), arguments.span(start, result.end(1)))
    loose = _LOOSE_ARGUMENT.match(arguments.text, start, arguments.end)
    if loose and loose.end() < arguments.end and arguments.text[loose.end()] == ")" and loose.group().strip():
        # A name with blanks and no quotes: stats takes it as one field.
        text = loose.group().strip()
        if "," in text:
            arguments.position = arguments.text.index(",", start)
            arguments.expected("')': a statistical function takes one field")
        if not any(sign in text for sign in "=<>!+*/"):
            arguments.position = loose.end() + 1
            return FieldReference(text, arguments.span(start, loose.end()))
    expression = parse_expression(arguments)
    arguments.require(")")
    return expression


def _canonical(arguments: ArgumentReader, name: str, start: int) -> tuple[str, float | None]:
    lower = name.lower()
    if lower in CANONICAL and lower not in _PERCENTILES:
        return CANONICAL[lower], None
    percentile = _PERCENTILE.fullmatch(name)
    if lower in _PERCENTILES or (percentile and float(percentile.group(2)) > 100):
        arguments.fail(
            "SPL042",
            f"{arguments.command}: '{name}' names no percentile from 0 to 100",
            start,
            start + len(name),
            hint=f"for example: {(percentile.group(1) if percentile else name)}95(field)",
        )
    if percentile:
        function = "perc" if percentile.group(1).lower() == "p" else percentile.group(1).lower()
        return function, float(percentile.group(2))
    hint: str | None = "a field is named inside a function, as in values(field)"
    near = arguments.parser.nearest(lower, CANONICAL)
    if near:
        hint = f"did you mean '{near}'?"
    elif arguments.text[arguments.start : start].rstrip()[-1:] not in ("", ","):
        hint = arguments.parser.pipe_hint(name) or hint
    return arguments.fail(
        "SPL042", f"{arguments.command}: unknown function '{name}'", start, start + len(name), hint=hint
    )


def _alias(arguments: ArgumentReader) -> str | None:
    before = arguments.position
    arguments.skip_separators()
    if not arguments.match(_AS):
        arguments.position = before
        return None
    bracketed = arguments.match(_BRACKETED_ALIAS)
    if bracketed:
        return bracketed.group()
    return arguments.field_name("a name after AS")
