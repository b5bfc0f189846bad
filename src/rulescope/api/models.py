"""What the use cases give: one dataclass a page, all of it ready to be shown and to be written as JSON.

Everything that names another page carries what a link to it needs: rules by `slug` (a safe file name), techniques by
identifier, events by `slug`, macros, fields and repositories by `slug`. Texts come from strangers: whoever shows them
escapes them. Counts of rules are always given as full, partial and failed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from rulescope.catalog.records import Body, DiagnosticRecord, StageRecord
from rulescope.ir import ParseStatus, RuleTest

Relation = Literal["broader", "narrower", "similar"]


@dataclass(frozen=True, slots=True)
class StatusCounts:
    """How many rules were understood wholly, in part, or not at all."""

    full: int = 0
    partial: int = 0
    failed: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.full + self.partial + self.failed


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
    """A kind of event that the rule looks at; `evidence` is what in the rule says so. `slug` names the event's page."""

    provider: str
    event_id: str | None
    title: str | None
    evidence: tuple[str, ...]
    slug: str
    provider_slug: str


@dataclass(frozen=True, slots=True)
class CorpusCount:
    """How many other rules look for the same: in total, and by language. No others is `total` 0 and prints as blank."""

    total: int = 0
    by_language: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class IndicatorRow:
    """A value that the rule looks for (or, in `exclusions`, rules out; in `thresholds`, compares its own results with).

    `anchor` is the row's name on the page (`indicator-1`, `exclusion-1`, `threshold-1`). `field` is the author's name,
    `canonical` the shared vocabulary's (the two often agree), `field_slug` the field's page.
    `branch` is (arm from 1, number of arms) of the stage's outermost OR; `macro` the macro whose body holds the value.
    `start`/`end` are its place in the query. `value_anchor` names the value on the field's page, where the rules that
    look for the same are listed; it is empty outside a catalogue.
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
    variants: tuple[RuleLink, ...]
    neighbours: tuple[NeighbourRow, ...]
    duplicates: tuple[RuleLink, ...]
    body: Body
    canonical_text: str
    fired: Fired | None = None


@dataclass(frozen=True, slots=True)
class Cause:
    """Why rules are partial or failed: a diagnostic's code, and how many rules have it.

    `message` is the one that most of them have, `example` a rule with it, `messages` how many different ones there are.
    """

    code: str
    message: str
    rules: int
    messages: int
    example: RuleLink


@dataclass(frozen=True, slots=True)
class RepositoryRow:
    """A repository with its counts by language."""

    slug: str
    name: str
    license: str | None
    counts: StatusCounts
    by_language: dict[str, StatusCounts]


@dataclass(frozen=True, slots=True)
class MacroRow:
    """A macro in the list of macros; `rules` is how many call it."""

    slug: str
    name: str
    known: bool
    rules: int
    meaning: str | None = None


@dataclass(frozen=True, slots=True)
class Overview:
    """The start page: how much there is, and how much of it was understood.

    `unread_languages` are those whose rules are listed but can't be read yet: all of their rules count as failed.
    """

    counts: StatusCounts
    by_language: dict[str, StatusCounts]
    repositories: tuple[RepositoryRow, ...]
    stages: int
    indicators: int
    techniques: int
    events: int
    fields: int
    causes: tuple[Cause, ...]
    missing_macros: tuple[MacroRow, ...]
    unread_languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RepositoryPage:
    """A repository and its rules, by folder (the part of the path before the file) in order of path."""

    repository: RepositoryRow
    rules: tuple[RuleLink, ...]
    folders: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """A technique in the matrix; `rules` counts rules that name it, `with_sub` also those that name a sub-technique."""

    technique_id: str
    technique: str
    rules: int
    with_sub: int
    sub_techniques: tuple[MatrixCell, ...] = ()


@dataclass(frozen=True, slots=True)
class MatrixColumn:
    """A tactic and its techniques that have rules, most rules first; `rules` counts different rules under it."""

    tactic: str
    slug: str
    rules: int
    cells: tuple[MatrixCell, ...]


@dataclass(frozen=True, slots=True)
class TechniqueMatrix:
    """ATT&CK as far as rules cover it: a column a tactic, in ATT&CK's order. `unmapped` counts rules without any."""

    columns: tuple[MatrixColumn, ...]
    unmapped: int


@dataclass(frozen=True, slots=True)
class TacticPage:
    """A tactic, its techniques, and its rules."""

    tactic: str
    slug: str
    cells: tuple[MatrixCell, ...]
    rules: tuple[RuleLink, ...]


@dataclass(frozen=True, slots=True)
class TechniquePage:
    """A technique, its rules, and its sub-techniques (or its parent) that have rules."""

    technique_id: str
    technique: str | None
    status: str | None
    tactics: tuple[str, ...]
    parent: MatrixCell | None
    sub_techniques: tuple[MatrixCell, ...]
    rules: tuple[RuleLink, ...]


@dataclass(frozen=True, slots=True)
class EventLink:
    """An event in a list; `rules` is how many rules look at it."""

    slug: str
    provider: str
    event_id: str | None
    title: str | None
    rules: int


@dataclass(frozen=True, slots=True)
class ValueUse:
    """A value that rules look for in a field: how, how many rules, and some of them (all of them on a field's page).

    `anchor` is its name on the field's page.
    """

    field: str
    field_slug: str
    kind: str
    value: str
    count: int
    rules: tuple[RuleLink, ...]
    anchor: str


@dataclass(frozen=True, slots=True)
class EventPage:
    """A kind of event: what it is, the fields it has, the rules that look at it and the values they look for."""

    event: EventLink
    provider_slug: str
    channel: str | None
    fields: tuple[str, ...]
    rules: tuple[RuleLink, ...]
    values: tuple[ValueUse, ...]
    value_count: int


@dataclass(frozen=True, slots=True)
class ProviderPage:
    """Where events come from: its events that rules look at, and its rules (left out where it is one of a list)."""

    slug: str
    provider: str
    events: tuple[EventLink, ...]
    rule_count: int
    rules: tuple[RuleLink, ...] = ()


@dataclass(frozen=True, slots=True)
class MacroPage:
    """A macro: its definitions (one a place; empty where no body is known) and the rules that call it."""

    macro: MacroRow
    uses: tuple[MacroUse, ...]
    rules: tuple[RuleLink, ...]


@dataclass(frozen=True, slots=True)
class FieldRow:
    """A field of the shared vocabulary: how many rules look for values in it, and how many different values."""

    slug: str
    name: str
    written: tuple[str, ...]
    rules: int
    values: int


@dataclass(frozen=True, slots=True)
class FieldPage:
    """A field: the names rules write it under, the values looked for in it (most rules first), and the rules.

    All values that several rules share are there; of the others, as many as a page lists.
    """

    field: FieldRow
    values: tuple[ValueUse, ...]
    rules: tuple[RuleLink, ...]


@dataclass(frozen=True, slots=True)
class SearchDocument:
    """What the browser's search should find a rule by; the parts may repeat words and are plain text."""

    slug: str
    title: str
    description: str
    identifiers: tuple[str, ...]
    language: str
    repository: str
    parse: ParseStatus
    techniques: tuple[str, ...]
    tactics: tuple[str, ...]
    events: tuple[str, ...]
    indicators: tuple[str, ...]
    terms: tuple[str, ...]
    macros: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SearchHit:
    """A rule that a search of the catalogue found, best first; `excerpt` shows the words found, marked by [ and ]."""

    rule: RuleLink
    excerpt: str
