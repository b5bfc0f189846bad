"""Binds the event types and tags of a Splunk search: those that are known become the conditions they stand for."""

from __future__ import annotations

from functools import lru_cache

from rulescope import ir
from rulescope.engines.sql.server_fields import is_server_field
from rulescope.ir import stages
from rulescope.ir.walk import moved, transform, walk
from rulescope.knowledge.event_types import event_type


def bind_event_types(pipeline: ir.Pipeline) -> ir.Pipeline:
    """The search with the definitions of known event types in place of `eventtype=name`.

    A comparison with another one, or with a tag, is left to the engine: it becomes a test, which nothing settles before
    the stage is compiled and the events' own fields are known.
    """
    if not any(_is_bound(node) for node in walk(pipeline)):
        return pipeline
    return transform(pipeline, lambda node: _bound(node) if isinstance(node, ir.Compare) and _is_bound(node) else node)


def _is_bound(node: object) -> bool:
    return isinstance(node, ir.Compare) and is_server_field(node.field)


def _bound(leaf: ir.Compare) -> ir.Predicate:
    # Of `where`, a comparison with no event type at all is unknown: a definition can't say so.
    if leaf.field == "eventtype" and leaf.kind in ("eq", "in") and leaf.missing == "false":
        names = [str(value) for value in leaf.values]
        found = [_definition(name) for name in names]
        if all(definition is not None for definition in found):
            options = [part for one in zip(names, found, strict=True) for part in _options(*one, leaf)]
            return ir.Or(tuple(options), leaf.span)
    return ir.Test(ir.PredicateExpression(leaf, leaf.span), leaf.span)


def _options(name: str, definition: ir.Predicate | None, leaf: ir.Compare) -> list[ir.Predicate]:
    assert definition is not None
    call = ir.Operation("carries_event_type", (ir.Constant(name, leaf.span),), leaf.span)
    return [ir.Test(call, leaf.span), moved(definition, leaf.span)]


@lru_cache(maxsize=256)
def _definition(name: str) -> ir.Predicate | None:
    from rulescope.languages.spl import parse_search

    text = event_type(name)
    if text is None:
        return None
    stage = parse_search(f"search {text}").pipeline.stages[0]
    assert isinstance(stage, stages.Search)
    return stage.predicate
