"""One plain-English sentence for each stage that detections are made of: sources, sequences, thresholds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rulescope import ir
from rulescope.analysis.explain_words import (
    condition_words,
    field_list,
    interval_words,
    listed,
)
from rulescope.ir import stages


def _block(stage: stages.Block) -> str:
    words = "what could not be read" if stage.predicate is None else f"events {condition_words(stage.predicate)}"
    return f"Names {stage.name}: {words}."


def _origin(stage: stages.Origin) -> str:
    if stage.names == ("any",):
        return "Takes events of any kind."  # an EQL query of the category `any`
    return f"Takes events of {listed([name.partition('=')[2] or name for name in stage.names]) or 'every log'}."


def _correlation(stage: stages.Correlation) -> str:
    within = f" within {stage.timespan.text}" if stage.timespan is not None else ""
    by = f" for each {listed(list(stage.group_by))}" if stage.group_by else ""
    measured = listed([name for name in (stage.field, *stage.more_fields) if name])
    what = {
        "event_count": "Counts the hits",
        "temporal": "Looks for hits of each" if stage.expression is None else "Asks which of the rules hit, out",
        "temporal_ordered": "Looks for hits, in this order,",
    }.get(stage.type, f"Takes the {stage.type.removeprefix('value_')} of {measured} over the hits")
    return f"{what} of {listed(list(stage.rules))}{within}{by}."


def _sequence(stage: stages.Sequence) -> str:
    steps = []
    for step in stage.steps:
        words = _condition(step)
        times = f", {step.runs} times in a row" if step.runs > 1 else ""
        keys = f", by its {field_list(step.by)}" if step.by else ""
        steps.append(f"{_event(step)}{words}{keys}{times}")
    by = f" with the same {field_list(stage.by)}" if stage.by else ""
    within = f" within {interval_words(stage.max_span)}" if stage.max_span else ""
    order = "in this order" if stage.ordered else "in any order"
    until = ""
    if stage.until is not None:
        keys = f", by its {field_list(stage.until.by)}" if stage.until.by else ""
        until = f"; {_event(stage.until)}{_condition(stage.until)}{keys} ends it before"
    linked = any(step.by for step in stage.steps)
    by = by or (" that are linked by a key of each" if linked else "")
    told = ("; then " if stage.ordered else "; ").join(steps)
    return f"Looks for events{by} {order}{within}: {told}{until}."


def _event(step: stages.SequenceStep) -> str:
    name = f"{step.category} event" if step.category and step.category != "any" else "event of any kind"
    return f"{'no' if step.missing else 'an' if name[0] in 'aeiou' else 'a'} {name}"


def _condition(step: stages.SequenceStep) -> str:
    if step.predicate is None or step.predicate == ir.Test(ir.Constant(True)):
        return ""
    return f" {condition_words(step.predicate)}"


def _threshold(stage: stages.Threshold) -> str:
    by = f" with the same {listed(list(stage.fields))}" if stage.fields else ""
    distinct = [f"{number} different values of {name}" for name, number in stage.cardinality]
    further = f" and {listed(distinct)}" if distinct else ""
    return f"Fires where there are at least {stage.count} events{by}{further}."


def _new_terms(stage: stages.NewTerms) -> str:
    since = f" since {stage.window.text}" if stage.window else ""
    return f"Keeps events whose {listed(list(stage.fields))} did not occur before{since}."


def _threat_match(stage: stages.ThreatMatch) -> str:
    names = dict.fromkeys(name for group in stage.mappings for name, _ in group)
    return f"Keeps events whose {listed(list(names), 'or')} is among the indicators in {listed(list(stage.indexes))}."


def _suppress(stage: stages.Suppress) -> str:
    lasting = f" in {stage.duration.text}" if stage.duration else " in a run"
    return f"Keeps one alert for each {listed(list(stage.by)) or 'rule'}{lasting}."


DETECTING_SENTENCES: dict[type[ir.Stage], Callable[[Any], str]] = {
    stages.Block: _block,
    stages.Origin: _origin,
    stages.Correlation: _correlation,
    stages.Sequence: _sequence,
    stages.Threshold: _threshold,
    stages.NewTerms: _new_terms,
    stages.ThreatMatch: _threat_match,
    stages.MachineLearning: lambda stage: (
        f"Fires where {listed(list(stage.jobs))} scores an anomaly of {stage.threshold} or more."
    ),
    stages.Suppress: _suppress,
}
