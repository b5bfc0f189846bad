"""What a Sigma log source means over logs: the events that it takes in, as a condition.

Logs tell where an event is from by its channel and provider (Windows), or by its source and sourcetype, as Splunk
names them. Events that tell nothing of the kind (rows of a CSV file, JSON of no known shape) are taken in by every
rule: whoever gives such a file to a rule means it. Where such an event has an event id, it must be one that the log
source covers.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache

from rulescope import ir
from rulescope.errors import Refusal
from rulescope.hunt.log_conditions import of_log, one_of, unlabelled
from rulescope.ir import stages
from rulescope.ir.walk import transform, walk
from rulescope.knowledge.sigma_sources import SourceMember, sigma_sources


def bind_origins(pipeline: ir.Pipeline) -> ir.Pipeline:
    """The pipeline with the condition of each Sigma log source put into its `Origin`, and without the blocks, whose
    predicates the condition after them holds; other pipelines are left as they are.

    Keywords (`_raw`) are looked for as the logs at hand may spell them: in XML with entities, in JSON with escapes.
    Raises `Refusal` where a placeholder has no values.
    """
    if not any(isinstance(node, stages.Origin) and _is_sigma(node) for node in walk(pipeline)):
        return pipeline
    for node in walk(pipeline):
        if isinstance(node, ir.MacroCall):
            raise Refusal(
                f"the placeholder '%{node.name}%' has no values",
                span=node.span,
                code="RUN014",
                hint="give them as the body of a macro of that name, parted by commas, with --macros",
            )
    return transform(pipeline, _bound)


def _runnable(pipeline: ir.Pipeline) -> ir.Pipeline:
    """Without the blocks: the condition after them holds their predicates."""
    kept = tuple(stage for stage in pipeline.stages if not isinstance(stage, stages.Block))
    return pipeline if len(kept) == len(pipeline.stages) else replace(pipeline, stages=kept)


def _is_sigma(origin: stages.Origin) -> bool:
    return bool(origin.names) and all(name.startswith(("product=", "category=", "service=")) for name in origin.names)


def _bound(node: object) -> object:
    if isinstance(node, ir.Pipeline):
        return _runnable(node)
    if isinstance(node, stages.Origin) and node.predicate is None and _is_sigma(node):
        return replace(node, predicate=origin_condition(node.names))
    if isinstance(node, ir.Compare) and node.field == "_raw" and node.kind in ("contains", "wildcard"):
        return _spelt(node)
    if isinstance(node, ir.Compare) and node.kind in ("eq", "in") and "" in node.values:
        return _or_empty_data(node)
    return node


def _or_empty_data(leaf: ir.Compare) -> ir.Predicate:
    """An empty text is also what stands in the raw Windows event between the tags of empty event data: events have
    fields, as in Splunk, only for data that is not empty."""
    raw, name = ir.FieldReference("_raw", leaf.span), ir.Constant(leaf.field, leaf.span)
    return ir.Or((leaf, ir.Test(ir.Operation("has_empty_data", (raw, name), leaf.span), leaf.span)), leaf.span)


@lru_cache(maxsize=512)
def origin_condition(names: tuple[str, ...]) -> ir.Predicate:
    """The condition for a log source given as `product=…`, `category=…`, `service=…`."""
    parts = dict(name.split("=", 1) for name in names)
    members = sigma_sources().members(parts.get("product"), parts.get("category"), parts.get("service"))
    found = [_member(member) for member in members]
    ids = tuple(dict.fromkeys(number for member in members for number in member.event_ids))
    # What nothing is known of, or what any product may write, may come from any source that is not known otherwise.
    rest = unlabelled(ids, of_any_source=not (parts.get("product") and members))
    return ir.Or((*found, rest)) if found else rest


def _member(member: SourceMember) -> ir.Predicate:
    if member.log is not None:
        return of_log(member.log, member.event_ids)
    written = one_of("_provider", (member.provider or "",))
    return ir.And((written, one_of("_event_id", member.event_ids))) if member.event_ids else written


_XML = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"})
_JSON = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t"})


def _spelt(leaf: ir.Compare) -> ir.Predicate:
    """The keyword in every spelling that a raw event may have it in.

    Where JSON has to spell it otherwise, it is not in an event of JSON as it is: such quotes are those of the JSON.
    """
    spellings: list[ir.Predicate] = [leaf]
    if _changed(leaf, lambda text: text.translate(_JSON)) != leaf:
        spellings = [_unless_json(leaf)]
    ways: list[Callable[[str], str]] = [lambda text: text.translate(_XML), lambda text: text.translate(_JSON)]
    if not all(str(value).isascii() for value in leaf.values):
        # JSON may write other characters by their numbers, which differ for small and capital letters.
        ways += [_in_ascii, lambda text: _in_ascii(text.lower()), lambda text: _in_ascii(text.upper())]
    for way in ways:
        changed = _changed(leaf, way)
        if changed != leaf and changed not in spellings:
            spellings.append(changed)
    return leaf if len(spellings) == 1 else ir.Or(tuple(spellings), leaf.span)


def _unless_json(leaf: ir.Compare) -> ir.Predicate:
    """The comparison with events that are no JSON; whether they are is asked of those alone that it holds for."""
    is_json = ir.Call("json_valid", (ir.FieldReference("_raw", leaf.span),), leaf.span)
    branches = (
        ir.PredicateExpression(leaf, leaf.span),
        ir.Unary("not", is_json, leaf.span),
        ir.Constant(False, leaf.span),
    )
    return ir.Test(ir.Call("if", branches, leaf.span), leaf.span)


def _changed(leaf: ir.Compare, way: Callable[[str], str]) -> ir.Compare:
    return replace(leaf, values=tuple(_escaped(value, way) for value in leaf.values))


def _in_ascii(text: str) -> str:
    return json.dumps(text)[1:-1]


def _escaped(value: ir.Value, way: Callable[[str], str]) -> ir.Value:
    if isinstance(value, ir.Glob):
        return ir.Glob(tuple(way(piece) if isinstance(piece, str) else piece for piece in value.pieces))
    return way(value) if isinstance(value, str) else value


__all__ = ["bind_origins", "origin_condition"]
