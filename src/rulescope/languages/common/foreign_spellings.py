"""What other languages spell so, and the two that search an index by field (kuery, Lucene) read as plain words."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rulescope import ir
from rulescope.ir.walk import walk
from rulescope.text import Diagnostic, Span, misspelt_name

_EQUALS = re.compile(r"(?P<field>[\w.@-]+)\s*(?P<sign>==?|!=)\s*(?P<value>\S.*)", re.DOTALL)
_SIGNS = frozenset({"=", "==", "!="})


def foreign_spellings(text: str, predicate: ir.Predicate, code: str, exists_field: str = "") -> Iterator[Diagnostic]:
    """A warning for each `=` between a field and a value, single quotes round a value, comma between values in
    brackets, and slip in the name of the field that asks whether another is there."""
    for node in walk(predicate):
        match node:
            case ir.Term(quoted=False):
                yield from _of_term(node, code)
            case ir.Compare():
                for span in node.value_spans:
                    yield from _of_value(text, span, code)
                if exists_field and node.kind != "exists" and misspelt_name(node.field, [exists_field]) is not None:
                    message = f"'{node.field}' is read as the name of a field"
                    place = Span(node.span.start, node.span.start + len(node.field))
                    yield Diagnostic(code, message, place, "warning", f"did you mean '{exists_field}'?")


def _of_term(node: ir.Term, code: str) -> Iterator[Diagnostic]:
    found = _EQUALS.fullmatch(node.text)
    if found is not None:
        message = f"'{node.text[:60]}' is looked for as words: a field and its value are joined by ':'"
        negated = "NOT " if found["sign"] == "!=" else ""
        hint = f"write {negated}{found['field']}: {found['value'][:60]}"
        yield Diagnostic(code, message, node.span, "warning", hint)
    elif node.text in _SIGNS:
        message = f"'{node.text}' is looked for as a word: a field and its value are joined by ':'"
        yield Diagnostic(code, message, node.span, "warning", "write field: value")


def _of_value(text: str, span: Span, code: str) -> Iterator[Diagnostic]:
    written = text[span.start : span.end]
    if written[:1] == '"':
        return
    if len(written) > 1 and "'" in (written[0], written[-1]):
        message = "a single quote is a part of the value here"
        yield Diagnostic(code, message, span, "warning", "put the value in double quotes")
    if "," in written and text[: span.start].rstrip()[-1:] == "(" and re.search(r",(?:\s|$)", written):
        message = "a comma is a part of the value here, and separates none"
        yield Diagnostic(code, message, span, "warning", "write 'or' between the values (OR in Lucene's syntax)")
