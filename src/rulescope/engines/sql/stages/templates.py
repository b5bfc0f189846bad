"""Templates: pipelines in whose names and texts tokens stand for what a row or a field gives.

What is put in goes into the tree, not into a text: whatever a log holds can't change what the search does.
"""

from __future__ import annotations

from collections.abc import Callable

from rulescope import ir
from rulescope.engines.sql.context import Context
from rulescope.errors import Refusal
from rulescope.ir.stages import Assignment, Interval
from rulescope.ir.times import WrittenTime
from rulescope.ir.walk import transform, with_texts

_DISPLAYED = frozenset({"text", "span", "template"})

Change = Callable[[object], object]


def filled(pipeline: ir.Pipeline, put: Callable[[str], str], context: Context, also: Change) -> ir.Pipeline:
    """The pipeline with `put` applied to all names and texts of its nodes, and `also` to each node after that.

    A time is read anew, since what is put in may be one. A width of time or numbers can't be put in: a refusal.
    """

    def change(node: object) -> object:
        if isinstance(node, WrittenTime):
            text = put(node.text)
            return node if text == node.text else context.need_texts(pipeline.span).time(text)
        if isinstance(node, Interval) and put(node.text) != node.text:
            raise Refusal(f"a width can't be put in where '{node.text}' stands", span=node.span, code="RUN035")
        new = with_texts(node, put, frozenset() if isinstance(node, ir.Term) else _DISPLAYED)
        if new is not node and _named(new) == "":
            raise Refusal("the template has a name that nothing is put into", span=pipeline.span, code="RUN035")
        return also(new)

    return transform(pipeline, change)


def _named(node: object) -> str | None:
    """The name of a field that the node reads or sets."""
    if isinstance(node, ir.FieldReference):
        return node.name
    return node.target if isinstance(node, Assignment) else None
