"""Filters in Elasticsearch's query DSL, as Kibana saves them beside a rule's query, as predicates.

Source: Elasticsearch's reference, "Query DSL": term, terms, match, match_phrase, prefix, wildcard, range, exists, bool.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from rulescope import ir
from rulescope.ir import And, Call, Compare, Constant, Not, Or, Predicate, Test
from rulescope.languages.common.patterns import compare_pattern

MAXIMUM_DEPTH = 40
"""How deep `bool` may nest; deeper ones are kept as text."""

_RANGES: dict[str, ir.ComparisonKind] = {"gt": "gt", "gte": "ge", "lt": "lt", "lte": "le"}
_WILDCARD = re.compile(r"\\(.)|(\*+)|(\?)|([^\\*?]+|\\$)", re.DOTALL)
_VALUE_KEYS = {"term": "value", "match": "query", "match_phrase": "query", "prefix": "value", "wildcard": "value"}


def filter_predicate(written: Mapping[str, Any]) -> Predicate | None:
    """What a saved filter keeps; None where it is switched off or says nothing."""
    meta = written.get("meta")
    meta = meta if isinstance(meta, Mapping) else {}
    if meta.get("disabled"):
        return None
    query = written.get("query")
    if not isinstance(query, Mapping):
        query = {key: written[key] for key in ("exists", "range", "bool") if key in written}
    if not query:
        return None
    found = query_predicate(query)
    return Not(found) if meta.get("negate") else found


def query_predicate(query: Mapping[str, Any], depth: int = 0) -> Predicate:
    """A query as a predicate; a kind that has no counterpart stays as it is, in a test that engines refuse."""
    if len(query) == 1 and depth < MAXIMUM_DEPTH:
        kind, body = next(iter(query.items()))
        if isinstance(body, Mapping):
            found = _of_kind(str(kind), body, depth)
            if found is not None:
                return found
    return Test(Call("query_dsl", (Constant(json.dumps(query, sort_keys=True, default=str)),)))


def _of_kind(kind: str, body: Mapping[str, Any], depth: int) -> Predicate | None:
    if kind == "exists":
        field = body.get("field")
        return Compare(field, "exists") if isinstance(field, str) else None
    if kind == "bool":
        return _bool(body, depth)
    entries = [(name, value) for name, value in body.items() if name not in ("boost", "_name")]
    if len(entries) != 1:
        return None
    field, value = entries[0]
    if kind == "terms" and isinstance(value, Sequence) and not isinstance(value, str):
        values = tuple(one for one in value if isinstance(one, str | int | float | bool))
        return Compare(field, "in", values) if values else None
    if kind == "range" and isinstance(value, Mapping):
        bounds: list[Predicate] = [
            Compare(field, _RANGES[name], (bound,), numeric=not isinstance(bound, str))
            for name, bound in value.items()
            if name in _RANGES and isinstance(bound, str | int | float)
        ]
        return bounds[0] if len(bounds) == 1 else And(tuple(bounds)) if bounds else None
    if kind not in _VALUE_KEYS:
        return None
    folded = False
    if isinstance(value, Mapping):
        folded = value.get("case_insensitive") is True
        value = value.get(_VALUE_KEYS[kind], value.get("wildcard"))
    if not isinstance(value, str | int | float | bool):
        return None
    if kind == "wildcard":
        return compare_pattern(field, _pieces(str(value)), folded, "false")
    if kind == "prefix":
        return Compare(field, "starts_with", (str(value),), folded)
    return Compare(field, "eq", (value,), folded)


def _bool(body: Mapping[str, Any], depth: int) -> Predicate | None:
    def listed(key: str) -> list[Predicate]:
        value = body.get(key, [])
        queries = [value] if isinstance(value, Mapping) else value if isinstance(value, Sequence) else []
        return [query_predicate(one, depth + 1) for one in queries if isinstance(one, Mapping)]

    parts = [*listed("must"), *listed("filter")]
    should = listed("should")
    if should and (not parts or body.get("minimum_should_match", 0) in (1, "1")):
        parts.append(should[0] if len(should) == 1 else Or(tuple(should)))
    parts += [Not(one) for one in listed("must_not")]
    if not parts:
        return None
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
