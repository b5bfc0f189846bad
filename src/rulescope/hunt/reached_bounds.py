"""What functions gave up: regular expressions, with their place, and other bounds of theirs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rulescope import ir
from rulescope.engines.duckdb.functions.registry import Bound
from rulescope.engines.sql.regex import pcre_pattern
from rulescope.engines.sql.stages.extracting import sed_commands
from rulescope.ir import stages
from rulescope.ir.walk import walk
from rulescope.text import NO_SPAN, Diagnostic, Span

CODE = "RUN109"
BOUND_CODE = "RUN123"
_LONGEST = 120


def given_up_notes(pipeline: ir.Pipeline, given_up: Mapping[str, int]) -> list[Diagnostic]:
    """A warning for each pattern of `given_up`, which says how often each reached the bound on the steps of a match,
    and for each other bound that a function reached."""
    if not given_up:
        return []
    places: dict[str, Span] = {}
    for text, span in _patterns(pipeline):
        places.setdefault(pcre_pattern(text), span)
        places.setdefault(pcre_pattern(f"(?i){text}"), span)
    notes = []
    for pattern, count in sorted(given_up.items()):
        values = f"{count:,} value{'' if count == 1 else 's'}"
        if isinstance(pattern, Bound):
            notes.append(Diagnostic(BOUND_CODE, f"{pattern}: so on {values}", severity="warning"))
            continue
        shown = pattern if len(pattern) <= _LONGEST else pattern[:_LONGEST] + "…"
        named = f"the regular expression '{shown}'" if pattern else "a regular expression out of a field"
        notes.append(
            Diagnostic(
                CODE,
                f"{named} took too many steps, and was given up on {values}: there it counts as not found",
                places.get(pattern, NO_SPAN),
                "warning",
                "a repetition inside a repetition, such as (a+)+, tries every way to part a text",
            )
        )
    return notes


def _patterns(pipeline: ir.Pipeline) -> Iterator[tuple[str, Span]]:
    """The texts of a search that may be patterns, with their places."""
    for node in walk(pipeline):
        match node:
            case ir.Compare(kind="match", values=(str(text),)):
                yield text, node.span
            case ir.Constant(value=str(text)):
                yield text, node.span
            case stages.Rex() if node.sed:
                yield from ((command[1], node.span) for command in sed_commands(node))
            case stages.Rex():
                yield node.pattern, node.span
            case stages.MakeMv(tokenizer=str(text)):
                yield text, node.span
