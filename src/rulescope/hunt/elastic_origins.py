"""What an Elastic index pattern means over logs: the events that its data sets hold, as a condition.

A data set that no log here feeds (Elastic Defend's process events) takes in what other logs hold of the same kind
(Sysmon 1, Security 4688), as far as `elastic_datasets.csv` says so; but not for a rule that reads what no log here
tells (a code signature): without that it would mean something else. A pattern that could hold anything (`logs-*`) takes
in everything, as do the event categories of EQL, which say themselves what they mean. Events that tell nothing of their
log are taken in by every rule, as Sigma's log sources do it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache

from rulescope import ir
from rulescope.hunt.log_conditions import of_log, unlabelled
from rulescope.ir import stages
from rulescope.ir.walk import transform, walk
from rulescope.knowledge.elastic_datasets import elastic_datasets, elastic_fields
from rulescope.knowledge.log_directory import Log

_MADE = ("_", "*", "Esql.", "Esql_priv.", "data_stream.namespace")
"""How names begin that ES|QL queries give, and those of the document itself."""


def bind_indexes(pipeline: ir.Pipeline) -> ir.Pipeline:
    """The pipeline with the condition of each index pattern put into its `Origin`."""
    nodes = list(walk(pipeline))
    if not any(_is_index(node) for node in nodes):
        return pipeline
    alike = all(_is_told(name) for node in nodes if (name := _field(node)) is not None)

    def bound(node: object) -> object:
        if isinstance(node, stages.Origin) and _is_index(node):
            return replace(node, predicate=index_condition(node.names, alike))
        return node

    return transform(pipeline, bound)


def _field(node: object) -> str | None:
    if isinstance(node, ir.Compare):
        return node.field
    return node.name if isinstance(node, ir.FieldReference) else None


def _is_told(name: str) -> bool:
    """Whether some log tells a field of that name, or the query makes it."""
    return name.startswith(_MADE) or bool(elastic_fields().of_name(name))


def _is_index(node: object) -> bool:
    return isinstance(node, stages.Origin) and node.predicate is None and bool(node.names) and node.names != ("any",)


@lru_cache(maxsize=512)
def index_condition(patterns: tuple[str, ...], alike: bool = True) -> ir.Predicate | None:
    """The condition for events in any of these indexes, and where `alike` for those that say the same; None where they
    could hold anything."""
    datasets = elastic_datasets()
    if any(datasets.is_broad(pattern) for pattern in patterns):
        return None
    covered: dict[str, tuple[Log, set[str]]] = {}
    whole: set[str] = set()
    for name in dict.fromkeys(name for pattern in patterns for name in datasets.in_index(pattern)):
        for member in datasets.alike(name):
            if member.log is not None and (alike or not member.like):
                covered.setdefault(member.log.key, (member.log, set()))[1].update(member.event_ids)
                if not member.event_ids:
                    whole.add(member.log.key)
    found = [of_log(log, () if key in whole else _sorted(ids)) for key, (log, ids) in covered.items()]
    every = () if whole or not covered else _sorted({number for _, ids in covered.values() for number in ids})
    return ir.Or((*found, unlabelled(every)))


def _sorted(ids: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(ids, key=int))
