"""The rows of a table, once it is known which events these are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from rulescope.ir.stages.base import Stage

if TYPE_CHECKING:
    from rulescope.ir.predicates import Predicate


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column of a table: its kind, and the `rules` by which events give it (knowledge's, which the tree does not look
    into); none where no log records it.

    `values` are those that the rules can give, where they list them all.
    """

    name: str
    kind: str
    rules: tuple[Any, ...] = ()
    values: frozenset[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRows(Stage):
    """The rows of a table: the events for which `predicate` holds, with its `columns` and no other. It takes the place
    of an `Origin` where a rule of a language over tables is bound to logs. No log is known to hold an `unknown` table:
    its rows are events of no known log, and their fields its columns."""

    kind: ClassVar[str] = "source"
    name: str
    predicate: Predicate | None = None
    columns: tuple[TableColumn, ...] = ()
    unknown: bool = False
