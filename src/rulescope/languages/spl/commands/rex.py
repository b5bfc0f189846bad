"""rex: extracts fields by named groups of a regular expression, or changes text in sed mode."""

from __future__ import annotations

import re
from typing import Any

from rulescope.ir.stages import Rex
from rulescope.languages.spl.arguments import ArgumentReader, field_option, integer_option, text_option
from rulescope.languages.spl.commands.option_lists import glued_text
from rulescope.languages.spl.commands.patterns import pattern_problem
from rulescope.languages.spl.commands.syntax import CommandSyntax
from rulescope.languages.spl.printer import field_text, quote

_OPTIONS = {
    "field": field_option,
    "max_match": integer_option,
    "offset_field": field_option,
    "mode": text_option,
}
_OPTION = re.compile(r"(field|max_match|offset_field|mode)\s*=", re.IGNORECASE)
_MISSPELT = re.compile(r'[a-z_]+\s*=\s*[\w.{}]+\s+"', re.IGNORECASE)
_LONGEST_OPTION = 300
_TRAILING = re.compile(r"\s((?:field|max_match|offset_field|mode)\s*=\s*[\w.{}\"'-]+)\s*\Z", re.IGNORECASE)


def _parse(arguments: ArgumentReader) -> Rex:
    found: dict[str, Any] = {}
    pattern: str | None = None
    start = arguments.position
    while not arguments.at_end():
        if arguments.looking_at(_OPTION) and arguments.option(_OPTIONS, found):
            continue
        if pattern is not None:
            if arguments.unknown_option(_OPTIONS):
                continue
            break
        arguments.skip()
        start = arguments.position
        pattern = arguments.quoted()
        if pattern is None and arguments.substituted():
            pattern = ""
        elif pattern is None and _MISSPELT.match(arguments.text, arguments.position, arguments.end):
            arguments.unknown_option(_OPTIONS)
        elif pattern is None:
            pattern = _bare_pattern(arguments)
        else:
            pattern += glued_text(arguments, _OPTION)
    if pattern is None:
        arguments.fail("SPL048", "rex needs a regular expression", hint='for example: rex "user=(?<user>\\w+)"')
    sed = str(found.get("mode", "")).lower() == "sed"
    if not sed and pattern and not re.search(r"\(\?P?<[^=!]", pattern):
        arguments.note(
            "SPL049",
            "rex extracts nothing: its regular expression has no named group",
            start,
            hint="name a group: (?<name>...)",
        )
    problem = None if sed else pattern_problem(pattern)
    if problem is not None:
        arguments.note("SPL052", f"rex: the regular expression can't be right: {problem}", start)
    return Rex(pattern, found.get("field", "_raw"), found.get("max_match", 1), found.get("offset_field"), sed)


def _bare_pattern(arguments: ArgumentReader) -> str:
    """A regular expression without quotes: everything up to the options that may follow it."""
    whole = arguments.end
    cut = whole
    for _ in _OPTIONS:
        found = _TRAILING.search(arguments.text, max(arguments.position, cut - _LONGEST_OPTION), cut)
        if found is None:
            break
        cut = found.start()
    arguments.end = cut
    text = arguments.rest()
    arguments.end = whole
    return text


def _render(stage: Rex) -> str:
    parts = ["rex"]
    if stage.field != "_raw":
        parts.append(f"field={field_text(stage.field)}")
    if stage.sed:
        parts.append("mode=sed")
    if stage.max_match != 1:
        parts.append(f"max_match={stage.max_match}")
    if stage.offset_field is not None:
        parts.append(f"offset_field={field_text(stage.offset_field)}")
    if stage.pattern or not stage.macro_arguments:
        parts.append(quote(stage.pattern))
    return " ".join(parts)


COMMAND = CommandSyntax(
    "rex",
    "Extracts fields by the named groups of a regular expression; mode=sed changes the field's text.",
    "rex [field=<field>] [max_match=<n>] [offset_field=<field>] (<regex> | mode=sed <sed-expression>)",
    _parse,
    _render,
)
