"""What to show each stretch of a query as, read off the tree's own places."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache

from rulescope.catalog.records import Highlight, HighlightKind
from rulescope.ir import (
    Call,
    Compare,
    Constant,
    FieldReference,
    MacroCall,
    Pipeline,
    Term,
    TimeBound,
)
from rulescope.ir.stages import Aggregate, Assignment, Opaque, Renaming, SortKey, Stage
from rulescope.ir.walk import walk
from rulescope.languages.registry import LANGUAGES
from rulescope.text import Source, Span

Stretch = tuple[int, int, HighlightKind]

_SHAPES = (
    r"|(?P<macro>`[^`]*`)"
    r"|(?P<keyword>\b(?:AND|OR|NOT|XOR|BY|AS|IN|OVER|WHERE|FROM|OUTPUT|OUTPUTNEW|LIKE|and|or|not|by|as|in|over|where"
    r"|from|like)\b)|(?P<operator>[|!<>=]=?|[-+*/%](?=\s))|(?P<number>(?<![\w.])\d+(?:\.\d+)?\b(?![\w.]))"
)
"""Shapes that mean the same in all languages."""


@cache
def _words(language: str) -> re.Pattern[str]:
    """What a query looks like where the tree says nothing."""
    known = LANGUAGES[language]
    return re.compile(f"(?P<comment>{known.comment})|(?P<string>{known.text}){_SHAPES}", re.DOTALL)


_COMMAND = re.compile(r"\s*\|?\s*([A-Za-z_][\w.-]*)")


def highlight_query(
    text: str, language: str, pipeline: Pipeline, targets: Sequence[tuple[Span, str]]
) -> tuple[Highlight, ...]:
    """The stretches of a query, sorted and apart; `targets` are places with the anchor of the row they gave rise to."""
    stretches: list[Stretch] = [
        (found.start(), found.end(), _kind(found.lastgroup)) for found in _words(language).finditer(text)
    ]
    for node in walk(pipeline):
        stretches.extend(_stretches(node, text))
    anchors = [(span.start, span.end, anchor) for span, anchor in targets if span.start < span.end <= len(text)]
    return _paint(len(text), stretches, anchors)


def move_highlights(highlights: Iterable[Highlight], source: Source) -> tuple[Highlight, ...]:
    """The same stretches over the file that the query stands in."""
    if source.outer is None:
        return tuple(highlights)
    moved = []
    end = 0
    for one in highlights:
        start = source.file_offset(one.start)
        stop = source.file_offset(one.end - 1) + 1
        if end <= start < stop:
            moved.append(Highlight(start, stop, one.kind, one.target))
            end = stop
    return tuple(moved)


def _kind(name: str | None) -> HighlightKind:
    match name:
        case "comment" | "string" | "macro" | "keyword" | "operator" | "number":
            return name
        case _:
            return "unknown"


def _stretches(node: object, text: str) -> Iterable[Stretch]:
    """Where a node itself shows; its children come later and are painted over it."""
    match node:
        case Opaque(span=span):
            yield span.start, span.end, "unknown"
            yield from _command(span, text)
        case Stage(span=span):
            yield from _command(span, text)
        case Compare(field=field, span=span, value_spans=spans, kind=kind):
            place = text.find(field, span.start, span.end)
            if place >= 0:
                yield place, place + len(field), "field"
            for value in spans:
                yield value.start, value.end, "pattern" if kind == "match" else "string"
        case Term(span=span):
            yield span.start, span.end, "term"
        case TimeBound(span=span):
            yield span.start, span.end, "keyword"
        case MacroCall(span=span):
            yield span.start, span.end, "macro"
        case FieldReference(span=span):
            yield span.start, span.end, "field"
        case Constant(value=value, span=span):
            yield span.start, span.end, "string" if isinstance(value, str) else "number"
        case Call(function=function, written=written, span=span):
            yield from _function(written or function, span, text)
        case Aggregate(function=function, span=span):
            yield from _function(function, span, text)
        case Assignment(target=name, span=span) | SortKey(field=name, span=span):
            place = text.find(name, span.start, span.end)
            if place >= 0:
                yield place, place + len(name), "field"
        case Renaming(source=source, target=target, span=span):
            place = text.find(source, span.start, span.end)
            if place >= 0:
                yield place, place + len(source), "field"
            place = text.rfind(target, span.start, span.end)
            if place >= 0:
                yield place, place + len(target), "field"


def _function(name: str, span: Span, text: str) -> Iterable[Stretch]:
    if text[span.start : span.start + len(name)].lower() == name:
        yield span.start, span.start + len(name), "function"


def _command(span: Span, text: str) -> Iterable[Stretch]:
    found = _COMMAND.match(text, span.start, span.end)
    if found:
        yield found.start(1), found.end(1), "command"


def _paint(length: int, stretches: list[Stretch], anchors: list[tuple[int, int, str]]) -> tuple[Highlight, ...]:
    """Later stretches over earlier ones; anchors divide what is painted, or show as plain text of their own."""
    shown = [one for one in stretches if 0 <= one[0] < one[1] <= length]
    edges = sorted({edge for one in shown for edge in one[:2]} | {edge for one in anchors for edge in one[:2]})
    numbers = {edge: number for number, edge in enumerate(edges)}
    # What is on top between each edge and the next.
    tops: list[HighlightKind | None] = [None] * len(edges)
    marks: list[str | None] = [None] * len(edges)
    for start, end, kind in shown:
        first, last = numbers[start], numbers[end]
        tops[first:last] = [kind] * (last - first)
    for start, end, anchor in anchors:
        first, last = numbers[start], numbers[end]
        marks[first:last] = [anchor] * (last - first)
    result: list[Highlight] = []
    for number, start in enumerate(edges[:-1]):
        top, mark = tops[number], marks[number]
        if top is None and mark is None:
            continue
        kind = top or "string"
        end = edges[number + 1]
        last_one = result[-1] if result else None
        if last_one is not None and last_one.end == start and (last_one.kind, last_one.target) == (kind, mark):
            result[-1] = Highlight(last_one.start, end, kind, mark)
        else:
            result.append(Highlight(start, end, kind, mark))
    return tuple(result)
