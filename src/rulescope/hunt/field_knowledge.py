"""What has to be known of a load to tell whether it has a field, and as much of it as the names of its fields tell."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

from rulescope import ir
from rulescope.engines.sql.schema import name_pattern
from rulescope.knowledge.derivation import raw_fields
from rulescope.knowledge.derivation_value import evaluate
from rulescope.knowledge.field_rule import FieldRule

if TYPE_CHECKING:
    from rulescope.logs import EventStore

RulesOf = Callable[[str], Sequence[FieldRule]]
"""The rules by which a vocabulary derives a field."""


class FieldKnowledge(Protocol):
    """What tells whether a load may have a field."""

    def possible(self, predicate: ir.Predicate | None, seen: dict[int, int] | None = None) -> int:
        """The kinds of which some event may meet the condition."""

    def lacking(self, name: str, kinds: int) -> int:
        """Those of the kinds of which no event can have the field."""

    def like(self, pattern: str, kinds: int) -> Iterator[str]:
        """The fields whose names fit the pattern and that some event of the kinds may have."""

    def left_out(self, name: str) -> str | None:
        """The field itself, or one that it is made of, where events have it and it could not be kept; else None."""

    @property
    def dropped(self) -> Collection[str]:
        """The fields that events have and that could not be kept."""


class LoadedFields:
    """The fields of a load without a look at its events: they count as one kind, that has every field of the load and
    all that some rule makes of these. What is absent here may be known to the log's schema."""

    def __init__(self, store: EventStore, rules_of: RulesOf) -> None:
        self.dropped: Collection[str] = store.dropped
        self._names = frozenset(name for column in store.columns for name in (column.name, plain_name(column.name)))
        self._rules_of = rules_of

    def possible(self, predicate: ir.Predicate | None, seen: dict[int, int] | None = None) -> int:
        """The one kind."""
        return 1

    def lacking(self, name: str, kinds: int) -> int:
        """The one kind, where the load has neither the field nor anything that it is made of."""
        if name in self._names or any(_is_made(rule, self._names) for rule in self._rules_of(name)):
            return 0
        return kinds

    def like(self, pattern: str, kinds: int) -> Iterator[str]:
        """The load's own fields of such names; what is derived needs a look at the events."""
        return filter(name_pattern(pattern).fullmatch, self._names)

    def left_out(self, name: str) -> str | None:
        """As `KnownFields.left_out`."""
        return left_out(name, self.dropped, self._rules_of)


def left_out(name: str, dropped: Collection[str], rules_of: RulesOf) -> str | None:
    """The field itself, or one that it is made of, where it is among those that were dropped; else None."""
    if not dropped:
        return None
    if name in dropped:
        return name
    made_of = (raw for rule in rules_of(name) for raw in raw_fields(rule.form))
    return next((raw for raw in made_of if raw in dropped), None)


def plain_name(name: str) -> str:
    """A list's name without braces."""
    return name.replace("{}", "")


def _is_made(rule: FieldRule, names: Collection[str]) -> bool:
    return not raw_fields(rule.form).isdisjoint(names) or evaluate(rule.form, {}) is not None
