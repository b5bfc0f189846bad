"""Reads stages that decide which events count: conditions, sequences, thresholds and what a rule's type adds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import cast

from rulescope.analysis.findings import Branch, Finding, Lineage
from rulescope.analysis.stage_readings.reading_so_far import ReadingSoFar
from rulescope.ir import ComparisonKind, FieldReference, Stage, stages
from rulescope.ir.json_form import value_text


def _filter(reading: ReadingSoFar, stage: Stage, negative: bool, branch: Branch) -> None:
    predicate = getattr(stage, "predicate", None)
    if predicate is not None:
        reading.conditions.predicate(predicate, negative, branch)


def _block(reading: ReadingSoFar, stage: stages.Block, negative: bool, branch: Branch) -> None:
    reading.blocks.append((stage.span, reading.conditions.stage))


def _where(reading: ReadingSoFar, stage: stages.Where, negative: bool, branch: Branch) -> None:
    """A condition over named blocks: what stands in a block is that block's, with the sign of the condition."""
    found = reading.conditions.found
    before = len(found)
    _filter(reading, stage, negative, branch)
    if reading.blocks:
        found[before:] = [replace(one, stage=_block_at(reading, one)) for one in found[before:]]


def _block_at(reading: ReadingSoFar, finding: Finding) -> int:
    for span, number in reading.blocks:
        if span.start <= finding.span.start and finding.span.end <= span.end:
            return number
    return finding.stage


def _correlation(reading: ReadingSoFar, stage: stages.Correlation, negative: bool, branch: Branch) -> None:
    for pipeline in stage.pipelines:
        reading.walk_pipeline(pipeline, Lineage(), negative, branch)
    for name in (*stage.group_by, stage.field, *stage.more_fields):
        if name and name not in {alias for alias, _, _ in stage.aliases}:
            reading.conditions.note_fields(FieldReference(name))
    what = stage.field if stage.field is not None else "count"
    for kind, number in stage.conditions:
        reading.conditions.found.append(
            Finding(
                "threshold",
                what,
                what,
                "eq" if kind == "ne" else cast(ComparisonKind, kind),
                value_text(number),
                False,
                kind == "ne",
                reading.conditions.stage,
                stage.span,
            )
        )


def _sequence(reading: ReadingSoFar, stage: stages.Sequence, negative: bool, branch: Branch) -> None:
    """What each event of a sequence has to be; of events that must not occur, what they would be."""
    for item in stage.by:
        reading.conditions.note_fields(item)
    for step in (*stage.steps, *((stage.until,) if stage.until is not None else ())):
        turned = negative ^ (step.missing or step is stage.until)
        for item in step.by:
            reading.conditions.note_fields(item)
        for predicate in (step.category_condition, step.predicate):
            if predicate is not None:
                reading.conditions.predicate(predicate, turned, branch)


def _threshold(reading: ReadingSoFar, stage: stages.Threshold, negative: bool, branch: Branch) -> None:
    _at_least(reading, stage, "count", stage.count)
    for name, number in stage.cardinality:
        reading.conditions.note_fields(FieldReference(name))
        _at_least(reading, stage, f"dc({name})", number)
    for name in stage.fields:
        reading.conditions.note_fields(FieldReference(name))


def _machine_learning(reading: ReadingSoFar, stage: stages.MachineLearning, negative: bool, branch: Branch) -> None:
    _at_least(reading, stage, "anomaly_score", stage.threshold)


def _at_least(reading: ReadingSoFar, stage: Stage, what: str, number: int) -> None:
    number_of = reading.conditions.stage
    reading.conditions.found.append(
        Finding("threshold", what, what, "ge", value_text(number), False, False, number_of, stage.span)
    )


def _looks_at(reading: ReadingSoFar, stage: stages.NewTerms | stages.Suppress, negative: bool, branch: Branch) -> None:
    for name in stage.by if isinstance(stage, stages.Suppress) else stage.fields:
        reading.conditions.note_fields(FieldReference(name))


def _threat_match(reading: ReadingSoFar, stage: stages.ThreatMatch, negative: bool, branch: Branch) -> None:
    # Its condition is about the indicators' documents, not about the rule's events.
    for group in stage.mappings:
        for name, _ in group:
            reading.conditions.note_fields(FieldReference(name))
    for index in stage.indexes:
        reading.lookups[index] = None


def _head(reading: ReadingSoFar, stage: stages.Head, negative: bool, branch: Branch) -> None:
    if stage.condition is not None:
        reading.conditions.expression(stage.condition, negative, branch)


READERS: dict[type[Stage], Callable[..., None]] = {
    stages.Search: _filter,
    stages.Where: _where,
    stages.Block: _block,
    stages.Correlation: _correlation,
    stages.Sequence: _sequence,
    stages.Threshold: _threshold,
    stages.MachineLearning: _machine_learning,
    stages.NewTerms: _looks_at,
    stages.Suppress: _looks_at,
    stages.ThreatMatch: _threat_match,
    stages.Regex: _filter,
    stages.MetaSearch: _filter,
    stages.Head: _head,
}
