"""regex: keeps the rows in which a field matches a regular expression, or does not."""

from __future__ import annotations

import re

from rulescope.ir.predicates import Compare, Not
from rulescope.ir.stages import Regex
from rulescope.languages.spl.arguments import ArgumentReader
from rulescope.languages.spl.commands.option_lists import glued_text
from rulescope.languages.spl.commands.patterns import pattern_problem
from rulescope.languages.spl.commands.syntax import CommandSyntax
from rulescope.languages.spl.printer import field_text, quote

_FIELD = re.compile(r"([\w.:{}@-]+|\"[^\"]+\"|'[^']+')\s*(!=|=)\s*")


def _parse(arguments: ArgumentReader) -> Regex:
    if arguments.at_end():
        arguments.fail("SPL044", "regex needs a regular expression", hint='for example: regex process="(?i)cmd\\.exe"')
    arguments.skip()
    start = arguments.position
    named = arguments.match(_FIELD)
    field = named.group(1).strip("\"'") if named else "_raw"
    negated = bool(named and named.group(2) == "!=")
    arguments.skip()
    at = arguments.position
    pattern = arguments.quoted()
    if pattern is None:
        pattern = arguments.rest()
    else:
        pattern += glued_text(arguments)
    if not pattern:
        arguments.fail("SPL044", "regex needs a regular expression", at)
    problem = pattern_problem(pattern)
    if problem is not None:
        arguments.note("SPL052", f"regex: the regular expression can't be right: {problem}", at)
    compare = Compare(
        field, "match", (pattern,), False, "false", False, "any", arguments.span(start), (arguments.span(at),)
    )
    return Regex(Not(compare, compare.span) if negated else compare)


def _render(stage: Regex) -> str:
    predicate = stage.predicate
    negated = isinstance(predicate, Not)
    compare = predicate.operand if isinstance(predicate, Not) else predicate
    if not isinstance(compare, Compare):
        return stage.text
    sign = "!=" if negated else "="
    return f"regex {field_text(compare.field)}{sign}{quote(str(compare.values[0]))}"


COMMAND = CommandSyntax(
    "regex",
    "Keeps the rows in which a field matches a regular expression, or with != does not.",
    "regex (<field>=<regex> | <field>!=<regex> | <regex>)",
    _parse,
    _render,
)
