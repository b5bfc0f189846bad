"""What is said of one rule, and how other pages name it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from rulescope.analysis.facts import AttackCoverage, EventCoverage, Indicator, SearchTerm
from rulescope.api.strict import Strict, strict_notes
from rulescope.catalog.fired_record import FiredRecord
from rulescope.catalog.records import Body, DiagnosticRecord, StageRecord
from rulescope.ir import ParseStatus, RuleInfo

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
class EventRow:
    """A kind of event that the rule looks at. `slug` names the event's page, `provider_slug` the provider's."""

    fact: EventCoverage
    slug: str
    provider_slug: str


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

    `anchor` is the row's name on the page (`indicator-1`, `exclusion-1`, `threshold-1`), `field_slug` the field's page.
    `compared` is what it is counted as, where that is another field's value.
    `value_anchor` names the value on the page of the field that it is counted under, where the rules that look for the
    same are listed; it is empty outside a catalogue.
    """

    anchor: str
    fact: Indicator
    field_slug: str
    corpus: CorpusCount = CorpusCount()
    value_anchor: str = ""
    compared: ComparedAs | None = None


@dataclass(frozen=True, slots=True)
class TermRow:
    """Text that the rule looks for in the raw event. `anchor` is the row's name on the page: `term-1`, …"""

    anchor: str
    fact: SearchTerm


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
class RulePage:
    """Everything that is said of one rule: by its file (`info`), and by what was read of its query."""

    slug: str
    info: RuleInfo
    repository_slug: str
    attack: tuple[AttackCoverage, ...]
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
    fired: FiredRecord | None = None

    def strict_failure(self, strict: Strict | None) -> str | None:
        """Why a strict call fails for this rule, in words; None where it doesn't."""
        return strict_notes(strict, self.diagnostics)
