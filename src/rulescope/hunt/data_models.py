"""Data models for searches: which events a data set holds, from the shipped knowledge."""

from __future__ import annotations

from functools import lru_cache

from rulescope import ir
from rulescope.engines.sql.context import DataSet
from rulescope.knowledge import DataModelDefinition, Log, Membership, Node, data_models
from rulescope.languages.spl import parse_search


class KnowledgeModels:
    """The data models of `rulescope.knowledge`; it is the compiler's `ModelSource`.

    An event belongs to a data set where its log and kind say so (that is what add-ons tag), or where its own `tag`
    field meets the data set's constraint.
    """

    def data_set(self, model: str, node: str | None) -> DataSet | None:
        """The data set, or None where it is not known."""
        return _data_set(model, node)


_RISK = DataSet(
    "Risk",
    "All_Risk",
    ir.Compare("index", "eq", ("risk",), ignore_case=True),
    (
        "risk_object",
        "risk_object_type",
        "risk_score",
        "calculated_risk_score",
        "risk_message",
        "threat_object",
        "threat_object_type",
        "normalized_risk_object",
    ),
    ("All_Risk",),
)
"""The data model of Splunk Enterprise Security's risk events, which lie in the index `risk` (Enterprise Security, "Risk
data model"); the CIM does not have it."""


@lru_cache(maxsize=256)
def _data_set(model: str, node: str | None) -> DataSet | None:
    if model.casefold() == "risk" and (node or "all_risk").casefold() == "all_risk":
        return _RISK
    found = data_models().find(f"{model}.{node}" if node else model)
    if found is None:
        return None
    held, place = found
    nodes = tuple(above.name for above in held.lineage(place))
    return DataSet(held.name, place.name, _condition(held, place), held.fields(place), nodes)


def _condition(model: DataModelDefinition, node: Node) -> ir.Predicate:
    lineage = model.lineage(node)
    options = [_member(member) for member in model.members(node)]
    tags = [constraint for above in lineage if (constraint := _parsed(above.constraint)) is not None]
    if tags:
        options.append(_all(tags))
    belongs = options[0] if len(options) == 1 else ir.Or(tuple(options))
    below = [other for other in model.nodes.values() if node in model.lineage(other)]
    if any(other.members for other in below):
        return belongs
    # No add-on names this node itself: its events are its parent's for which its own constraint holds.
    own = [part for above in lineage[1:] if "tag" not in above.constraint and (part := _parsed(above.constraint))]
    return _all([belongs, *own])


def _all(parts: list[ir.Predicate]) -> ir.Predicate:
    return parts[0] if len(parts) == 1 else ir.And(tuple(parts))


def _member(member: Membership) -> ir.Predicate:
    """The events of a membership, by log, kind and condition."""
    parts = [_log(member.log)]
    if member.event_ids:
        names = dict.fromkeys(["_event_id", "EventCode", *([member.log.id_field] if member.log.id_field else [])])
        parts.append(_any([_one_of(name, member.event_ids) for name in names]))
    if member.condition and (condition := _parsed(member.condition)) is not None:
        parts.append(condition)
    return _all(parts)


def _log(log: Log) -> ir.Predicate:
    options: list[ir.Predicate] = []
    if log.publisher and log.publisher != "*":
        options.append(_one_of("_provider", (log.publisher,)))
    elif log.channel:
        options.append(_one_of("_channel", (log.channel,)))
    elif log.key == "windows":
        options.append(ir.Compare("_channel", "exists"))
    if log.sources:
        options.append(_one_of("source", log.sources, ignore_case=True))
    if log.sourcetypes:
        options.append(_one_of("sourcetype", log.sourcetypes, ignore_case=True))
    return _any(options)


def _any(parts: list[ir.Predicate]) -> ir.Predicate:
    return parts[0] if len(parts) == 1 else ir.Or(tuple(parts))


def _one_of(field: str, values: tuple[str, ...], *, ignore_case: bool = False) -> ir.Predicate:
    return ir.Compare(field, "in", values, ignore_case=ignore_case)


def _parsed(text: str) -> ir.Predicate | None:
    """A constraint or condition as a predicate; None for none."""
    if not text:
        return None
    stages = parse_search(f"search {text}").expanded.stages
    predicate: ir.Predicate | None = getattr(stages[0], "predicate", None) if len(stages) == 1 else None
    return predicate
