"""Which kinds of events a rule looks at, by the indexes it reads and the categories that it chooses there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from rulescope import ir
from rulescope.analysis.event_conditions import EventConditions
from rulescope.analysis.events import Candidate
from rulescope.analysis.facts import EventCoverage
from rulescope.analysis.findings import Finding
from rulescope.ir import stages
from rulescope.knowledge.elastic_datasets import DatasetMember, elastic_datasets, elastic_fields
from rulescope.knowledge.event_catalogue import events

DATASET_FIELDS = frozenset({"event.dataset", "data_stream.dataset"})
CATEGORY_FIELD = "event.category"
TYPE_FIELD = "event.type"
ACTION_FIELD = "event.action"

_NAMED_EVENTS = frozenset({"cloudtrail", "okta", "azure_activity", "azure_ad", "m365", "github"})
"""Logs whose events `event.action` names."""


def index_coverage(
    by_dataset: Mapping[str, str],
    sources: Sequence[stages.Origin | stages.SequenceStep],
    findings: list[Finding],
    conditions: EventConditions,
) -> tuple[EventCoverage, ...]:
    """The kinds of events in the data sets (each with what says so), without repeats, as far as the rule's `conditions`
    leave them; `sources` are what its pipelines begin with.

    Derived are those that the rule does not name itself: it names an index that holds them, or a category that they
    carry among others.
    """
    if not by_dataset:
        return ()
    categories = _values(findings, {CATEGORY_FIELD}) | _categories(sources)
    types = _values(findings, {TYPE_FIELD})
    actions = sorted(_values(findings, {ACTION_FIELD}))
    rows: dict[tuple[str, str | None], EventCoverage] = {}
    for dataset, evidence in by_dataset.items():
        for member in elastic_datasets().events(dataset, frozenset(categories), frozenset(types), frozenset(actions)):
            left = _left(member, conditions)
            for row in () if left is None else _rows(left, evidence, actions, len(by_dataset) > 1):
                rows.setdefault((row.provider, row.event_id), row)
    return tuple(sorted(rows.values(), key=lambda row: row.event_id is None))


def dataset_logs(datasets: Iterable[str]) -> tuple[Candidate, ...]:
    """The logs, and the products without one, whose events the data sets hold."""
    members = [one for dataset in datasets for one in elastic_datasets().events(dataset)]
    return tuple(Candidate(one.log, one.log.name if one.log is not None else one.provider) for one in members)


def read_datasets(rule: ir.Rule, findings: list[Finding]) -> dict[str, str]:
    """The data sets that the rule's indexes hold, or that it names itself, and what says so."""
    patterns = [
        name
        for stage in rule.pipeline.stages
        if isinstance(stage, stages.Origin) and (stage.predicate is None and stage.names != ("any",))
        for name in stage.names
    ]
    stated = _values(findings, DATASET_FIELDS)
    by_dataset: dict[str, str] = {}
    for pattern in patterns:
        for dataset in _datasets_in(pattern):
            by_dataset.setdefault(dataset, f"index {pattern}")
    named = [dataset for dataset in by_dataset if dataset in stated]
    if named:
        by_dataset = {dataset: f"data set {dataset}" for dataset in named}
    elif not by_dataset:
        by_dataset = {dataset: f"data set {dataset}" for dataset in sorted(stated)}
    return by_dataset


def _left(member: DatasetMember, conditions: EventConditions) -> DatasetMember | None:
    """What the rule's conditions leave of a data set's events."""
    names = elastic_fields().of_name
    if member.log is None:
        return member
    if not member.event_ids:
        return member if conditions.allow(member.log, None, names) else None
    left = tuple(event_id for event_id in member.event_ids if conditions.allow(member.log, event_id, names))
    return replace(member, event_ids=left) if left else None


def _rows(member: DatasetMember, evidence: str, actions: list[str], one_of_several: bool) -> list[EventCoverage]:
    log = member.log
    if log is None:
        return [EventCoverage(member.provider, None, None, (evidence,), one_of_several)]
    if log.key in _NAMED_EVENTS and actions:
        found = [events().describe(log.name, action) for action in actions]
        return [
            EventCoverage(kind.provider, kind.event_id, kind.title, (evidence, f"{ACTION_FIELD}={kind.event_id}"))
            for kind in found
        ]
    if not member.event_ids:
        return [EventCoverage(log.name, None, None, (evidence,), one_of_several)]
    shown = (evidence, member.said)
    kinds = [events().describe(log.channel or log.name, event_id) for event_id in member.event_ids]
    return [EventCoverage(kind.provider, kind.event_id, kind.title, shown, True) for kind in kinds]


@lru_cache(maxsize=1024)  # many rules read the same few indexes
def _datasets_in(pattern: str) -> tuple[str, ...]:
    return elastic_datasets().in_index(pattern)


def _values(findings: list[Finding], fields: frozenset[str] | set[str]) -> set[str]:
    return {
        finding.value
        for finding in findings
        if not finding.negative and finding.kind == "eq" and finding.field in fields
    }


def _categories(sources: Sequence[stages.Origin | stages.SequenceStep]) -> set[str]:
    """The categories that EQL puts before `where`."""
    found: set[str] = set()
    for node in sources:
        if isinstance(node, stages.Origin):
            found.update(node.names if node.predicate is not None else ())
        elif node.category is not None and not node.missing:
            found.add(node.category)
    return found
