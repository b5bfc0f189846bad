"""What the readers of stages are given, and speak to: the reading of the rule up to their stage."""

from __future__ import annotations

from typing import Protocol

from rulescope.analysis.conditions import ConditionCollector
from rulescope.analysis.findings import Branch, Lineage, ValueOrigin
from rulescope.ir import Pipeline
from rulescope.text import Span


class ReadingSoFar(Protocol):
    """A reading of a rule (`analysis.pipeline_walk.RuleReading`) that has come to a stage.

    `blocks` are the named blocks before it, each with the number of its stage; `lookups` the tables that were named.
    """

    conditions: ConditionCollector
    blocks: list[tuple[Span, int]]
    lookups: dict[str, None]

    def walk_pipeline(
        self, pipeline: Pipeline, lineage: Lineage, negative: bool = False, branch: Branch = None
    ) -> Lineage:
        """Reads a pipeline that starts with these fields; the fields it ends with."""

    def subsearch(self, pipeline: Pipeline, negative: bool, branch: Branch) -> None:
        """Reads a search inside the search, whose fields don't come out of it."""

    def merge(self, ended: Lineage) -> None:
        """Takes over the fields of rows that were added, where none of the name are there."""

    def set_field(self, target: str, origin: ValueOrigin) -> None:
        """From here on, the field has that origin."""

    def make(self, *names: str) -> None:
        """From here on, the fields hold what the rule itself computed."""

    def note_model(self, model: str | None, node: str | None) -> None:
        """Notes that the rule looks at a data model's data set, whose name may stand before those of fields."""

    def field_name(self, written: str) -> str:
        """A field's name without the data model's nodes before it (`Processes.process`, `All_Traffic.dest`)."""
