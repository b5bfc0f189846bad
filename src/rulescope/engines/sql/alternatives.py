"""Alternatives that look for texts in one field, or for terms in the raw event, as one condition.

`contains(lower(x), 'a') OR contains(lower(x), 'b') OR …` reads the field, and writes it in lower case, once for each
text; a regular expression of all texts reads it once. Lists of some hundred names are common in rules. For terms, which
may not go on at their ends, such an expression sorts out most events before each term is looked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlglot import exp

from rulescope import ir
from rulescope.engines.sql.build import any_of, sql
from rulescope.engines.sql.frame import Frame
from rulescope.engines.sql.matching import folded, has_letters
from rulescope.engines.sql.regex import re_escape
from rulescope.engines.sql.values import Type, as_text

LEAST = 3
"""From how many texts on one expression is faster than one comparison each."""

LEAST_TERMS = 7
"""From how many alternatives with terms on one expression is faster than a search for each: it costs as much as six."""

MOST_CHARACTERS = 20_000
"""Characters of one expression: a larger one outgrows the memory that RE2 gives its automaton."""

_KINDS = frozenset({"contains", "starts_with", "ends_with"})


@dataclass(frozen=True, slots=True)
class Texts:
    """Comparisons of one field with a text in it each."""

    leaves: tuple[ir.Compare, ...]


@dataclass(frozen=True, slots=True)
class Guarded:
    """Conditions that hold only where the raw event holds one of the texts, in whatever case."""

    operands: tuple[ir.Predicate, ...]
    texts: tuple[str, ...]


def together(operands: Sequence[ir.Predicate], frame: Frame) -> list[ir.Predicate | Texts | Guarded]:
    """The alternatives, with those among them put together that can be one condition; ORs within the OR are opened."""
    found: list[ir.Predicate | Texts | Guarded] = []
    groups: dict[tuple[object, ...], list[ir.Compare]] = {}
    guarded: dict[ir.Predicate, frozenset[str]] = {}
    for operand in _opened(operands):
        if isinstance(operand, ir.Compare) and _is_text(operand, frame):
            groups.setdefault((operand.field, operand.ignore_case, operand.missing), []).append(operand)
        elif texts := _raw_texts(operand):
            guarded[operand] = texts
        else:
            found.append(operand)
    if len(guarded) < LEAST_TERMS or frame.value("_raw") is None:
        found += guarded
    else:
        found.append(Guarded(tuple(guarded), tuple(sorted(frozenset().union(*guarded.values())))))
    for leaves in groups.values():
        if len(leaves) < LEAST:
            found += leaves
        else:
            found.append(Texts(tuple(leaves)))
    return found


def _raw_texts(predicate: ir.Predicate) -> frozenset[str]:
    """Texts of which the raw event holds one, in whatever case, wherever the predicate is true; none where none are
    known."""
    if isinstance(predicate, ir.Term) and predicate.text.strip("*"):
        return frozenset((max(predicate.text.lower().split("*"), key=len),))
    if isinstance(predicate, ir.And):
        known = [texts for operand in predicate.operands if (texts := _raw_texts(operand))]
        return min(known, key=lambda texts: (len(texts), -min(map(len, texts)))) if known else frozenset()
    if isinstance(predicate, ir.Or):
        each = [_raw_texts(operand) for operand in predicate.operands]
        return frozenset().union(*each) if all(each) else frozenset()
    return frozenset()


def guard(guarded: Guarded, frame: Frame) -> exp.Expression:
    """Whether the raw event holds one of the texts."""
    raw = frame.value("_raw")
    assert raw is not None
    patterns = dict.fromkeys(re_escape(text) for text in guarded.texts)
    parts = ("|".join(part) for part in _parts(patterns))
    return any_of([sql("regexp_matches(:x, :p)", x=as_text(raw), p=f"(?i){part}") for part in parts])


def one_of_texts(texts: Texts, frame: Frame) -> exp.Expression:
    """Whether one of the texts is found, NULL where the field is missing."""
    leaves = texts.leaves
    field = leaves[0].field
    value = frame.value(field)
    assert value is not None
    fold = leaves[0].ignore_case and any(has_letters(str(leaf.values[0])) for leaf in leaves)
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
