"""What is said of a rule once it is understood: the rows of its page, its JSON and the catalogue's tables."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rulescope.ir import ComparisonKind, Directive
from rulescope.ir.json_form import value_text

__all__ = ["AttackCoverage", "EventCoverage", "Facts", "Indicator", "SearchTerm", "value_text"]


_ANY_CASE = re.compile(r"\(\?[a-zA-Z]*i")
_ESCAPED = re.compile(r"\\.")
_TEXT_KINDS = frozenset({"eq", "contains", "starts_with", "ends_with", "wildcard", "match", "has", "in"})


@dataclass(frozen=True, slots=True)
class Indicator:
    """A value that the rule looks for in a field.

    `field` is the name as the rule writes it (a data model's node taken off: `Processes.process` is `process`),
    `canonical` the name of the same field in the shared vocabulary, by which rules are compared. `stage` counts from 1
    over the stages as written. `branch` says which arm of the outermost OR that holds it the value stands in, as (arm
    from 1, number of arms), or None outside any; `choice` says which such OR of its stage it is, from 1. `macro` names
    the macro whose body holds it, or None where the rule itself does; `start` and `end` are its place in the query (the
    macro's call, where a macro's body holds it).
    `alternatives` is how many values could stand in its place, itself counted: those of its list or of its own OR.
    `together` says which part of a denied AND it is, as (part from 1, number of parts, which such combination of the
    rule, from 1): only the whole of it rules an event out. None for what stands for itself. `unless`: that part is
    denied once more, so that the combination rules out where the value is not there.
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
    alternatives: int = 1
    choice: int | None = None
    together: tuple[int, int, int] | None = None
    unless: bool = False

    @property
    def regards_case(self) -> bool:
        """Whether capitals count: the value has letters, and its comparison regards their case."""
        if self.ignore_case or self.kind not in _TEXT_KINDS:
            return False
        text = self.value
        if self.kind == "match":
            if _ANY_CASE.match(text):
                return False
            text = _ESCAPED.sub("", text)
        return text.upper() != text.lower()


@dataclass(frozen=True, slots=True)
class SearchTerm:
    """Text that the rule looks for in the raw event. `excluded` where it stands under an odd number of NOTs; `together`
    as of an `Indicator`."""

    stage: int
    text: str
    directive: Directive | None
    quoted: bool
    excluded: bool
    start: int
    end: int
    branch: tuple[int, int] | None = None
    macro: str | None = None
    choice: int | None = None
    together: tuple[int, int, int] | None = None


@dataclass(frozen=True, slots=True)
class EventCoverage:
    """A kind of event that the rule looks at, and what in the rule says so (a term, a macro, a data source).

    `derived`: the rule names a data model only, and this is a kind of event that feeds it; or a macro that may mean one
    of several logs, and this is one of them. `alike`: it is no event of the table that the rule reads, but tells the
    same in another log (Sysmon 1 for a table of processes); such an event is derived, too.
    """

    provider: str
    event_id: str | None
    title: str | None
    evidence: tuple[str, ...]
    derived: bool = False
    alike: bool = False


@dataclass(frozen=True, slots=True)
class AttackCoverage:
    """A technique (or a tactic alone) with its names.

    `derived_tactic`: the author gave no tactic; the technique belongs to it. `status` is None for a current technique,
    else `revoked` or `deprecated`.
    """

    tactic: str | None
    technique_id: str | None
    technique: str | None
    derived_tactic: bool = False
    status: str | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that one rule's tree says, without regard to other rules.

    `scopes` are comparisons that choose logs (index, sourcetype, source, eventtype, tag, …): they stand in the form
    of indicators but are none, for they say where to look and not what for. `fields` are the names of fields of the
    events, as written, that any stage reads; those that the rule makes itself are left out.
    """

    indicators: tuple[Indicator, ...]
    exclusions: tuple[Indicator, ...]
    thresholds: tuple[Indicator, ...]
    search_terms: tuple[SearchTerm, ...]
    events: tuple[EventCoverage, ...]
    attack: tuple[AttackCoverage, ...]
    fields: tuple[str, ...]
    data_models: tuple[str, ...]
    lookups: tuple[str, ...]
    scopes: tuple[Indicator, ...] = ()
