"""A search's text → what was read of it: the pipeline as written, the expanded one, status and diagnostics."""

from __future__ import annotations

import re

from rulescope.ir.parsed import ParsedQuery
from rulescope.ir.rule import ParseStatus, Pipeline
from rulescope.ir.stages import Opaque
from rulescope.languages.spl.macros import MAXIMUM_LENGTH, MacroLibrary, expand_macros
from rulescope.languages.spl.parser import MAXIMUM_FINDINGS, Parser
from rulescope.text import Diagnostic, Source, Span

MAXIMUM_QUOTES_TRIED = 60
"""How many quotes are tried as the one too many."""


def parse_search(source: Source | str, macros: MacroLibrary | None = None) -> ParsedQuery:
    """Read a search. Never raises: whatever is wrong with it is in `diagnostics`, and `status` sums up.

    `full`: every stage was read; `partial`: some stage is opaque; `failed`: none was read, or there is no search.
    """
    if isinstance(source, str):
        source = Source(source)
    text = source.text
    if len(text) > MAXIMUM_LENGTH:
        return _unread(source)
    written, pipeline, text = _read(text)
    diagnostics = written.diagnostics
    expanded = pipeline
    judged = written
    called = tuple(written.macros)
    unknown = called
    if called and macros:
        expansion = expand_macros(text, macros)
        unknown = expansion.unknown
        called = tuple(dict.fromkeys([*called, *expansion.used, *expansion.unknown]))
        diagnostics += [found for found in expansion.diagnostics if found not in diagnostics]
        if expansion.origins is not None:
            inner = Parser(expansion.text, expansion.origins)
            expanded = inner.search()
            # What is wrong in the text as written may be right once a macro is put in; what is wrong only then is new.
            if written.opaque and not inner.opaque:
                diagnostics = [found for found in diagnostics if found.severity != "error"]
            known = {(found.code, found.message, found.span) for found in diagnostics}
            diagnostics += [
                found for found in inner.diagnostics if (found.code, found.message, found.span) not in known
            ]
            judged = inner
    if not pipeline.stages:
        diagnostics.append(
            Diagnostic("SPL019", "there is no search here: nothing but white space and comments", Span(0, len(text)))
        )
    return ParsedQuery(source, pipeline, expanded, _status(judged), _once(diagnostics), called, unknown)


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
    kept = (found for found in diagnostics if found.code != "SPL024" or found.span.start not in unbalanced)
    listed = tuple(dict.fromkeys(kept))
    if len(listed) <= MAXIMUM_FINDINGS:
        return listed
    rest = Diagnostic(
        "SPL007",
        f"{len(listed) - MAXIMUM_FINDINGS:,} more findings are not listed",
        listed[MAXIMUM_FINDINGS].span,
        "info",
    )
    return (*listed[:MAXIMUM_FINDINGS], rest)


def _read(text: str) -> tuple[Parser, Pipeline, str]:
    """The text read, and the text that was read in its place, of the same length.

    With an odd number of quotes, each is tried as the one too many; the first without which all reads well is it.
    """
    parser = Parser(text)
    pipeline = parser.search()
    if not parser.opaque or not any(found.code == "SPL001" for found in parser.diagnostics) or len(text) > 20_000:
        return parser, pipeline, text
    quotes = [found.start() for found in re.finditer('"', text)]
    if len(quotes) > MAXIMUM_QUOTES_TRIED:
        return parser, pipeline, text
    for at in quotes:
        without = Parser(text, dropped=at)
        other = without.search()
        if not any(found.severity == "error" for found in without.diagnostics):
            without.diagnostics.insert(
                0,
                Diagnostic(
                    "SPL001",
                    "unbalanced quote: the search reads well without this one, and is read so",
                    Span(at, at + 1),
                    hint="remove the quote",
                ),
            )
            return without, other, without.scan.text
    return parser, pipeline, text


def _status(parser: Parser) -> ParseStatus:
    if not parser.stages:
        return "failed"
    if not parser.opaque:
        return "full"
    return "failed" if parser.opaque == parser.stages else "partial"
