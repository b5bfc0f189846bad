"""Searches as the trees that they are read as, for the tests of what they mean."""

from __future__ import annotations

from rulescope.ir import (
    Compare,
    FieldReference,
    MacroCall,
    Not,
    ParsedQuery,
    Predicate,
    Stage,
    Term,
)
from rulescope.ir.stages import Eval, Search, Where
from rulescope.languages.spl import parse_search


def parsed(text: str) -> ParsedQuery:
    found = parse_search(text)
    assert found.status == "full", [diagnostic.message for diagnostic in found.diagnostics]
    return found


def stages(text: str) -> tuple[Stage, ...]:
    return parsed(text).pipeline.stages


def searched(text: str) -> Predicate | None:
    """The predicate of the search that `text` is."""
    (stage,) = stages(text)
    assert isinstance(stage, Search)
    return stage.predicate


def where(condition: str) -> Predicate:
    (stage,) = stages(f"| where {condition}")
    assert isinstance(stage, Where)
    return stage.predicate


def evaluated(expression: str) -> object:
    (stage,) = stages(f"| eval result={expression}")
    assert isinstance(stage, Eval)
    (assignment,) = stage.assignments
    assert not isinstance(assignment, MacroCall)
    return assignment.expression


def term(text: str) -> Term:
    return Term(text)


def equal(field: str, value: str) -> Compare:
    """`field=value` of a search: any case, false without the field, numbers as numbers, any of several values."""
    return Compare(field, "eq", (value,), ignore_case=True, missing="false", numeric=True, quantifier="any")


def different(field: str, value: str) -> Not:
    """`field!=value` of a search: false without the field, true if any of several values differs."""
    return Not(Compare(field, "eq", (value,), ignore_case=True, missing="true", numeric=True, quantifier="all"))


def a(name: str = "a") -> FieldReference:
    return FieldReference(name)
