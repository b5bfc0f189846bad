"""What is said of a rule once it is understood: the rows of its page, its JSON and the catalogue's tables."""

from __future__ import annotations

from dataclasses import dataclass

from rulescope.ir import ComparisonKind, Directive, Value


@dataclass(frozen=True, slots=True)
class Indicator:
    """A value that the rule looks for in a field.

    `field` is the name as the rule writes it (a data model's node taken off: `Processes.process` is `process`),
    `canonical` the name of the same field in the shared vocabulary, by which rules are compared. `stage` counts from 1 over the stages as written.
    `branch` says which arm of the stage's outermost OR the value stands in, as (arm from 1, number of arms), or None outside any.
    `macro` names the macro whose body holds it, or None where the rule itself does.
    """

    field: str
    canonical: str
    kind: ComparisonKind
    value: str
    stage: int
    ignore_case: bool
    start: int
    end: int
    branch: tuple[int, int] | None = None
    macro: str | None = None


@dataclass(frozen=True, slots=True)
class SearchTerm:
    """Text that the rule looks for in the raw event. `excluded` where it stands under an odd number of NOTs."""

    stage: int
    text: str
    directive: Directive | None
    quoted: bool
    excluded: bool
    start: int
    end: int
    branch: tuple[int, int] | None = None
    macro: str | None = None


@dataclass(frozen=True, slots=True)
class EventCoverage:
    """A kind of event that the rule looks at, and what in the rule says so (`TERM(EventCode=1)`, a macro's name, a data source)."""

    provider: str
    event_id: str | None
    title: str | None
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AttackCoverage:
    """A technique (or a tactic alone) with its names. `derived_tactic`: the author gave no tactic; the technique belongs to it."""

    tactic: str | None
    technique_id: str | None
    technique: str | None
    derived_tactic: bool = False
    status: str | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that one rule's tree says, without regard to other rules."""

    indicators: tuple[Indicator, ...]
    exclusions: tuple[Indicator, ...]
    thresholds: tuple[Indicator, ...]
    search_terms: tuple[SearchTerm, ...]
    events: tuple[EventCoverage, ...]
    attack: tuple[AttackCoverage, ...]
    fields: tuple[str, ...]
    data_models: tuple[str, ...]
    lookups: tuple[str, ...]


def value_text(value: Value) -> str:
    """A comparison's value as text: wildcards as `*` and `?`, numbers without a trailing `.0`, true and false in lower case."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)
