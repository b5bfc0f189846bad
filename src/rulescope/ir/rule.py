"""A rule as every language gives it: what its file says of it, and its pipeline."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from rulescope.ir.stages import Stage
from rulescope.text import NO_SPAN, Diagnostic, Source, Span

ParseStatus = Literal["full", "partial", "failed"]


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A flat sequence of stages, first to last. `generating` says that the first makes rows rather than taking
    events.

    `language` is whose functions its calls name, by its name in `languages.registry`; a pipeline inside another one
    says none, and has that of the one around it.
    """

    stages: tuple[Stage, ...]
    generating: bool = False
    span: Span = field(default=NO_SPAN, compare=False)
    language: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Attack:
    """One ATT&CK technique (or a tactic alone) as the author wrote it; a name or identifier not given is None."""

    technique_id: str | None = None
    tactic: str | None = None


@dataclass(frozen=True, slots=True)
class LogSource:
    """What a rule says of the logs it is for; every part is as its author wrote it."""

    product: str | None = None
    service: str | None = None
    category: str | None = None
    names: tuple[str, ...] = ()

    @property
    def parts(self) -> tuple[tuple[str, str], ...]:
        """The parts that are given, each with what it is: `product`, `service`, `category` or `name`."""
        said = (("product", self.product), ("service", self.service), ("category", self.category))
        return tuple((name, value) for name, value in said if value) + tuple(("name", name) for name in self.names)


@dataclass(frozen=True, slots=True)
class RuleTest:
    """A test that a rule carries: a name, and the data it says must fire it (addresses are kept, never fetched)."""

    name: str
    data: tuple[str, ...] = ()
    sourcetype: str | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class RuleInfo:
    """What a rule's file says of it, whatever the language; None or empty where the file is silent.

    `related` pairs identifiers of other rules with how the author relates them (Sigma's `derived`, `similar`, …);
    `fields` are those that the author would show beside a hit.
    """

    path: str
    repository: str
    language: str
    title: str
    identifier: str | None = None
    description: str | None = None
    author: str | None = None
    created: str | None = None
    modified: str | None = None
    severity: str | None = None
    risk_score: int | None = None
    status: str | None = None
    kind: str | None = None
    license: str | None = None
    references: tuple[str, ...] = ()
    attack: tuple[Attack, ...] = ()
    log_source: LogSource = LogSource()
    data_categories: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    false_positives: str | None = None
    implementation: str | None = None
    tests: tuple[RuleTest, ...] = ()
    variant_group: str | None = None
    variant_label: str | None = None
    related: tuple[tuple[str, str], ...] = ()
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule, read and understood as far as it goes.

    `pipeline` is the query as written (macros stay named nodes). `expanded` is the pipeline after the bodies of all
    known macros were put in; its spans point at the calls in the written text. It is the same object as `pipeline`
    where there was nothing to put in.
    """

    info: RuleInfo
    source: Source
    pipeline: Pipeline
    expanded: Pipeline
    status: ParseStatus
    diagnostics: tuple[Diagnostic, ...] = ()
    macros: tuple[str, ...] = ()
    unknown_macros: tuple[str, ...] = ()
