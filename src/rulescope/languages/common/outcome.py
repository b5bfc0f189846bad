"""Summing up: from stages and diagnostics to a `ParsedQuery`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from rulescope.ir import ParsedQuery, ParseStatus, Pipeline, Predicate, Stage
from rulescope.ir.stages import Opaque, Search
from rulescope.languages.common.constants import unreadable_constants
from rulescope.languages.common.foreign_spellings import foreign_spellings
from rulescope.languages.common.problems import SyntaxProblem
from rulescope.languages.common.tokens import MAXIMUM_LENGTH, TokenReader
from rulescope.text import Diagnostic, Source, Span, listed_findings


def parsed_query(
    source: Source,
    stages: Sequence[Stage],
    diagnostics: Iterable[Diagnostic],
    generating: bool = False,
    constants: str = "",
) -> ParsedQuery:
    """The query as read. `failed` where every stage (or every one but the source) is opaque, else `partial`.

    `constants` is the language's code for a regular expression or an address range that is none.
    """
    read = tuple(stages)
    opaque = sum(isinstance(stage, Opaque) for stage in read)
    counted = sum(stage.kind != "source" for stage in read)
    status: ParseStatus = "full" if read and not opaque else "failed" if opaque >= counted else "partial"
    pipeline = Pipeline(read, generating, Span(0, len(source.text)))
    found = [*diagnostics, *(unreadable_constants(pipeline, constants) if constants else ())]
    return ParsedQuery(source, pipeline, pipeline, status, listed_findings(found))


def opaque_stage(text: str, start: int, end: int, found: Diagnostic, name: str | None = None) -> Opaque:
    """A stage that could not be read, with the reason."""
    return Opaque(text=text[start:end], span=Span(start, end), name=name, reason=found.message)


def too_long(source: Source, code: str) -> ParsedQuery | None:
    """The outcome for a query that is longer than is read, else None."""
    length = len(source.text)
    if length <= MAXIMUM_LENGTH:
        return None
    message = f"the query has {length:,} characters; more than {MAXIMUM_LENGTH:,} are not read"
    found = Diagnostic(code, message, Span(0, 1))
    return parsed_query(source, [opaque_stage(source.text, 0, length, found)], [found])


def empty_query(source: Source, code: str) -> ParsedQuery:
    """The outcome for a text that holds no query."""
    found = Diagnostic(code, "there is no query here: nothing but white space and comments", Span(0, len(source.text)))
    return ParsedQuery(source, Pipeline((), False, Span(0, len(source.text))), Pipeline(()), "failed", (found,))


Reader = TypeVar("Reader", bound=TokenReader)


def open_query(source: Source | str, codes: str, read_tokens: Callable[[str], Reader]) -> Reader | ParsedQuery:
    """A reader of the query's tokens, or the outcome where it is too long, has none, or can't be cut into them; the
    codes of what is wrong begin with `codes`."""
    if isinstance(source, str):
        source = Source(source)
    unread = too_long(source, f"{codes}004")
    if unread is not None:
        return unread
    text = source.text
    try:
        reader = read_tokens(text)
    except SyntaxProblem as problem:
        stage = opaque_stage(text, 0, len(text), problem.diagnostic)
        return parsed_query(source, [stage], [problem.diagnostic])
    return empty_query(source, f"{codes}005") if reader.peek().kind == "end" else reader


def parsed_search(
    source: Source | str,
    codes: str,
    read_tokens: Callable[[str], TokenReader],
    read_predicate: Callable[[TokenReader], Predicate],
    exists_field: str = "",
) -> ParsedQuery:
    """A query that is one condition (kuery, Lucene), read by a language's own two functions. `exists_field` is the name
    that stands before `:` to ask whether a field is there, where the language has one."""
    source = Source(source) if isinstance(source, str) else source
    reader = open_query(source, codes, read_tokens)
    if isinstance(reader, ParsedQuery):
        return reader
    text = source.text
    stage: Stage
    diagnostics = reader.diagnostics
    try:
        start = reader.peek().start
        predicate = read_predicate(reader)
        if reader.peek().kind != "end":
            reader.fail("the end of the query")
        end = reader.last_end
        stage = Search(predicate=predicate, text=text[start:end], span=Span(start, end))
        diagnostics = [*diagnostics, *foreign_spellings(text, predicate, f"{codes}014", exists_field)]
    except SyntaxProblem as problem:
        stage = opaque_stage(text, 0, len(text), problem.diagnostic)
        diagnostics = [problem.diagnostic]
    return parsed_query(source, [stage], diagnostics, constants=f"{codes}013")
