"""What rules cover: ATT&CK and kinds of events."""

from __future__ import annotations

from dataclasses import dataclass

from rulescope.api.models.lists import ValueUse
from rulescope.api.models.rule import RuleLink


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
    """A technique, its rules (counted by language too), and its sub-techniques (or its parent) that have rules."""

    technique_id: str
    technique: str | None
    status: str | None
    tactics: tuple[str, ...]
    parent: MatrixCell | None
    sub_techniques: tuple[MatrixCell, ...]
    rules: tuple[RuleLink, ...]
    by_language: dict[str, int]


@dataclass(frozen=True, slots=True)
class EventLink:
    """An event in a list; `rules` is how many rules name it.

    `derived_rules` look at it without naming it: they name a category, a data model or an index that it belongs to.
    """

    slug: str
    provider: str
    event_id: str | None
    title: str | None
    rules: int
    derived_rules: int = 0


@dataclass(frozen=True, slots=True)
class EventPage:
    """A kind of event: what it is, the fields it has, the rules that look at it and the values they look for.

    `rules` name it, `derived_rules` do not (see `EventLink`); `by_language` counts both.
    """

    event: EventLink
    provider_slug: str
    channel: str | None
    fields: tuple[str, ...]
    rules: tuple[RuleLink, ...]
    values: tuple[ValueUse, ...]
    value_count: int
    derived_rules: tuple[RuleLink, ...]
    by_language: dict[str, int]


@dataclass(frozen=True, slots=True)
class ProviderPage:
    """Where events come from: its events that rules look at, and its rules: `derived_rules` name none of its events."""

    slug: str
    provider: str
    events: tuple[EventLink, ...]
    rule_count: int
    rules: tuple[RuleLink, ...] = ()
    derived_rules: tuple[RuleLink, ...] = ()
