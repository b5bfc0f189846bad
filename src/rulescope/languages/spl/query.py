"""A search's text → what was read of it: the pipeline as written, the expanded one, status and diagnostics."""

from __future__ import annotations

import re
from typing import NamedTuple

from rulescope.ir.parsed import ParsedQuery
from rulescope.ir.rule import ParseStatus, Pipeline
from rulescope.ir.stages import Opaque
from rulescope.languages.spl.constant_values import constant_text
from rulescope.languages.spl.macros import MAXIMUM_LENGTH, MacroLibrary, expand_macros
from rulescope.languages.spl.parser import Parser
from rulescope.text import Diagnostic, Source, Span, listed_findings

MAXIMUM_QUOTES_TRIED = 60
"""How many quotes are tried as the one too many."""


def parse_search(source: Source | str, macros: MacroLibrary | None = None) -> ParsedQuery:
    """Read a search. Never raises: whatever is wrong with it is in `diagnostics`, and `status` sums up.

    `full`: every stage was read; `partial`: some stage is opaque, or was read only after it was mended; `failed`: none
    was read, or there is no search.
    """
    if isinstance(source, str):
        source = Source(source)
    text = source.text
    if len(text) > MAXIMUM_LENGTH:
        return _unread(source)
    written, pipeline, text, mended = _read(text)
    reading = _Reading(pipeline, written, [*mended, *written.diagnostics], tuple(written.macros), tuple(written.macros))
    if reading.called and macros:
        reading = _expanded(reading, mended, text, macros)
    if not pipeline.stages:
        reading.diagnostics.append(
            Diagnostic("SPL019", "there is no search here: nothing but white space and comments", Span(0, len(text)))
        )
    return ParsedQuery(
        source,
        pipeline,
        reading.pipeline,
        _status(reading.judged),
        _once(reading.diagnostics),
        reading.called,
        reading.unknown,
    )


class _Reading(NamedTuple):
    """A search as it was read: `judged` says how much of it was."""

    pipeline: Pipeline
    judged: Parser
    diagnostics: list[Diagnostic]
    called: tuple[str, ...]
    unknown: tuple[str, ...]


def _expanded(written: _Reading, mended: list[Diagnostic], text: str, macros: MacroLibrary) -> _Reading:
    """The reading of the search with the bodies of known macros put in; `mended` was wrong before that, and stays."""
    expansion = expand_macros(text, macros, constant_text)
    called = tuple(dict.fromkeys([*written.called, *expansion.used, *expansion.unknown]))
    pipeline, judged, own = written.pipeline, written.judged, written.judged.diagnostics
    if expansion.origins is not None:
        judged = Parser(expansion.text, expansion.origins)
        pipeline = judged.search()
        # What is wrong in the text as written may be right once a macro is put in; what is wrong only then is new.
        if not any(found.severity == "error" for found in judged.diagnostics):
            own = [found for found in own if found.severity != "error"]
        known = {(found.code, found.message, found.span) for found in own}
        own = own + [found for found in judged.diagnostics if (found.code, found.message, found.span) not in known]
    return _Reading(pipeline, judged, [*mended, *own, *expansion.diagnostics], called, expansion.unknown)


def _unread(source: Source) -> ParsedQuery:
    """A search that is too long to be one: a single opaque stage."""
    problem = Diagnostic(
        "SPL006",
        f"the search has {len(source.text):,} characters; more than {MAXIMUM_LENGTH:,} are not read",
        Span(0, 1),
    )
    whole = Span(0, len(source.text))
    pipeline = Pipeline((Opaque(text=source.text, span=whole, reason=problem.message),), False, whole)
    return ParsedQuery(source, pipeline, pipeline, "failed", (problem,), (), ())


def _once(diagnostics: list[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Every diagnostic once; of a bracket that does not balance, only that."""
    unbalanced = {found.span.start for found in diagnostics if found.code in ("SPL003", "SPL004")}
    kept = [found for found in diagnostics if found.code != "SPL024" or found.span.start not in unbalanced]
    listed = listed_findings(kept)
    more = len(set(kept)) - len(listed)
    if not more:
        return listed
    rest = Diagnostic("SPL007", f"{more:,} more findings are not listed", listed[-1].span, "info")
    return (*listed, rest)


def _read(text: str) -> tuple[Parser, Pipeline, str, list[Diagnostic]]:
    """The text read, the text that was read in its place, of the same length, and what was mended to read it.

    With an odd number of quotes, each is tried as the one too many; the first without which all reads well is it.
    """
    parser = Parser(text)
    pipeline = parser.search()
    if not parser.opaque or not any(found.code == "SPL001" for found in parser.diagnostics) or len(text) > 20_000:
        return parser, pipeline, text, []
    quotes = [found.start() for found in re.finditer('"', text)]
    if len(quotes) > MAXIMUM_QUOTES_TRIED:
        return parser, pipeline, text, []
    for at in quotes:
        without = Parser(text, dropped=at)
        other = without.search()
        if not any(found.severity == "error" for found in without.diagnostics):
            mended = Diagnostic(
                "SPL001",
                "unbalanced quote: the search reads well without this one, and is read so",
                Span(at, at + 1),
                hint="remove the quote",
            )
            return without, other, without.scan.text, [mended]
    return parser, pipeline, text, []


def _status(parser: Parser) -> ParseStatus:
    if not parser.stages:
        return "failed"
    if not parser.opaque:
        return "full"
    return "failed" if parser.opaque == parser.stages else "partial"
