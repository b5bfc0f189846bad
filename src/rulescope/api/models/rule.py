"""What is said of one rule, and how other pages name it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from rulescope.api.strict import Strict, strict_notes
from rulescope.catalog.records import Body, DiagnosticRecord, StageRecord
from rulescope.ir import ParseStatus, RuleTest

Relation = Literal["broader", "narrower", "similar"]


@dataclass(frozen=True, slots=True)
class RuleLink:
    """A rule as others name it: enough for a row of a list and a link."""

    slug: str
    path: str
    repository: str
    title: str
    language: str
    parse: ParseStatus
    identifier: str | None = None
    severity: str | None = None
    techniques: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AttackRow:
    """A technique (or a tactic alone) that the rule is for.

    `derived_tactic` marks a tactic that the technique merely belongs to, the author having given none.
    `status` is None for a current technique, else `revoked` or `deprecated`.
    """

    tactic: str | None
    technique_id: str | None
    technique: str | None
    derived_tactic: bool = False
    status: str | None = None


@dataclass(frozen=True, slots=True)
class EventRow:
    """A kind of event that the rule looks at; `evidence` is what in the rule says so. `slug` names the event's page.

    `derived`: the rule does not name it; it names a category, a data model or an index that it belongs to.
    """

    provider: str
    event_id: str | None
    title: str | None
    evidence: tuple[str, ...]
    slug: str
    provider_slug: str
    derived: bool = False


@dataclass(frozen=True, slots=True)
class CorpusCount:
    """How many other rules look for the same: in total, and by language. No others is `total` 0 and prints as blank.

    `derived` of them compare another field or in another way, which comes to the same (see `ComparedAs`).
    """

    total: int = 0
    by_language: dict[str, int] = field(default_factory=dict)
    derived: int = 0


@dataclass(frozen=True, slots=True)
class ComparedAs:
    """The comparison that an indicator is counted as, where that is one of another field: `why` says how it follows.

    `Image ends_with \\cmd.exe` is counted as `process_name eq cmd.exe`, for that is the base name of the path.
    """

    field: str
    field_slug: str
    kind: str
    value: str
    why: str


@dataclass(frozen=True, slots=True)
class IndicatorRow:
    """A value that the rule looks for (or, in `exclusions`, rules out; in `thresholds`, compares its own results with).

    `anchor` is the row's name on the page (`indicator-1`, `exclusion-1`, `threshold-1`). `field` is the author's name,
    `canonical` the shared vocabulary's (the two often agree), `field_slug` the field's page.
    `branch` is (arm from 1, number of arms) of the stage's outermost OR; `macro` the macro whose body holds the value.
    `start`/`end` are its place in the query. `compared` is what it is counted as, where that is another field's value.
    `value_anchor` names the value on the page of the field that it is counted under, where the rules that look for the
    same are listed; it is empty outside a catalogue.
    """

    anchor: str
    field: str
    canonical: str
    field_slug: str
    kind: str
    value: str
    stage: int
    ignore_case: bool
    start: int
    end: int
    branch: tuple[int, int] | None = None
    macro: str | None = None
    corpus: CorpusCount = CorpusCount()
    value_anchor: str = ""
    compared: ComparedAs | None = None


@dataclass(frozen=True, slots=True)
class TermRow:
    """Text that the rule looks for in the raw event; `excluded` where it must not be there. `anchor` is `term-1`, …"""

    anchor: str
    stage: int
    term: str
    directive: str | None
    quoted: bool
    excluded: bool
    start: int
    end: int
    branch: tuple[int, int] | None = None
    macro: str | None = None


@dataclass(frozen=True, slots=True)
class MacroUse:
    """A macro that the rule calls. `known` says whether its body is known; `definition` is the body where it is.

    `meaning` is what the macro selects as far as the knowledge packs know it, in words, and `origin` says where the
    body or the meaning is from.
    """

    name: str
    slug: str
    known: bool
    arguments: tuple[str, ...] = ()
    definition: str | None = None
    meaning: str | None = None
    origin: str | None = None


@dataclass(frozen=True, slots=True)
class VariantRow:
    """The same detection for another log source or in another language, and how that is known."""

    rule: RuleLink
    why: str


@dataclass(frozen=True, slots=True)
class NeighbourRow:
    """Another rule that looks for more (`broader`), less (`narrower`) or nearly the same (`similar`), and why."""

    rule: RuleLink
    relation: Relation
    why: str


@dataclass(frozen=True, slots=True)
class Fired:
    """What the rule found when the catalogue's rules were last run on logs (`rulescope run --catalog`).

    `at` is when (ISO 8601, UTC), `logs` the files and folders, `total_events` how many events they held. `status` is
    `run`, `refused` or `failed` (`message` says why). `rows` is the number of result rows, `events` that of the events
    behind them, and `places` the first of these as (file, EventRecordID or line).
    """

    at: str
    logs: tuple[str, ...]
    total_events: int
    status: str
    rows: int
    events: int
    message: str | None
    places: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class RulePage:
    """Everything that is said of one rule."""

    slug: str
    path: str
    repository: str
    repository_slug: str
    identifier: str | None
    title: str
    language: str
    description: str | None
    author: str | None
    created: str | None
    modified: str | None
    severity: str | None
    risk_score: int | None
    status: str | None
    kind: str | None
    license: str | None
    references: tuple[str, ...]
    attack: tuple[AttackRow, ...]
    data_categories: tuple[str, ...]
    log_source: tuple[tuple[str, str], ...]
    tags: tuple[str, ...]
    false_positives: str | None
    implementation: str | None
    tests: tuple[RuleTest, ...]
    parse: ParseStatus
    diagnostics: tuple[DiagnosticRecord, ...]
    events: tuple[EventRow, ...]
    stages: tuple[StageRecord, ...]
    indicators: tuple[IndicatorRow, ...]
    exclusions: tuple[IndicatorRow, ...]
    thresholds: tuple[IndicatorRow, ...]
    search_terms: tuple[TermRow, ...]
    fields: tuple[tuple[str, str], ...]
    macros: tuple[MacroUse, ...]
    lookups: tuple[str, ...]
    data_models: tuple[str, ...]
    variants: tuple[VariantRow, ...]
    neighbours: tuple[NeighbourRow, ...]
    duplicates: tuple[RuleLink, ...]
    body: Body
    canonical_text: str
    fired: Fired | None = None

    def strict_failure(self, strict: Strict | None) -> str | None:
        """Why a strict call fails for this rule, in words; None where it doesn't."""
        return strict_notes(strict, self.diagnostics)
