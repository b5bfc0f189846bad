"""The fields that a search reads where no row has them, found stage by stage."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from itertools import takewhile

from rulescope import ir
from rulescope.analysis.field_reads import stage_conditions, stage_values
from rulescope.analysis.stage_fields import stage_fields
from rulescope.engines.sql.context import ModelSource
from rulescope.engines.sql.dialect import DIALECTS
from rulescope.hunt.absent_conditions import AbsenceReader, FieldUse, Weight
from rulescope.hunt.field_knowledge import FieldKnowledge
from rulescope.hunt.routing import first_conditions
from rulescope.hunt.row_fields import Roots, RowFields
from rulescope.hunt.simplify import ROW_FILTERS
from rulescope.ir import stages
from rulescope.ir.json_form import stage_predicate
from rulescope.ir.stages import SequenceStep
from rulescope.ir.walk import walk
from rulescope.text import Span


@dataclass(frozen=True, slots=True)
class EventSource:
    """A place where a search takes in events: the kinds that it can read there, and the stages that choose them, or the
    `step` of a sequence."""

    kinds: int
    stages: tuple[ir.Stage, ...] = ()
    step: SequenceStep | None = None

    @property
    def conditions(self) -> tuple[ir.Predicate, ...]:
        """What events must meet there."""
        found = [stage_predicate(stage) for stage in self.stages]
        if self.step is not None:
            found += [self.step.category_condition, self.step.predicate]
        return tuple(one for one in found if one is not None)


@dataclass(frozen=True, slots=True)
class CutPattern:
    """A pattern of names (`user*`), and the fields that it would take in, had they been kept."""

    text: str
    dropped: tuple[str, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class FieldReading:
    """What a search reads: every use of a field that no row has, in the order of the stages, where its events are
    from, and the patterns of names that would take in fields which could not be kept."""

    uses: tuple[FieldUse, ...]
    sources: tuple[EventSource, ...]
    patterns: tuple[CutPattern, ...] = ()


def read_fields(pipeline: ir.Pipeline, known: FieldKnowledge, models: ModelSource | None) -> FieldReading:
    """The fields that a search reads where no row has them, and its sources."""
    dialect = DIALECTS.get(pipeline.language)
    reader = _Walk(known, models, removes_known=dialect is not None and dialect.removes_known)
    reader.pipeline(pipeline)
    return FieldReading(tuple(reader.uses), tuple(reader.sources), tuple(reader.patterns))


@dataclass(slots=True)
class _Walk:
    known: FieldKnowledge
    models: ModelSource | None
    removes_known: bool = False
    uses: list[FieldUse] = field(default_factory=list)
    sources: list[EventSource] = field(default_factory=list)
    patterns: list[CutPattern] = field(default_factory=list)

    def pipeline(self, pipeline: ir.Pipeline, rows: RowFields | None = None) -> RowFields:
        """Follows a pipeline: over events, or over the `rows` that are given."""
        if rows is None:
            rows = RowFields(self.known, 0, nothing=True) if pipeline.generating else self._events(pipeline)
        for stage in pipeline.stages:
            special = _SPECIAL.get(type(stage))
            if special is not None:
                special(self, stage, rows)
            else:
                self.stage(stage, rows)
        return rows

    def _events(self, pipeline: ir.Pipeline) -> RowFields:
        kinds = first_conditions(pipeline, self.known.possible)
        filters = tuple(takewhile(lambda stage: isinstance(stage, ROW_FILTERS), pipeline.stages))
        self.sources.append(EventSource(kinds, filters))
        return RowFields(self.known, kinds)

    def stage(self, stage: ir.Stage, rows: RowFields) -> None:
        """Reads a stage that takes rows and gives rows."""
        for condition in stage_conditions(stage):
            self.uses += AbsenceReader(stage, rows, self.pipeline).condition(condition)
        self._cut_patterns(stage, rows)
        rows.after(stage, self.values(stage, rows))

    def _cut_patterns(self, stage: ir.Stage, rows: RowFields) -> None:
        if not self.known.dropped:
            return
        fields = stage_fields(stage)
        names = {*fields.reads, *(fields.keeps or ())} - set(fields.writes)
        if isinstance(stage, stages.Foreach):
            names |= {one.name for one in stage.fields if isinstance(one, ir.FieldReference)}
        spans = {node.name: node.span for node in walk(stage) if isinstance(node, ir.FieldReference)}
        for name in sorted(one for one in names if "*" in one):
            if dropped := rows.dropped_like(name):
                self.patterns.append(CutPattern(name, dropped, spans.get(name, stage.span)))

    def values(self, stage: ir.Stage, rows: RowFields) -> Mapping[str, Roots]:
        """Reads the values that a stage computes; which of its fields have none, and why."""
        roots: dict[str, Roots] = {}
        for one in stage_values(stage):
            absent, uses = AbsenceReader(stage, rows, self.pipeline).value(one.expression)
            foreseen = one.foreseen and not (self.removes_known and isinstance(stage, stages.Fields))
            most = Weight.SPARE if foreseen else Weight.DECIDES if one.decides else Weight.SHOWS
            self.uses += [replace(use, weight=min(use.weight, most)) for use in uses]
            why = tuple(use.field for use in uses if use.weight is Weight.DECIDES) if absent else ()
            for target in one.targets:
                roots[target] = roots.get(target) or why
                if isinstance(stage, stages.Eval):
                    rows.made[target] = roots[target] = why
        return roots

    def names(self, names: Mapping[str, Span], rows: RowFields) -> None:
        """Reads fields that rows are told apart by."""
        for name, span in names.items():
            self.uses += [FieldUse(root) for root in rows.absent(name, span)]

    def merged(
        self, stage: stages.Append | stages.Union | stages.MultiSearch | stages.SetOperation, rows: RowFields
    ) -> None:
        for pipeline in (stage.pipeline,) if isinstance(stage, stages.Append) else stage.pipelines:
            rows.merge(self.pipeline(pipeline))
        rows.open = rows.open or bool(getattr(stage, "names", ()))

    def append_pipe(self, stage: stages.AppendPipe, rows: RowFields) -> None:
        rows.merge(self.pipeline(stage.pipeline, rows.copy()))

    def join(self, stage: stages.Join, rows: RowFields) -> None:
        other = self.pipeline(stage.pipeline)
        if stage.left is None:
            self.names({left: stage.span for left, _ in stage.fields}, rows)
            self.names({right: stage.span for _, right in stage.fields}, other)
        rows.join(other)
        rows.open = rows.open or stage.left is not None

    def append_columns(self, stage: stages.AppendCols, rows: RowFields) -> None:
        rows.join(self.pipeline(stage.pipeline))

    def table_statistics(self, stage: stages.TStats, rows: RowFields) -> None:
        if stage.model is None:
            events = RowFields(self.known, self.known.possible(stage.where))
            self.sources.append(EventSource(events.kinds, (stage,)))
        else:
            events = self._model(stage.model, stage.node)
            # The condition may name another data set of the model.
            events.open = events.open or any(
                isinstance(one, ir.Compare) and one.field == "nodename" for one in walk(stage.where)
            )
        self.stage(stage, events)
        events.open = events.open or stage.prestats or stage.append
        rows.merge(events)

    def data_model(self, stage: stages.DataModel, rows: RowFields) -> None:
        rows.merge(self._model(stage.model or "", stage.node))

    def data_set(self, stage: stages.From, rows: RowFields) -> None:
        if stage.dataset_kind.lower() == "datamodel":
            model, _, node = stage.name.partition(".")
            rows.merge(self._model(model, node or None))
        else:
            rows.open = True

    def _model(self, model: str, node: str | None) -> RowFields:
        found = self.models.data_set(model, node) if self.models is not None else None
        if found is None:
            return RowFields(self.known, 0, open=True)
        return RowFields(self.known, self.known.possible(found.condition), model=found)

    def sequence(self, stage: stages.Sequence, rows: RowFields) -> None:
        for step in (*stage.steps, *((stage.until,) if stage.until is not None else ())):
            parts = tuple(one for one in (step.category_condition, step.predicate) if one is not None)
            if parts:
                self.uses += AbsenceReader(stage, rows, self.pipeline).condition(ir.And(parts))
            keys = [one for one in (*stage.by, *step.by) if isinstance(one, ir.FieldReference)]
            needed = {one.name: one.span for one in keys if one.name not in stage.optional_by}
            held = rows.copy()
            if not rows.moved and parts:
                held.kinds &= self.known.possible(ir.And(parts))
                self.sources.append(EventSource(held.kinds, step=step))
            self.names(needed, held)
        rows.open = True

    def threat_match(self, stage: stages.ThreatMatch, rows: RowFields) -> None:
        """Each group of fields can agree with an indicator, for itself."""
        found = [
            [FieldUse(root) for name, _ in group for root in rows.absent(name, stage.span)] for group in stage.mappings
        ]
        alive = not all(found)
        for uses in found:
            self.uses += [replace(use, weight=Weight.SPARE) for use in uses] if alive else uses
        rows.open = True

    def correlation(self, stage: stages.Correlation, rows: RowFields) -> None:
        aliases = {(alias, rule): name for alias, rule, name in stage.aliases}
        asked = (*stage.group_by, *((stage.field,) if stage.field else ()), *stage.more_fields)
        for rule, pipeline in zip(stage.rules, stage.pipelines, strict=False):
            hits = self.pipeline(pipeline)
            self.names({aliases.get((name, rule), name): stage.span for name in asked}, hits)
        rows.open = True


_SPECIAL: dict[type[ir.Stage], Callable[..., None]] = {
    **dict.fromkeys((stages.Append, stages.Union, stages.MultiSearch, stages.SetOperation), _Walk.merged),
    stages.AppendPipe: _Walk.append_pipe,
    stages.Join: _Walk.join,
    stages.AppendCols: _Walk.append_columns,
    stages.TStats: _Walk.table_statistics,
    stages.DataModel: _Walk.data_model,
    stages.From: _Walk.data_set,
    stages.Sequence: _Walk.sequence,
    stages.ThreatMatch: _Walk.threat_match,
    stages.Correlation: _Walk.correlation,
}

__all__ = ["EventSource", "FieldReading", "read_fields"]
