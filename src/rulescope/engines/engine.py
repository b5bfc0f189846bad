"""What every engine is to those who run rules: it plans a pipeline, or refuses it, and a plan runs and explains itself.

An engine is made for one search: it knows the events, the language and the options. It may refuse, naming the stage; it
may not guess.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from rulescope import ir

Support = Literal["simple", "lowered", "unsupported"]
"""How an engine runs a part of a language: as it stands, said in other words because the engine lacks it, or not."""
Part = Literal["stage", "command", "function", "operation", "form"]
"""What a language is made of: classes of stages, commands without a class of their own, functions, and the operations
of the tree. Under these, what plans are made of: forms of SQL."""


@dataclass(frozen=True, slots=True)
class SupportTable:
    """How an engine runs each part of a language. What is not in it is unsupported."""

    parts: Mapping[tuple[Part, str], Support] = field(default_factory=dict)

    def of(self, part: Part, name: str) -> Support:
        """The support of one part, a stage by the name of its class."""
        return self.parts.get((part, name), "unsupported")

    def names(self, part: Part, support: Support) -> Iterator[str]:
        """The names of all parts of a kind that have this support, sorted."""
        return iter(sorted(name for (kind, name), found in self.parts.items() if kind == part and found == support))


@dataclass(frozen=True, slots=True)
class Found:
    """The rows of a search, in order, and its fields.

    A row has a key for each field that has a value; several values are a list; numbers that the search computed are
    numbers, values from logs text; truth values are `true` and `false`; times are epoch seconds, and `moments` are the
    fields that hold them by their type. `truncated` tells that there were more rows than were asked for.
    """

    fields: tuple[str, ...]
    rows: tuple[dict[str, Any], ...]
    truncated: bool = False
    moments: frozenset[str] = frozenset()


class Plan(Protocol):
    """What an engine will do for a pipeline."""

    def run(self, most_rows: int = 0) -> Found:
        """The rows; at most so many, or all (0). Raises `LimitError` where a bound was reached, `ExecutionError` where
        the engine failed; an engine that looks at rows while it runs may raise `Refusal` here, too."""

    def explain(self) -> str:
        """What will be done, as text: statements of a database, or a list of stages."""


class Engine(Protocol):
    """An engine over the events of one search."""

    @property
    def name(self) -> str:
        """What it is called on the command line."""

    def plan(self, pipeline: ir.Pipeline) -> Plan:
        """The plan. Raises `Refusal` with stage and place for what the engine can't run."""

    def support(self) -> SupportTable:
        """How the engine runs each part of the language."""
