"""Stages and predicates as pages draw them: the tree's nodes with their words, places, and rows they gave rise to."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from rulescope.catalog.records import PredicateNode
from rulescope.ir import (
    And,
    Compare,
    MacroCall,
    Not,
    Or,
    Predicate,
    Subsearch,
    Term,
    Test,
    TimeBound,
)
from rulescope.ir.json_form import predicate_text, value_text
from rulescope.text import Source, Span


class Targets:
    """Anchors of rows by their place in the query."""

    def __init__(self, places: Sequence[tuple[Span, str]]) -> None:
        self._places = sorted(places)
        self._starts = [span.start for span, _ in self._places]

    def within(self, span: Span) -> tuple[str, ...]:
        """The anchors of all rows that came from inside the span, in the order of their places."""
        if span.start >= span.end:
            return ()
        first = bisect_left(self._starts, span.start)
        last = bisect_left(self._starts, span.end)
        inside = (anchor for place, anchor in self._places[first:last] if place.end <= span.end)
        return tuple(dict.fromkeys(inside))


def draw_predicate(predicate: Predicate, source: Source, targets: Targets) -> PredicateNode:
    """The predicate's tree as records; nested pipelines are drawn as their stages' text."""
    span = predicate.span
    text = source.slice(span).strip() or predicate_text(predicate)
    match predicate:
        case And(operands=operands) | Or(operands=operands):
            return PredicateNode(
                "and" if isinstance(predicate, And) else "or",
                children=tuple(draw_predicate(operand, source, targets) for operand in operands),
                start=span.start,
                end=span.end,
            )
        case Not(operand=operand):
            child = draw_predicate(operand, source, targets)
            return PredicateNode("not", children=(child,), start=span.start, end=span.end)
        case Compare(field=field, kind=kind, values=values):
            return PredicateNode(
                "compare",
                text,
                field,
                kind,
                tuple(map(value_text, values)),
                start=span.start,
                end=span.end,
                targets=targets.within(span),
            )
        case Term(text=term, directive=directive):
            return PredicateNode(
                "term",
                text,
                operator=directive,
                values=(term,),
                start=span.start,
                end=span.end,
                targets=targets.within(span),
            )
        case TimeBound(name=name, at=at):
            return PredicateNode("time", text, name, "eq", (at.text,), start=span.start, end=span.end)
        case MacroCall(name=name, arguments=arguments):
            return PredicateNode("macro", text, name, None, arguments, start=span.start, end=span.end)
        case Subsearch(pipeline=pipeline):
            texts = tuple(stage.text.strip() for stage in pipeline.stages)
            return PredicateNode(
                "subsearch", text, values=texts, start=span.start, end=span.end, targets=targets.within(span)
            )
        case Test():
            return PredicateNode("test", text, start=span.start, end=span.end, targets=targets.within(span))
