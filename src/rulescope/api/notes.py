"""What verbs say beside their results: diagnostics with their place, drawn for terminals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rulescope.errors import EngineError, Refusal
from rulescope.text import NO_SPAN, Diagnostic, Source, render_diagnostic

if TYPE_CHECKING:
    from rulescope.api.query import Query
    from rulescope.corpus import PassedOver


@dataclass(frozen=True, slots=True)
class Note:
    """A diagnostic with its place and its drawing for terminals; line and column are None where it has no place."""

    code: str
    severity: str
    message: str
    line: int | None
    column: int | None
    hint: str | None
    drawing: str


def diagnostic_of(error: EngineError) -> Diagnostic:
    """An error of an engine as a diagnostic, at the stage where it has one."""
    span = error.span if isinstance(error, Refusal) else NO_SPAN
    return Diagnostic(error.code, error.message, span, hint=error.hint)


def note(found: Diagnostic, source: Source) -> Note:
    """A diagnostic with its place worked out."""
    if found.span == NO_SPAN:
        drawing = f"{found.severity}[{found.code}]: {found.message}"
        if found.hint:
            drawing += f"\n  = hint: {found.hint}"
        return Note(found.code, found.severity, found.message, None, None, found.hint, drawing)
    place = source.position(found.span.start)
    drawing = render_diagnostic(found, source)
    return Note(found.code, found.severity, found.message, place.line, place.column, found.hint, drawing)


def and_refusal(notes: Sequence[Note], refusal: Note) -> list[Note]:
    """The notes with that of a refusal, but for warnings that say the same of the same place with less weight."""
    told = (refusal.line, refusal.column, refusal.hint)
    others = [
        one for one in notes if one.severity != "warning" or not one.hint or (one.line, one.column, one.hint) != told
    ]
    return [*others, refusal]


def note_json(one: Note | PassedOver) -> dict[str, Any]:
    """A diagnostic in the contract's shape."""
    return {
        "code": one.code,
        "severity": one.severity,
        "message": one.message,
        "line": one.line,
        "column": one.column,
        "hint": one.hint,
    }


def query_notes(query: Query) -> list[Note]:
    """What is to be said of the query's file, and of how the user's words were taken."""
    said = [note(found, Source("")) for found in query.notes]
    return said + [note(problem.diagnostic, problem.source) for problem in query.problems]
