"""What a search compares a field with: bare values, directives, lists, macros and subsearches.

`search` reads the conditions in which these stand.
"""

from __future__ import annotations

import re
from functools import partial

from rulescope.ir.expressions import Binary, FieldReference, MacroCall, Subsearch
from rulescope.ir.predicates import (
    And,
    Compare,
    Not,
    Or,
    Predicate,
    Term,
    Test,
    TimeBound,
    Value,
)
from rulescope.ir.times import WrittenTime
from rulescope.languages.spl.arguments import ArgumentReader
from rulescope.languages.spl.comparisons import compare, is_address_range, value_pattern
from rulescope.languages.spl.reader import unescape
from rulescope.text import Span

BARE_VALUE = re.compile(r"(?:[^\s\"()\[\]|`,\\]|\\[\"\\]|\\)+")
DIRECTIVE = re.compile(r"(TERM|CASE)\(")
TIME_MODIFIERS = frozenset(
    {
        "earliest", "latest", "_index_earliest", "_index_latest", "starttime", "endtime", "starttimeu", "endtimeu",
        "timeformat", "startdaysago", "enddaysago", "daysago", "starthoursago", "endhoursago", "hoursago",
        "startminutesago", "endminutesago", "minutesago", "startmonthsago", "endmonthsago", "monthsago",
        "searchtimespandays", "searchtimespanhours", "searchtimespanminutes", "searchtimespanmonths",
    }
)  # fmt: skip
"""Search Manual, "Specify time modifiers in your search", with the older ones of the Search Reference."""


def bare_value(arguments: ArgumentReader, found: re.Match[str]) -> str:
    """The text of a value without double quotes, which was found here."""
    if found.group().startswith("'"):
        message = "in a search, single quotes are part of the value"
        arguments.note("SPL054", message, found.start(), found.end(), hint="write double quotes")
    arguments.position = found.end()
    return unescape(found.group())


def computed_comparison(field: str, sign: str, value: MacroCall | Subsearch, span: Span) -> Predicate:
    """A comparison with what a macro or a subsearch gives."""
    if field.lower() in TIME_MODIFIERS and isinstance(value, MacroCall):
        return TimeBound(field, WrittenTime(f"`{value.text}`", None), span)
    operator = {"=": "=", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}[sign]
    return Test(Binary(operator, FieldReference(field, span), value, span), span)  # type: ignore[arg-type]


def distributed(arguments: ArgumentReader, predicate: Predicate, field: str, sign: str) -> Predicate:
    """`field=(a OR b)`: every term becomes a comparison with the field."""
    if isinstance(predicate, Term):
        return compare(field, sign, predicate.text, predicate.span, predicate.span)
    if isinstance(predicate, And):
        return And(
            tuple(distributed(arguments, operand, field, sign) for operand in predicate.operands), predicate.span
        )
    if isinstance(predicate, Or):
        return Or(tuple(distributed(arguments, operand, field, sign) for operand in predicate.operands), predicate.span)
    if isinstance(predicate, Not):
        return Not(distributed(arguments, predicate.operand, field, sign), predicate.span)
    if isinstance(predicate, MacroCall):
        return computed_comparison(field, sign, predicate, predicate.span)
    if not isinstance(predicate, Compare) or predicate.field != field:
        place, shown = predicate.span, f"'{field[:40]}{sign}'"
        hint = f"leave {shown} out, or write each value in the brackets without a field"
        arguments.fail("SPL014", f"in the brackets behind {shown} stand values", place.start, place.end, hint=hint)
    return predicate


def listed_values(arguments: ArgumentReader, field: str, start: int) -> Predicate:
    """A comparison with a list of values, whose opening bracket was taken."""
    opening = arguments.position - 1
    values: list[Value] = []
    spans: list[Span] = []
    others: list[Predicate] = []
    exact = False
    while True:
        arguments.skip_separators()
        if arguments.accept(")"):
            break
        if arguments.position >= arguments.end:
            arguments.close(opening)
            break
        at = arguments.position
        character = arguments.text[at]
        if character == "`":
            others.append(computed_comparison(field, "=", arguments.macro(), arguments.span(at)))
            continue
        if character == "[" and arguments.at_subsearch():
            pipeline = arguments.subsearch()
            others.append(computed_comparison(field, "=", Subsearch(pipeline, arguments.span(at)), arguments.span(at)))
            continue
        if character == "(":
            arguments.position += 1
            others.append(arguments.parser.nested(arguments, 1, partial(listed_values, arguments, field, at)))
            continue
        text = arguments.quoted()
        if text is None:
            directive = DIRECTIVE.match(arguments.text, at, arguments.end)
            if directive:
                arguments.position = directive.end()
                text = unescape(arguments.parenthesised().strip().strip('"'))
                exact = exact or directive.group(1) == "CASE"
            else:
                bare = BARE_VALUE.match(arguments.text, at, arguments.end)
                if not bare:
                    arguments.expected("a value or ')'")
                text = bare_value(arguments, bare)
        if is_address_range(text):
            others.append(compare(field, "=", text, arguments.span(at), arguments.span(at)))
            continue
        values.append(value_pattern(text))
        spans.append(arguments.span(at))
    span = arguments.span(start)
    if not values and not others:
        arguments.fail("SPL014", "IN needs at least one value", opening, arguments.position)
    if not values:
        return others[0] if len(others) == 1 else Or(tuple(others), span)
    listed = Compare(
        field, "in", tuple(values), ignore_case=not exact, numeric=True, span=span, value_spans=tuple(spans)
    )
    return Or((listed, *others), span) if others else listed
