"""Constants that are read only when a rule runs: regular expressions and address ranges. One that is none is found
here, where its place is known, and whatever the logs hold."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from functools import lru_cache

from rulescope.ir import Compare, Pipeline
from rulescope.ir.walk import walk
from rulescope.text import Diagnostic

MAXIMUM_PATTERN = 50_000
"""Characters of a regular expression that is tried; the longest known one has some 4,000."""


def unreadable_constants(pipeline: Pipeline, code: str) -> Iterator[Diagnostic]:
    """An error with that code for each comparison with a regular expression or an address range that is none."""
    for node in walk(pipeline):
        if not isinstance(node, Compare) or node.kind not in ("match", "cidr"):
            continue
        for place, value in enumerate(node.values):
            reason = regex_problem(str(value)) if node.kind == "match" else network_problem(str(value))
            if reason is not None:
                span = node.value_spans[place] if place < len(node.value_spans) else node.span
                yield Diagnostic(code, reason, span)


def network_problem(text: str) -> str | None:
    """What is wrong with an address range; None where nothing is."""
    try:
        ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        return f"'{text[:60]}' is no address range"
    return None


@lru_cache(maxsize=4096)
def regex_problem(pattern: str) -> str | None:
    """What is wrong with a regular expression (PCRE); None where nothing is."""
    if len(pattern) > MAXIMUM_PATTERN:
        return f"a regular expression of more than {MAXIMUM_PATTERN:,} characters is not read"
    # Few rules hold any.
    import pcre2

    try:
        pcre2.compile(pattern.replace(r"\C", "."))
    except (pcre2.PatternError, pcre2.LibraryError, ValueError) as error:
        return f"not a regular expression: {str(error)[:120]}"
    return None
