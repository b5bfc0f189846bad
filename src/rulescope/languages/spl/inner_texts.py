"""Searches and conditions that stand in a text inside a search: `map search="…"`, `searchmatch("…")`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rulescope.ir.expressions import Subsearch
from rulescope.ir.predicates import Predicate
from rulescope.ir.rule import Pipeline
from rulescope.ir.walk import moved, walk
from rulescope.languages.common.problems import SyntaxProblem
from rulescope.languages.spl.arguments import ArgumentReader
from rulescope.languages.spl.macros import Origins
from rulescope.languages.spl.reader import ESCAPE
from rulescope.languages.spl.search import parse_predicate
from rulescope.text import Span

if TYPE_CHECKING:
    from rulescope.languages.spl.parser import Parser

SUBSEARCH_WEIGHT = 4
"""For how many brackets a subsearch counts."""


def inner_predicate(parser: Parser, text: str, span: Span) -> Predicate | None:
    """The predicate that a text inside the search holds (`searchmatch("…")`); None if it can't be read.

    A subsearch is none there: a text in quotes is not searched for commands.
    """
    inner = type(parser)(text)
    inner.nesting = parser.nesting + SUBSEARCH_WEIGHT
    arguments = ArgumentReader(inner, 0, len(text), "searchmatch")
    try:
        predicate = parse_predicate(arguments)
        if not arguments.at_end():
            return None
    except SyntaxProblem:
        return None
    if predicate is None or any(isinstance(node, Subsearch) for node in walk(predicate)):
        return None
    parser.diagnostics += [replace(found, span=span) for found in inner.diagnostics]
    return moved(predicate, span)


def inner_search(parser: Parser, text: str, start: int, end: int) -> Pipeline:
    """The search in a text that stands from `start` to `end`, its quotes included (`map search="…"`).

    It is read for itself. What can't be read of it may be right once values stand for its `$tokens$`: engines refuse
    such a stage, and only what is wrong with a search that is read whole is said.
    """
    inner = type(parser)(text, _origins_inside(parser, start, end))
    inner.nesting = parser.nesting + SUBSEARCH_WEIGHT
    pipeline = inner.search()
    if not inner.opaque:
        parser.diagnostics += inner.diagnostics
    return pipeline


def inner_commands(parser: Parser, text: str, start: int, end: int) -> Pipeline:
    """The commands for the rows so far in a text that takes the place of what stands from `start` to `end`."""
    whole = parser.span(start, end)
    inner = type(parser)(text, Origins([(0, whole.start, whole.end, True)]))
    inner.nesting = parser.nesting + SUBSEARCH_WEIGHT
    pipeline = inner.pipeline(-1, 0, len(inner.scan.text), commands=True)
    parser.diagnostics += inner.diagnostics
    parser.opaque += inner.opaque
    return pipeline


def _origins_inside(parser: Parser, start: int, end: int) -> Origins:
    """Where the characters of the text in quotes from `start` to `end` stand: an escape is one character of it."""
    whole = parser.span(start, end)
    if parser.origins is not None or parser.scan.text[start] != '"':
        return Origins([(0, whole.start, whole.end, True)])
    runs = []
    begun = start + 1
    length = 0
    for escape in ESCAPE.finditer(parser.scan.text, start + 1, end - 1):
        runs.append((length, begun, escape.start(), False))
        length += escape.start() - begun
        begun = escape.start() + 1
    runs.append((length, begun, end - 1, False))
    return Origins(runs)
