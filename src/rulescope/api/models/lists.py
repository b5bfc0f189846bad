"""The pages that list: the start page, repositories, macros, fields, and search."""

from __future__ import annotations

from dataclasses import dataclass, field

from rulescope.api.models.passed_over import PassedOverPage
from rulescope.api.models.rule import MacroUse, RuleLink
from rulescope.api.strict import Strict, strict_failure
from rulescope.ir import ParseStatus

JOB_LANGUAGE = "machine_learning"
"""The language of rules that name a job of Elasticsearch's machine learning: what it looks for is in no file."""


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
    `diagnosed` counts the rules that have a diagnostic of a severity. `passed_over` is what of the files gave no rule,
    or not all of it.
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
    diagnosed: dict[str, int] = field(default_factory=dict)
    passed_over: PassedOverPage = field(default_factory=PassedOverPage)

    def strict_failure(self, strict: Strict | None) -> str | None:
        """Why a strict build or count fails, in words; None where it doesn't."""
        counts, diagnosed, passed = self.counts, self.diagnosed, self.passed_over
        errors = {
            "failed rules": counts.failed - sum(one.rule is not None for one in passed.unreadable),
            "unreadable rules and rule files": len(passed.unreadable),
            "rules with an error": diagnosed.get("error", 0),
            "errors beside the rules": passed.noted("error"),
        }
        others = {
            "rules understood in part": counts.partial,
            "rules with a warning": diagnosed.get("warning", 0),
            "links and other things not opened": sum(one.fact.severity != "info" for one in passed.not_opened),
            "warnings of files": passed.noted("warning"),
        }
        return strict_failure(strict, errors, others)


@dataclass(frozen=True, slots=True)
class RepositoryPage:
    """A repository and its rules, by folder (the part of the path before the file) in order of path."""

    repository: RepositoryRow
    rules: tuple[RuleLink, ...]
    folders: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class MacroPage:
    """A macro: its definitions (one a place; empty where no body is known) and the rules that call it."""

    macro: MacroRow
    uses: tuple[MacroUse, ...]
    rules: tuple[RuleLink, ...]


@dataclass(frozen=True, slots=True)
class ValueUse:
    """A value that rules look for in a field: how, how many rules, and some of them (all of them on a field's page).

    `anchor` is its name on the field's page. `ways` are other comparisons, as (field, kind, value) as rules write them,
    that are counted here because they come to the same.
    """

    field: str
    field_slug: str
    kind: str
    value: str
    count: int
    rules: tuple[RuleLink, ...]
    anchor: str
    ways: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class FieldRow:
    """A field of the shared vocabulary: how many rules look for values in it, and how many different values."""

    slug: str
    name: str
    written: tuple[str, ...]
    rules: int
    values: int


@dataclass(frozen=True, slots=True)
class FieldElsewhere:
    """Another field that comparisons of this one are counted under, of how many rules, and why."""

    name: str
    slug: str
    rules: int
    why: str


@dataclass(frozen=True, slots=True)
class FieldPage:
    """A field: the names rules write it under, the values looked for in it (most rules first), and the rules.

    All values that several rules share are there; of the others, as many as a page lists. `elsewhere` are the fields
    that some of its comparisons are counted under.
    """

    field: FieldRow
    values: tuple[ValueUse, ...]
    rules: tuple[RuleLink, ...]
    elsewhere: tuple[FieldElsewhere, ...] = ()


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
