"""Alternatives that look for texts in one field, as one condition.

`contains(lower(x), 'a') OR contains(lower(x), 'b') OR …` reads the field, and writes it in lower case, once for each
text; a regular expression of all texts reads it once. Lists of some hundred names are common in rules.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlglot import exp

from rulescope import ir
from rulescope.engines.sql.build import any_of, sql
from rulescope.engines.sql.frame import Frame
from rulescope.engines.sql.matching import folded, has_letters
from rulescope.engines.sql.regex import re_escape
from rulescope.engines.sql.values import Type, as_text

LOWERED_RAW = "_raw in lower case"
"""What a frame may bind the raw event in lower case to, where somebody keeps it; it is the name of no field."""

LEAST = 3
"""From how many texts on one expression is faster than one comparison each."""

MOST_CHARACTERS = 20_000
"""Characters of one expression: a larger one outgrows the memory that RE2 gives its automaton."""

_KINDS = frozenset({"contains", "starts_with", "ends_with"})


def together(operands: Sequence[ir.Predicate], frame: Frame) -> list[ir.Predicate | tuple[ir.Compare, ...]]:
    """The alternatives, with those among them that can be one condition in a tuple; ORs within the OR are opened."""
    found: list[ir.Predicate | tuple[ir.Compare, ...]] = []
    groups: dict[tuple[object, ...], list[ir.Compare]] = {}
    for operand in _opened(operands):
        if isinstance(operand, ir.Compare) and _is_text(operand, frame):
            groups.setdefault((operand.field, operand.ignore_case, operand.missing), []).append(operand)
        else:
            found.append(operand)
    for leaves in groups.values():
        if len(leaves) < LEAST:
            found += leaves
        else:
            found.append(tuple(leaves))
    return found


def one_of_texts(leaves: Sequence[ir.Compare], frame: Frame) -> exp.Expression:
    """Whether one of the texts is found, NULL where the field is missing; for a tuple that `together` gave."""
    field = leaves[0].field
    value = frame.value(field)
    assert value is not None
    fold = leaves[0].ignore_case and any(has_letters(str(leaf.values[0])) for leaf in leaves)
    lowered = frame.bindings.get(LOWERED_RAW) if fold and field == "_raw" else None
    if lowered is not None:
        subject = lowered.node
    else:
        subject = folded(as_text(value)) if fold else as_text(value)
    patterns = dict.fromkeys(_pattern(leaf, fold) for leaf in leaves)
    return any_of([sql("regexp_matches(:x, :p)", x=subject, p="|".join(part)) for part in _parts(patterns)])


def _opened(operands: Sequence[ir.Predicate]) -> Iterator[ir.Predicate]:
    for operand in operands:
        if isinstance(operand, ir.Or):
            yield from _opened(operand.operands)
        else:
            yield operand


def _is_text(leaf: ir.Compare, frame: Frame) -> bool:
    if leaf.kind not in _KINDS or not isinstance(leaf.values[0], str) or not leaf.values[0]:
        return False
    value = frame.value(leaf.field)
    return value is not None and value.type is not Type.MULTI


def _pattern(leaf: ir.Compare, fold: bool) -> str:
    text = str(leaf.values[0])
    pattern = re_escape(text.lower() if fold else text)
    if leaf.kind == "starts_with":
        return rf"\A{pattern}"
    return rf"{pattern}\z" if leaf.kind == "ends_with" else pattern


def _parts(patterns: dict[str, None]) -> Iterator[list[str]]:
    part: list[str] = []
    size = 0
    for pattern in patterns:
        if part and size + len(pattern) > MOST_CHARACTERS:
            yield part
            part, size = [], 0
        part.append(pattern)
        size += len(pattern) + 1
    yield part
