"""The reference as an engine."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rulescope import ir
from rulescope.engines.engine import Found, Part, Support, SupportTable
from rulescope.engines.options import Options
from rulescope.engines.reference.interpreter import Reading
from rulescope.engines.reference.meaning import Meaning, meaning_of
from rulescope.engines.reference.table import RowTable
from rulescope.engines.reference.values import Duration, Moment, Row, number
from rulescope.errors import Refusal
from rulescope.ir import stages
from rulescope.ir.walk import walk
from rulescope.system.deadline import Deadline


@dataclass(frozen=True, slots=True)
class ReferencePlan:
    """A pipeline with all that is needed to read it row by row."""

    pipeline: ir.Pipeline
    reading: Reading

    def run(self, most_rows: int = 0) -> Found:
        """The rows. Raises `Refusal` where a row has what there is no reading of, `LimitError` where the time is up."""
        with self.reading.deadline:
            table = self.reading.run(self.pipeline)
        typed = self.reading.meaning.typed
        rows = [shown_row(row, typed) for row in (table.rows[:most_rows] if most_rows else table.rows)]
        return Found(_fields(table, self.pipeline), tuple(rows), bool(most_rows) and len(table.rows) > most_rows)

    def explain(self) -> str:
        """The stages, one a line."""
        return "\n".join(
            f"{number}. {ir.stage_kind(stage)}: {stage.text or type(stage).__name__}"
            for number, stage in enumerate(self.pipeline.stages, 1)
        )


@dataclass(frozen=True, slots=True)
class ReferenceEngine:
    """The reference over events, for one language (by the name of its dialect)."""

    language: str
    events: tuple[Row, ...]
    options: Options
    deadline: Deadline = field(default_factory=Deadline)
    name: str = "reference"

    def plan(self, pipeline: ir.Pipeline) -> ReferencePlan:
        """The plan. Raises `Refusal` for a stage, a function or an operation that there is no reading of."""
        meaning = meaning_of(self.language)
        for stage in _stages(pipeline):
            self._check(stage, meaning)
        if self.options.earliest is not None or self.options.latest is not None:
            raise Refusal("the reference has no reading of a time range", span=pipeline.span, code="RUN010")
        events = newest_first(self.events) if meaning.newest_first and self.options.order == "newest" else self.events
        return ReferencePlan(pipeline, Reading(meaning, self.options, events, self.deadline, {}, {}))

    def _check(self, stage: ir.Stage, meaning: Meaning) -> None:
        kind = ir.stage_kind(stage)
        if meaning.stage_reader(stage) is None:
            raise Refusal(f"the reference has no reading of '{kind}'", span=stage.span, stage=kind, code="RUN010")

    def support(self) -> SupportTable:
        """What there is a reading of."""
        meaning = meaning_of(self.language)
        found: dict[tuple[Part, str], Support] = {}
        for one in meaning.lineage():
            found |= dict.fromkeys((("stage", kind.__name__) for kind in one.stages), "simple")
            found |= dict.fromkeys((("command", name) for name in one.commands), "simple")
            found |= dict.fromkeys((("function", name) for name in one.functions), "simple")
            found |= dict.fromkeys((("operation", name) for name in one.operations), "simple")
        return SupportTable(found)


def newest_first(events: Sequence[Row]) -> tuple[Row, ...]:
    """Rows by their times, the newest first; of one time, the later in the input first. Those without come last, in
    the order of the input."""
    timed = [row for row in reversed(events) if number(row.get("_time")) is not None]
    untimed = [row for row in events if number(row.get("_time")) is None]
    return (*sorted(timed, key=lambda row: -(number(row["_time"]) or 0.0)), *untimed)


def _stages(pipeline: ir.Pipeline) -> Iterable[ir.Stage]:
    return (node for node in walk(pipeline) if isinstance(node, stages.Stage))


def _fields(table: RowTable, pipeline: ir.Pipeline) -> tuple[str, ...]:
    """The fields of the result: those of the table that the search ends with, or those that some row has."""
    last = pipeline.stages[-1] if pipeline.stages else None
    listed = (
        [item.name for item in last.fields if isinstance(item, ir.FieldReference)]
        if isinstance(last, stages.Table)
        else []
    )
    return tuple(dict.fromkeys([*(name for name in listed if "*" not in name), *table.names()]))


def shown_row(row: Mapping[str, Any], whole_lists: bool = False) -> Row:
    """A row as results show it; `whole_lists`: a list of one value stays one, and its nulls are shown."""
    shown = {
        name: [_in_list(item) for item in value] if whole_lists and isinstance(value, list) else _shown(value)
        for name, value in row.items()
    }
    return {name: value for name, value in shown.items() if value is not None}


def _in_list(item: Any) -> Any:
    """A value of a list; an object or a list inside is its JSON."""
    if isinstance(item, dict | list):
        return json.dumps(item, separators=(",", ":"), ensure_ascii=False)
    return _shown(item)


def _shown(value: Any) -> Any:
    if isinstance(value, Moment | Duration):
        value = value.seconds
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if not math.isfinite(value):
            return None
        return int(value) if value.is_integer() and abs(value) <= 2**53 else value
    if isinstance(value, list):
        kept = [_in_list(item) for item in value if item is not None]
        return kept[0] if len(kept) == 1 else kept
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False) if isinstance(value, dict) else value
