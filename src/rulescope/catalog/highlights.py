"""What to show each stretch of a query as, read off the tree's own places."""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Sequence
from itertools import groupby

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
from rulescope.text import Source, Span

Stretch = tuple[int, int, HighlightKind, str | None]

_WORDS = re.compile(
    r"(?P<comment>```.*?```)|(?P<string>\"(?:[^\"\\]|\\.)*\")|(?P<macro>`[^`]*`)"
    r"|(?P<keyword>\b(?:AND|OR|NOT|XOR|BY|AS|IN|OVER|WHERE|FROM|OUTPUT|OUTPUTNEW|LIKE|and|or|not|by|as|in|over|where"
    r"|from|like)\b)|(?P<operator>[|!<>=]=?|[-+*/%](?=\s))|(?P<number>(?<![\w.])\d+(?:\.\d+)?\b(?![\w.]))",
    re.DOTALL,
)
"""What a query looks like where the tree says nothing: shapes that mean the same in all languages that have pipes."""

_COMMAND = re.compile(r"\s*\|?\s*([A-Za-z_][\w.-]*)")


def highlight_query(text: str, pipeline: Pipeline, targets: Sequence[tuple[Span, str]]) -> tuple[Highlight, ...]:
    """The stretches of a query, sorted and apart; `targets` are places with the anchor of the row they gave rise to."""
    stretches: list[Stretch] = [
        (found.start(), found.end(), _kind(found.lastgroup), None) for found in _WORDS.finditer(text)
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
            yield span.start, span.end, "unknown", None
            yield from _command(span, text)
        case Stage(span=span):
            yield from _command(span, text)
        case Compare(field=field, span=span, value_spans=spans, kind=kind):
            place = text.find(field, span.start, span.end)
            if place >= 0:
                yield place, place + len(field), "field", None
            for value in spans:
                yield value.start, value.end, "pattern" if kind == "match" else "string", None
        case Term(span=span):
            yield span.start, span.end, "term", None
        case TimeBound(span=span):
            yield span.start, span.end, "keyword", None
        case MacroCall(span=span):
            yield span.start, span.end, "macro", None
        case FieldReference(span=span):
            yield span.start, span.end, "field", None
        case Constant(value=value, span=span):
            yield span.start, span.end, "string" if isinstance(value, str) else "number", None
        case Call(function=function, span=span) | Aggregate(function=function, span=span):
            if text[span.start : span.start + len(function)].lower() == function:
                yield span.start, span.start + len(function), "function", None
        case Assignment(target=name, span=span) | SortKey(field=name, span=span):
            place = text.find(name, span.start, span.end)
            if place >= 0:
                yield place, place + len(name), "field", None
        case Renaming(source=source, target=target, span=span):
            place = text.find(source, span.start, span.end)
            if place >= 0:
                yield place, place + len(source), "field", None
            place = text.rfind(target, span.start, span.end)
            if place >= 0:
                yield place, place + len(target), "field", None


def _command(span: Span, text: str) -> Iterable[Stretch]:
    found = _COMMAND.match(text, span.start, span.end)
    if found:
        yield found.start(1), found.end(1), "command", None


def _paint(length: int, stretches: list[Stretch], anchors: list[tuple[int, int, str]]) -> tuple[Highlight, ...]:
    """Later stretches over earlier ones; anchors divide what is painted, or show as plain text of their own."""
    colours = array("i", bytes(4 * length))
    marks = array("i", bytes(4 * length))
    for number, (start, end, _, _) in enumerate(stretches, 1):
        if 0 <= start < end <= length:
            colours[start:end] = array("i", [number]) * (end - start)
    for number, (start, end, _) in enumerate(anchors, 1):
        marks[start:end] = array("i", [number]) * (end - start)
    result: list[Highlight] = []
    start = 0
    for (colour, mark), run in groupby(zip(colours, marks, strict=True)):
        end = start + sum(1 for _ in run)
        if colour or mark:
            kind: HighlightKind = stretches[colour - 1][2] if colour else "string"
            target = anchors[mark - 1][2] if mark else None
            last = result[-1] if result else None
            if last is not None and last.end == start and last.kind == kind and last.target == target:
                result[-1] = Highlight(last.start, end, kind, target)
            else:
                result.append(Highlight(start, end, kind, target))
        start = end
    return tuple(result)
