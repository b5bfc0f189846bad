"""What is wrong or doubtful at a place in a text, and how it is shown to a person."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from rulescope.text.source import NO_SPAN, Source, Span

Severity = Literal["error", "warning", "info"]

MOST_FINDINGS = 200
"""How many diagnostics are listed for one query."""

_LINE_WIDTH = 160


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding: a stable `code` (`SPL021`), what is the matter, where (`span` in the query), and the way out."""

    code: str
    message: str
    span: Span = NO_SPAN
    severity: Severity = "error"
    hint: str | None = None


def listed_findings(found: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Each finding once, and no more than `MOST_FINDINGS`: where there are more, errors are listed before others."""
    once = tuple(dict.fromkeys(found))
    if len(once) > MOST_FINDINGS:
        once = tuple(sorted(once, key=lambda one: one.severity != "error"))
    return once[:MOST_FINDINGS]


def render_diagnostic(diagnostic: Diagnostic, source: Source) -> str:
    """The diagnostic as text for a terminal: head line, place, the line itself with carets under it, hint.

    Long lines are cut to a window around the place. Control characters are shown as spaces, so that the carets
    stand where they should and a hostile file cannot steer the terminal.
    """
    head = f"{diagnostic.severity}[{diagnostic.code}]: {diagnostic.message}"
    start = source.position(diagnostic.span.start)
    end = source.position(max(diagnostic.span.end, diagnostic.span.start))
    line = _printable(source.line(start.line))
    last = end.column if end.line == start.line else len(line) + 1
    column = start.column
    width = max(last - column, 1)
    if len(line) > _LINE_WIDTH:
        cut = max(column - 1 - _LINE_WIDTH // 3, 0)
        piece = line[cut : cut + _LINE_WIDTH]
        lead = "…" if cut else ""
        column = column - cut + len(lead)
        line = lead + piece + ("…" if cut + _LINE_WIDTH < len(line) else "")
        width = max(min(width, len(line) - column + 1), 1)
    number = str(start.line)
    gutter = " " * len(number)
    rows = [
        head,
        f"{gutter}--> {_printable(source.name)}:{start.line}:{start.column}",
        f"{gutter} |",
        f"{number} | {line}",
        f"{gutter} | {' ' * (column - 1)}{'^' * width}",
    ]
    if diagnostic.hint:
        rows.append(f"{gutter} = hint: {diagnostic.hint}")
    return "\n".join(rows)


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else " " for character in text)
