"""Everything that goes into a catalogue, gathered before a row is written."""

from __future__ import annotations

from dataclasses import dataclass

from rulescope.analysis.comparing import Comparison
from rulescope.catalog.records import RuleRecord
from rulescope.corpus import PassedOver


@dataclass(frozen=True, slots=True)
class FileRow:
    """A file that was read. `content` is what it gave beside rules, for the next build."""

    repository: str
    path: str
    hash: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Tie:
    """A tie from one rule to another (its index in `Contents.rules`); `kind` is a value of `relation.kind`."""

    kind: str
    other: int
    why: str = ""


@dataclass(frozen=True, slots=True)
class Share:
    """What a value is compared as, and how many other rules look for it, by language.

    `derived` of them meet it only once one of the two is put in terms of the other's field.
    """

    compared: Comparison
    by_language: tuple[tuple[str, int], ...] = ()
    derived: int = 0

    @property
    def total(self) -> int:
        """How many other rules look for it."""
        return sum(count for _, count in self.by_language)


@dataclass(frozen=True, slots=True)
class RuleEntry:
    """A rule with what the other rules add to it.

    `encoded` is the record as it is stored. `file` is an index into `Contents.files`. `shares` go with the record's
    indicators, in their order.
    """

    record: RuleRecord
    encoded: bytes
    file: int
    macro_hash: str
    shares: tuple[Share, ...] = ()
    ties: tuple[Tie, ...] = ()


@dataclass(frozen=True, slots=True)
class MacroDefinitionRow:
    """A macro's body, the names of its arguments, and the file or pack that says so."""

    definition: str
    arguments: tuple[str, ...]
    origin: str


@dataclass(frozen=True, slots=True)
class MacroEntry:
    """A macro that rules call; `meaning` is what it selects, in words, where only that is known."""

    name: str
    meaning: str | None = None
    definitions: tuple[MacroDefinitionRow, ...] = ()


@dataclass(frozen=True, slots=True)
class EventDetail:
    """What is known of a kind of event beside its name."""

    channel: str | None = None
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TechniqueDetail:
    """What is known of a technique."""

    name: str | None
    status: str | None = None
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class Contents:
    """A whole catalogue. `rules` are in order of repository and path, `tactics` in ATT&CK's order, `passed_over` in
    order of path and place; `other_files` counts files by the ending of their name."""

    meta: dict[str, str]
    files: tuple[FileRow, ...]
    rules: tuple[RuleEntry, ...]
    macros: tuple[MacroEntry, ...]
    events: dict[tuple[str, str | None], EventDetail]
    tactics: tuple[str, ...]
    techniques: dict[str, TechniqueDetail]
    passed_over: tuple[PassedOver, ...]
    other_files: dict[str, int]
