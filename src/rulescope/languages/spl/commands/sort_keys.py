"""The sort keys that `sort` and `dedup … sortby` take."""

from __future__ import annotations

import re

from rulescope.ir.stages import SortKey
from rulescope.languages.spl.arguments import ArgumentReader

_COMPARISON = re.compile(r"(auto|str|ip|num)\s*\(", re.IGNORECASE)
_RESULT = re.compile(r"(\w+)\(\s*(?:\"([^\"()]*)\"|([^\s\"()]+))\s*\)")
"""The result of a function as a name: `sum(x)`, `sum("a name")`."""
_SIGN = re.compile(r"([+-])\s*")


def parse_sort_keys(
    arguments: ArgumentReader, stop: tuple[str, ...] = (), options: tuple[str, ...] = ()
) -> tuple[SortKey, ...]:
    """Keys separated by blanks or commas, up to a word in `stop`, a `name=` in `options`, or the end.

    A key is an optional + or -, then a field or `num(field)`. A sign that stands apart counts for every key after it
    that has none of its own.
    """
    keys: list[SortKey] = []
    general = False
    while True:
        arguments.skip_separators()
        if arguments.at_end() or any(arguments.at_keyword(word) for word in stop):
            return tuple(keys)
        if options and (arguments.at_option() or "").lower() in options:
            return tuple(keys)
        if arguments.substituted():
            continue
        start = arguments.position
        sign = arguments.match(_SIGN)
        descending = sign.group(1) == "-" if sign else general
        if sign and len(sign.group()) > 1:
            general = descending
        if sign and arguments.at_macro():
            arguments.macro_arguments.append(("", arguments.macro()))
            continue
        typed = arguments.match(_COMPARISON)
        if typed and (inner := arguments.match(_RESULT)):
            name = f"{inner.group(1)}({inner.group(2) or inner.group(3)})"
        else:
            name = arguments.field_name("a field to sort by")
        if typed:
            arguments.require(")")
        comparison = typed.group(1).lower() if typed else "auto"
        keys.append(SortKey(name, descending, comparison, span=arguments.span(start)))
