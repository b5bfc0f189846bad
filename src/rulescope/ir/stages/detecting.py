"""Stages of languages that are about detection itself: sequences, correlations, and what a rule's frame adds to its
query."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rulescope.ir.predicates import Predicate
from rulescope.ir.stages.base import FieldItem, Interval, Stage
from rulescope.ir.times import WrittenTime
from rulescope.text import NO_SPAN, Span

if TYPE_CHECKING:
    from rulescope.ir.rule import Pipeline


@dataclass(frozen=True, slots=True)
class Origin(Stage):
    """Where the rows come from: indexes, tables or a kind of log, as the rule names them.

    `predicate` is the condition that the names stand for, where the language says one (an event category, a log
    source). `metadata` are fields about the document itself that are asked for (ES|QL), or the column that says which
    table a row is from (Kusto's `find` and `search`).
    """

    kind: ClassVar[str] = "source"
    names: tuple[str, ...] = ()
    predicate: Predicate | None = None
    metadata: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Block(Stage):
    """Names a predicate and keeps every row: a named block of a Sigma rule.

    Which rows stay says the `Where` after the blocks, whose predicate has those of the blocks in the places where its
    author wrote their names (the same objects). None: the block could not be read.
    """

    kind: ClassVar[str] = "where"
    name: str
    predicate: Predicate | None


@dataclass(frozen=True, slots=True)
class SequenceStep:
    """One event of a sequence. `missing`: it must not occur; `runs`: how many times in a row; `by`: its own join
    fields. `category_condition` is what the category stands for (None: any event)."""

    category: str | None
    predicate: Predicate | None
    by: tuple[FieldItem, ...] = ()
    missing: bool = False
    runs: int = 1
    alias: str | None = None
    category_condition: Predicate | None = None
    span: Span = dataclasses.field(default=NO_SPAN, compare=False)


@dataclass(frozen=True, slots=True)
class Sequence(Stage):
    """Events one after the other (or, not `ordered`, in any order) that agree in the `by` fields, within `max_span`.

    `until` ends a sequence that is under way. Events that lack a `by` field join nothing, unless the field is one of
    `optional_by`: then those that lack it join one another.
    """

    kind: ClassVar[str] = "sequence"
    steps: tuple[SequenceStep, ...]
    by: tuple[FieldItem, ...] = ()
    max_span: Interval | None = None
    until: SequenceStep | None = None
    ordered: bool = True
    optional_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Correlation(Stage):
    """Counts or orders the hits of other rules.

    `type` is `event_count value_count value_sum value_avg value_percentile value_median temporal temporal_ordered`;
    `rules` are the names or identifiers of the rules, `pipelines` theirs in the same order (empty where one of them is
    not known); `conditions` pairs of comparison kind and number; `field` is what is counted or measured, `more_fields`
    those that are counted with it; `aliases` map a field of the group to its name in each rule: (alias, rule, field).
    `expression` says which rules must hit, each as the existence of a field of its name.
    """

    kind: ClassVar[str] = "correlation"
    type: str
    rules: tuple[str, ...]
    group_by: tuple[str, ...] = ()
    timespan: Interval | None = None
    conditions: tuple[tuple[str, float], ...] = ()
    field: str | None = None
    aliases: tuple[tuple[str, str, str], ...] = ()
    pipelines: tuple[Pipeline, ...] = ()
    expression: Predicate | None = None
    more_fields: tuple[str, ...] = ()
    percentile: float | None = None


@dataclass(frozen=True, slots=True)
class Threshold(Stage):
    """Fires where at least `count` rows agree in the fields, with at least so many distinct values of others.

    `window` is from when on a run of the rule looks at rows.
    """

    kind: ClassVar[str] = "threshold"
    fields: tuple[str, ...]
    count: int
    cardinality: tuple[tuple[str, int], ...] = ()
    window: WrittenTime | None = None


@dataclass(frozen=True, slots=True)
class NewTerms(Stage):
    """Fires where a combination of values was not there in the window before, which begins at a time."""

    kind: ClassVar[str] = "new_terms"
    fields: tuple[str, ...]
    window: WrittenTime | None = None


@dataclass(frozen=True, slots=True)
class ThreatMatch(Stage):
    """Fires where fields agree with those of indicators in other indexes; (field, indicator field), ANDed within a
    group."""

    kind: ClassVar[str] = "threat_match"
    indexes: tuple[str, ...]
    mappings: tuple[tuple[tuple[str, str], ...], ...]
    predicate: Predicate | None = None


@dataclass(frozen=True, slots=True)
class MachineLearning(Stage):
    """Fires where learning jobs score an anomaly at least so high."""

    kind: ClassVar[str] = "machine_learning"
    jobs: tuple[str, ...]
    threshold: int


@dataclass(frozen=True, slots=True)
class Suppress(Stage):
    """Keeps one alert a group for a time."""

    kind: ClassVar[str] = "suppress"
    by: tuple[str, ...] = ()
    duration: Interval | None = None
    missing: str | None = None
