"""The facts of one rule: its tree walked once, and what was found put in order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import partial

from rulescope import ir
from rulescope.analysis.attack import attack_coverage
from rulescope.analysis.event_conditions import EventConditions, Names
from rulescope.analysis.events import event_coverage
from rulescope.analysis.facts import EventCoverage, Facts, Indicator, SearchTerm
from rulescope.analysis.findings import Finding
from rulescope.analysis.index_events import dataset_logs, index_coverage, read_datasets
from rulescope.analysis.pipeline_walk import RuleReading, macro_at
from rulescope.analysis.table_events import table_coverage
from rulescope.analysis.vocabulary import (
    canonical_field,
    is_data_set,
    log_scopes,
    macro_fields,
    macro_logs,
    model_kinds,
)
from rulescope.ir import stages
from rulescope.ir.walk import walk
from rulescope.knowledge.elastic_datasets import elastic_fields
from rulescope.knowledge.field_rule import field_rules
from rulescope.knowledge.log_directory import logs
from rulescope.knowledge.sigma_sources import sigma_fields
from rulescope.text import Span


def facts(rule: ir.Rule) -> Facts:
    """What the rule looks for, in the order in which it is written; what stands in one place is there once.

    Decisions that are not plain from the tree:

    - That a field is there or missing (`x=*`, `isnull(x)`) names no value: no indicator, but the field is in `fields`.
    - A condition inside `if`, `case` or `count(eval(…))` is an indicator only once the rule filters by its result; it
      stands in the stage where it is written. The comparison of the result itself is a threshold where it counts.
    - `lower(x)="a"` and the like are comparisons of x, without regard to case; a comparison of a text made of fields
      (`substr(x, 1, 3)`) has that expression as its field. Comparisons of lengths, counts and sums are thresholds, with
      other fields as well as with constants; under NOT, as their opposites.
    - `TERM(Field=value)` is a search term, and the indicator that it spells out.
    - Columns that a lookup adds, and fields that `rex` extracts, are fields under their own names.
    """
    reading = RuleReading(rule, is_data_set, macro_fields)
    # `dest` means one thing in one data model and another in the next; rules that use several are rare.
    data_model = next(iter(reading.data_models), None)
    coverage = _coverage(rule, reading)
    within = log_scopes(coverage)
    rows: dict[tuple[str, bool], dict[Indicator, None]] = {}
    terms: dict[SearchTerm, None] = {}
    combinations: dict[int, int] = {}
    for finding in reading.findings:
        macro = macro_at(rule, finding.span)
        if finding.together is not None:
            part, parts, number = finding.together
            finding = replace(finding, together=(part, parts, combinations.setdefault(number, len(combinations) + 1)))
        if finding.category == "scope" and macro_logs(macro or ""):
            continue  # What a macro's body says of logs, the macro packs say better.
        if finding.category == "term":
            terms[_term(finding, macro)] = None
        else:
            finding = _upright(finding)
            canonical = canonical_field(finding.origin, data_model, (finding.tables, *within))
            excluded = finding.negative or finding.together is not None
            rows.setdefault((finding.category, excluded), {})[_indicator(finding, macro, canonical)] = None
    return Facts(
        indicators=_ordered(rows.get(("indicator", False))),
        exclusions=_ordered({**rows.get(("indicator", True), {}), **rows.get(("threshold", True), {})}),
        thresholds=_ordered(rows.get(("threshold", False))),
        search_terms=tuple(terms),
        events=coverage,
        attack=attack_coverage(rule.info.attack),
        fields=tuple(reading.fields),
        data_models=tuple(reading.data_models),
        lookups=tuple(reading.lookups),
        scopes=(*rows.get(("scope", False), ()), *rows.get(("scope", True), ())),
    )


def _coverage(rule: ir.Rule, reading: RuleReading) -> tuple[EventCoverage, ...]:
    """The kinds of events that the rule looks at."""
    sources = [node for node in walk(rule.pipeline) if isinstance(node, stages.Origin | stages.SequenceStep)]
    conditions = EventConditions(rule.expanded)
    log_sources = _log_sources(sources)
    datasets = read_datasets(rule, reading.findings)
    # What the names of fields mean is said by the vocabulary that the rule's sources are of.
    vocabulary = sigma_fields() if log_sources else elastic_fields() if datasets else None
    names = field_rules().of_target if vocabulary is None else vocabulary.of_name
    named = event_coverage(
        rule.info,
        reading.findings,
        {name: macro_logs(name) for name in rule.macros},
        lambda span: macro_at(rule, span),
        reading.data_models,
        {name: model_kinds(name) for name in reading.data_models},
        log_sources,
        dataset_logs(datasets),
        partial(conditions.allow, names=names),
    )
    named = tuple(row for row in named if not row.derived or _is_possible(row, conditions, names))
    indexed = index_coverage(datasets, sources, reading.findings, conditions)
    of_tables = table_coverage(rule, sources, reading.findings, conditions)
    return _with_indexes(named, indexed + of_tables)


def _is_possible(row: EventCoverage, conditions: EventConditions, names: Names) -> bool:
    """Whether the rule's conditions leave a kind of event that a model or a log source takes in."""
    log = logs().find(row.provider)
    return log is None or row.event_id is None or conditions.allow(log, row.event_id, names)


def _with_indexes(named: tuple[EventCoverage, ...], of_indexes: tuple[EventCoverage, ...]) -> tuple[EventCoverage, ...]:
    """Events that a rule names itself, and those that its conditions leave of its indexes and tables; such a log as a
    whole where no event of it is named."""
    told = {row.provider for row in named if row.event_id is not None}
    whole = {row.provider for row in of_indexes}
    kept = tuple(row for row in named if row.event_id is not None or row.provider not in whole)
    events = {(row.provider, row.event_id) for row in kept}
    added = (row for row in of_indexes if row.event_id is not None or row.provider not in told)
    return kept + tuple(row for row in added if (row.provider, row.event_id) not in events)


def _log_sources(sources: Iterable[object]) -> tuple[ir.LogSource, ...]:
    """The log sources that the rule's pipelines begin with, where they are given by product, category and service."""
    found: dict[ir.LogSource, None] = {}
    for node in sources:
        if isinstance(node, stages.Origin):
            parts = dict(name.partition("=")[::2] for name in node.names)
            if parts and parts.keys() <= {"product", "category", "service"}:
                found[ir.LogSource(parts.get("product"), parts.get("service"), parts.get("category"))] = None
    return tuple(found)


_OPPOSITES: dict[ir.ComparisonKind, ir.ComparisonKind] = {"gt": "le", "ge": "lt", "lt": "ge", "le": "gt"}


def _upright(finding: Finding) -> Finding:
    """A threshold under NOT as the opposite threshold; one that has none (`count!=1`) stays, and is an exclusion."""
    opposite = _OPPOSITES.get(finding.kind)
    if finding.category != "threshold" or not finding.negative or opposite is None:
        return finding
    return replace(finding, kind=opposite, negative=False)


def _ordered(rows: dict[Indicator, None] | None) -> tuple[Indicator, ...]:
    return tuple(sorted(rows, key=lambda row: (row.stage, row.start))) if rows else ()


def _indicator(finding: Finding, macro: str | None, canonical: str) -> Indicator:
    span: Span = finding.span
    return Indicator(
        field=finding.field,
        canonical=canonical,
        kind=finding.kind,
        value=finding.value,
        stage=finding.stage,
        ignore_case=finding.ignore_case,
        start=span.start,
        end=span.end,
        branch=finding.branch[:2] if finding.branch else None,
        choice=finding.branch[2] if finding.branch else None,
        macro=macro,
        alternatives=finding.alternatives,
        together=finding.together,
        unless=finding.together is not None and not finding.negative,
    )


def _term(finding: Finding, macro: str | None) -> SearchTerm:
    return SearchTerm(
        stage=finding.stage,
        text=finding.value,
        directive=finding.directive,
        quoted=finding.quoted,
        excluded=finding.negative,
        start=finding.span.start,
        end=finding.span.end,
        branch=finding.branch[:2] if finding.branch else None,
        choice=finding.branch[2] if finding.branch else None,
        macro=macro,
        together=finding.together,
    )
