"""What the Python functions of a connection are told, and what they tell."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rulescope.system.deadline import Deadline

if TYPE_CHECKING:
    from rulescope.engines.duckdb.functions.registry import GivenUp

_MOST_PATTERNS = 1000
_MOST_VALUES = 100_000
"""Patterns may come out of events: beyond so many, and so many values of each, they are not told apart any more."""


@dataclass(slots=True)
class Watch:
    """What the functions of a connection are told and tell: when the search has to end, and the values on which each
    pattern was given up, as hashes."""

    deadline: Deadline = field(default_factory=Deadline)
    given_up: dict[str, set[int]] = field(default_factory=dict)

    def note(self, found: GivenUp) -> None:
        """Keeps a value that was given up."""
        values = self.given_up.get(found.pattern)
        if values is None:
            name = found.pattern if len(self.given_up) < _MOST_PATTERNS else ""
            values = self.given_up.setdefault(name, set())
        if len(values) < _MOST_VALUES:
            values.add(hash(found.text))
