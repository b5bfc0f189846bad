"""Stages that keep or order rows and leave their fields as they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rulescope.ir.expressions import Expression
from rulescope.ir.predicates import Predicate
from rulescope.ir.stages.base import FieldItem, SortKey, Stage


@dataclass(frozen=True, slots=True)
class Search(Stage):
    """Keeps the rows for which the predicate is true, by the rules of a search. None: every row."""

    kind: ClassVar[str] = "search"
    predicate: Predicate | None


@dataclass(frozen=True, slots=True)
class Where(Stage):
    """Keeps the rows for which the predicate is true."""

    kind: ClassVar[str] = "where"
    predicate: Predicate


@dataclass(frozen=True, slots=True)
class Regex(Stage):
    """Keeps the rows in which a field matches a regular expression, or does not."""

    kind: ClassVar[str] = "regex"
    predicate: Predicate


@dataclass(frozen=True, slots=True)
class Head(Stage):
    """The first `count` rows, or those up to the first for which `condition` is not true, or (with both) of these the
    first `count`. `in_time`: the earliest."""

    kind: ClassVar[str] = "head"
    count: int | None = None
    condition: Expression | None = None
    keep_last: bool = False
    null: bool = False
    in_time: bool = False


@dataclass(frozen=True, slots=True)
class Tail(Stage):
    """The last `count` rows, last first. `in_time`: the latest, earliest first."""

    kind: ClassVar[str] = "tail"
    count: int
    in_time: bool = False


@dataclass(frozen=True, slots=True)
class Dedup(Stage):
    """The first `count` rows of each combination of the fields' values."""

    kind: ClassVar[str] = "dedup"
    fields: tuple[FieldItem, ...]
    count: int = 1
    keep_events: bool = False
    keep_empty: bool = False
    consecutive: bool = False
    sort_by: tuple[SortKey, ...] = ()


@dataclass(frozen=True, slots=True)
class Uniq(Stage):
    """Drops a row that is the same as the one before."""

    kind: ClassVar[str] = "uniq"


@dataclass(frozen=True, slots=True)
class Sort(Stage):
    """Orders rows and keeps the first `count`, or all where that is 0. `reverse` turns the whole order round (`desc`).

    `by_default`: the count is the language's own, which the author does not say.
    """

    kind: ClassVar[str] = "sort"
    keys: tuple[SortKey, ...]
    count: int = 0
    reverse: bool = False
    by_default: bool = False


@dataclass(frozen=True, slots=True)
class Reverse(Stage):
    """Turns the order of the rows round."""

    kind: ClassVar[str] = "reverse"
