"""Queries of one language that stand as texts in another: ES|QL's KQL("…") and QSTR("…")."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from rulescope.ir import Call, Constant, ParsedQuery, PredicateExpression, Test
from rulescope.ir.stages import Search
from rulescope.ir.walk import moved, transform, walk
from rulescope.languages.common.outcome import opaque_stage, parsed_query
from rulescope.text import Diagnostic, Source, Span

Parse = Callable[[Source, Any], ParsedQuery]


def parse_embedding(source: Source, macros: object, parse: Parse, inner: Mapping[str, Parse]) -> ParsedQuery:
    """The query as `parse` reads it, with each call of a function of `inner` on a text in quotes as the condition that
    the text is in the language of that parser. What can't be read there stays a call, with the inner diagnostic."""
    parsed = parse(source, macros)
    if not any(isinstance(node, Call) and node.function in inner for node in walk(parsed.pipeline)):
        return parsed
    found: list[Diagnostic] = []

    def change(node: object) -> object:
        if isinstance(node, Test) and isinstance(node.expression, PredicateExpression):
            return node.expression.predicate
        if not isinstance(node, Call) or node.function not in inner or not node.arguments:
            return node
        written = node.arguments[0]
        if not isinstance(written, Constant) or not isinstance(written.value, str):
            return node
        read = inner[node.function](Source(written.value), None)
        found.extend(replace(one, span=written.span) for one in read.diagnostics)
        stage = read.pipeline.stages[0] if read.status == "full" and read.pipeline.stages else None
        if not isinstance(stage, Search) or stage.predicate is None:
            return node
        return PredicateExpression(moved(stage.predicate, written.span), node.span)

    pipeline = transform(parsed.pipeline, change)
    return replace(
        parsed, pipeline=pipeline, expanded=pipeline, diagnostics=tuple(dict.fromkeys((*parsed.diagnostics, *found)))
    )


def parse_esql_with_kuery(source: Source | str, macros: object = None) -> ParsedQuery:
    """Read a query of ES|QL, and in it the kuery of KQL("…") and the Lucene syntax of QSTR("…"). Never raises."""
    from rulescope.languages.esql import parse_esql
    from rulescope.languages.kuery import parse_kuery
    from rulescope.languages.lucene import parse_lucene

    given = Source(source) if isinstance(source, str) else source
    try:
        return parse_embedding(given, macros, parse_esql, {"kql": parse_kuery, "qstr": parse_lucene})
    except RecursionError:
        # A chain of operators makes a tree as deep as it is long.
        length = len(given.text)
        found = Diagnostic("ESQ003", "an expression is longer than is read", Span(0, min(length, 1)))
        return parsed_query(given, [opaque_stage(given.text, 0, length, found)], [found])
