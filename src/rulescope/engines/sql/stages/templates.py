"""Templates: pipelines in whose names and texts tokens stand for what a row or a field gives.

What is put in goes into the tree, not into a text: whatever a log holds can't change what the search does.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from rulescope import ir
from rulescope.engines.sql.context import Context
from rulescope.errors import Refusal
from rulescope.ir.stages import Assignment, Interval
from rulescope.ir.times import WrittenTime
from rulescope.ir.walk import transform

_DISPLAYED = frozenset({"text", "span", "template"})
_NAMED = (ir.FieldReference, Assignment)

Change = Callable[[object], object]


def filled(pipeline: ir.Pipeline, put: Callable[[str], str], context: Context, also: Change) -> ir.Pipeline:
    """The pipeline with `put` applied to all names and texts of its nodes, and `also` to each node after that.

    A time is read anew, since what is put in may be one. A width of time or numbers can't be put in: a refusal.
    """

    def change(node: object) -> object:
        if not dataclasses.is_dataclass(node) or isinstance(node, type):
            return node
        if isinstance(node, WrittenTime):
            text = put(node.text)
            return node if text == node.text else context.need_texts(pipeline.span).time(text)
        if isinstance(node, Interval) and put(node.text) != node.text:
            raise Refusal(f"a width can't be put in where '{node.text}' stands", span=node.span, code="RUN035")
        changed: dict[str, object] = {}
        for part in dataclasses.fields(node):
            if part.name in _DISPLAYED and not isinstance(node, ir.Term):
                continue
            held = getattr(node, part.name)
            new = _put(held, put)
            if new is not held:
                changed[part.name] = new
        if isinstance(node, _NAMED) and "" in changed.values():
            raise Refusal("the template has a name that nothing is put into", span=node.span, code="RUN035")
        return also(dataclasses.replace(node, **changed) if changed else node)

    return transform(pipeline, change)


def _put(held: object, put: Callable[[str], str]) -> object:
    if isinstance(held, str):
        new = put(held)
        return held if new == held else new
    if isinstance(held, tuple) and any(isinstance(item, str) for item in held):
        items = tuple(put(item) if isinstance(item, str) else item for item in held)
        return held if items == held else items
    return held
