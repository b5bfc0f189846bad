"""Filters in Elasticsearch's query DSL, as Kibana saves them beside a rule's query, as predicates.

Source: Elasticsearch's reference, "Query DSL": term, terms, match, match_phrase, prefix, wildcard, range, exists, bool.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from rulescope import ir
from rulescope.ir import And, Compare, Constant, Not, Operation, Or, Predicate, Test
from rulescope.languages.common.patterns import compare_pattern

MAXIMUM_DEPTH = 40
"""How deep `bool` may nest; deeper ones are kept as text."""

_RANGES: dict[str, ir.ComparisonKind] = {"gt": "gt", "gte": "ge", "lt": "lt", "lte": "le"}
_WILDCARD = re.compile(r"\\(.)|(\*+)|(\?)|([^\\*?]+|\\$)", re.DOTALL)
_VALUE_KEYS = {
    "term": ("value",), "match": ("query",), "match_phrase": ("query",), "prefix": ("value",),
    "wildcard": ("value", "wildcard"),
}  # fmt: skip
_FOLDING = frozenset({"term", "prefix", "wildcard"})
_SCORING = frozenset({"boost", "_name", "rewrite"})
"""Keys that change the score, or how a query is carried out, and not what it finds."""

_CLAUSES = frozenset({"must", "filter", "should", "must_not"})


def filter_predicate(written: Mapping[str, Any]) -> Predicate | None:
    """What a saved filter keeps; None where it is switched off. One that can't be read is a test, for engines to
    refuse."""
    meta = written.get("meta", {})
    disabled, negated = (meta.get(key) for key in ("disabled", "negate")) if isinstance(meta, Mapping) else (0, 0)
    if not isinstance(disabled, bool | None) or not isinstance(negated, bool | None):
        return _unread(written)
    if disabled:
        return None
    # Kibana kept `exists` and `range` beside `meta`, without `query`, up to its seventh version.
    query = written.get("query", {key: written[key] for key in ("exists", "range", "bool") if key in written})
    found = query_predicate(query) if query and isinstance(query, Mapping) else _unread(written)
    return Not(found) if negated else found


def _unread(query: Mapping[str, Any]) -> Predicate:
    return Test(Operation("query_dsl", (Constant(json.dumps(query, sort_keys=True, default=str)),)))


def query_predicate(query: Mapping[str, Any], depth: int = 0) -> Predicate:
    """A query as a predicate; a kind that has no counterpart stays as it is, in a test that engines refuse, as does one
    with a part that is not known."""
    if len(query) == 1 and depth < MAXIMUM_DEPTH:
        kind, body = next(iter(query.items()))
        if isinstance(body, Mapping):
            found = _of_kind(str(kind), body, depth)
            if found is not None:
                return found
    return _unread(query)


def _of_kind(kind: str, body: Mapping[str, Any], depth: int) -> Predicate | None:
    if kind == "bool":
        return _bool(body, depth)
    entries = [(name, value) for name, value in body.items() if name not in _SCORING]
    if kind in ("match_all", "match_none"):
        return None if entries else Test(Constant(kind == "match_all"))
    if len(entries) != 1:
        return None
    field, value = entries[0]
    if kind == "exists":
        return Compare(value, "exists") if field == "field" and isinstance(value, str) else None
    if kind == "terms":
        return _terms(field, value)
    if kind == "range":
        return _range(field, value) if isinstance(value, Mapping) else None
    return _of_value(kind, field, value) if kind in _VALUE_KEYS else None


def _terms(field: str, value: object) -> Predicate | None:
    if not isinstance(value, Sequence) or isinstance(value, str):
        return None
    values = tuple(one for one in value if isinstance(one, str | int | float | bool))
    return Compare(field, "in", values) if values and len(values) == len(value) else None


def _range(field: str, value: Mapping[str, Any]) -> Predicate | None:
    bounds: list[Predicate] = []
    for name, bound in value.items():
        if name in _SCORING:
            continue
        if name not in _RANGES or isinstance(bound, bool) or not isinstance(bound, str | int | float):
            return None
        bounds.append(Compare(field, _RANGES[name], (bound,), numeric=not isinstance(bound, str)))
    return bounds[0] if len(bounds) == 1 else And(tuple(bounds)) if bounds else None


def _of_value(kind: str, field: str, value: Any) -> Predicate | None:
    folded = False
    if isinstance(value, Mapping):
        options = {name: one for name, one in value.items() if name not in _SCORING}
        folded = options.pop("case_insensitive", False) if kind in _FOLDING else False
        if len(options) != 1 or next(iter(options)) not in _VALUE_KEYS[kind] or not isinstance(folded, bool):
            return None
        value = next(iter(options.values()))
    if not isinstance(value, str | int | float | bool):
        return None
    if kind == "wildcard":
        return compare_pattern(field, _pieces(str(value)), folded, "false")
    if kind == "prefix":
        return Compare(field, "starts_with", (str(value),), folded)
    return Compare(field, "eq", (value,), folded)


def _bool(body: Mapping[str, Any], depth: int) -> Predicate | None:
    """The clauses together. Those of `should` decide nothing beside others, unless `minimum_should_match` asks for one
    ("Boolean query"); a query without clauses finds everything."""
    clauses: dict[str, list[Predicate]] = {key: [] for key in _CLAUSES}
    for key, value in body.items():
        if key in _SCORING or key in ("minimum_should_match", "adjust_pure_negative"):
            continue
        queries = [value] if isinstance(value, Mapping) else value
        if key not in _CLAUSES or not isinstance(queries, list) or not all(isinstance(one, Mapping) for one in queries):
            return None
        clauses[key] = [query_predicate(one, depth + 1) for one in queries]
    should, parts = clauses["should"], [*clauses["must"], *clauses["filter"]]
    wanted = str(body.get("minimum_should_match", 0 if parts else 1))
    if should and wanted not in ("0", "1"):
        return None
    if should and (wanted == "1" or not parts):
        parts.append(should[0] if len(should) == 1 else Or(tuple(should)))
    parts += [Not(one) for one in clauses["must_not"]]
    if not parts:
        return Test(Constant(True))
    return parts[0] if len(parts) == 1 else And(tuple(parts))


def _pieces(text: str) -> tuple[str | ir.Any, ...]:
    pieces: list[str | ir.Any] = []
    for found in _WILDCARD.finditer(text):
        if found[2] is not None:
            if not pieces or pieces[-1] is not ir.Any.RUN:
                pieces.append(ir.Any.RUN)
        elif found[3] is not None:
            pieces.append(ir.Any.ONE)
        elif pieces and isinstance(pieces[-1], str):
            pieces[-1] += found[1] or found[4]
        else:
            pieces.append(found[1] or found[4])
    return tuple(pieces)
