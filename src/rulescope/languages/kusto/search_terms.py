"""The condition of `search`, in which a text alone is looked for in every column."""

from __future__ import annotations

import dataclasses

from rulescope import ir
from rulescope.ir import Constant
from rulescope.ir.walk import transform
from rulescope.languages.kusto.comparisons import as_predicate
from rulescope.languages.kusto.scope import QueryReader
from rulescope.languages.kusto.values import read_operand

SEARCH_KINDS = ("case_sensitive", "case_insensitive", "default")
"""How `search` may regard case."""


def search_predicate(reader: QueryReader, case_sensitive: bool) -> ir.Predicate | None:
    """The condition of `search`, in which a text alone is looked for in every column; None for `*`."""
    if reader.at("*") and (reader.peek(1).kind == "end" or reader.peek(1).text in ("|", ")", ";")):
        reader.take()
        return None
    directive: ir.Directive | None = "CASE" if case_sensitive else None

    def texts(node: object) -> object:
        if isinstance(node, ir.Test) and isinstance(node.expression, Constant):
            value = node.expression.value
            if isinstance(value, str):
                return ir.Term(value, directive, quoted=True, span=node.span)
        if case_sensitive and isinstance(node, ir.Compare):
            return dataclasses.replace(node, ignore_case=False)
        return node

    operand = read_operand(reader)
    if isinstance(operand, Constant):
        return texts(ir.Test(operand, operand.span))  # type: ignore[return-value]
    return transform(as_predicate(operand), texts)
