"""Walks a rule's pipelines, stage by stage, following where fields come from and reading every condition."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import cast

from rulescope.analysis.conditions import ConditionReader
from rulescope.analysis.explain_words import group_names
from rulescope.analysis.findings import COMPUTED, Branch, Finding, Lineage, Origin, match_pattern
from rulescope.analysis.outcomes import counted
from rulescope.analysis.stage_fields import IP_LOCATION_FIELDS
from rulescope.ir import (
    Call,
    ComparisonKind,
    Constant,
    Expression,
    FieldReference,
    MacroCall,
    Pipeline,
    Rule,
    Stage,
    Subsearch,
)
from rulescope.ir import stages as st
from rulescope.ir.json_form import stage_pipelines, value_text
from rulescope.ir.walk import children, walk
from rulescope.text import Span

# Statistics whose result is a value that some event had.
_VALUE_KEEPING = frozenset({"values", "list", "first", "last", "earliest", "latest", "mode"})
_COUNTING = frozenset({"count", "c", "sum", "dc", "distinct_count", "max"})


class RuleReading:
    """What a rule's expanded pipeline looks for and uses: `findings`, `fields`, `data_models`, `lookups`, in order."""

    def __init__(
        self,
        rule: Rule,
        data_sets: Callable[[str], bool],
        macro_fields: Callable[[str, int], tuple[str, ...]],
    ) -> None:
        """Reads the rule.

        `data_sets` tells whether a name is that of a data set of a data model (`Processes`), `macro_fields` which
        fields a macro without a body makes.
        """
        self._macro_fields = macro_fields if rule.unknown_macros else None
        self._starts = [stage.span.start for stage in rule.pipeline.stages]
        # Stages need not stand in the text in the order in which they run.
        self._numbers = {id(stage): number for number, stage in enumerate(rule.pipeline.stages, 1)}
        self._blocks: list[tuple[Span, int]] = []
        self._data_sets = data_sets
        self.data_models: dict[str, None] = {}
        self.lookups: dict[str, None] = {}
        self._nodes: set[str] = set()
        self._conditions = ConditionReader(self._field_name, self._subsearch)
        self.walk_pipeline(rule.expanded, Lineage(), outermost=True)
        self.findings: list[Finding] = self._conditions.found
        self.fields: dict[str, None] = self._conditions.fields

    def walk_pipeline(
        self,
        pipeline: Pipeline,
        lineage: Lineage,
        negative: bool = False,
        branch: Branch = None,
        outermost: bool = False,
    ) -> Lineage:
        """Reads a pipeline that starts with these fields; the fields it ends with."""
        conditions = self._conditions
        before = conditions.lineage
        conditions.lineage = lineage
        for stage in pipeline.stages:
            if outermost:
                written = self._numbers.get(id(stage))
                conditions.stage = written or max(bisect_right(self._starts, stage.span.start), 1)
            self._stage(stage, negative, branch)
        ended = conditions.lineage
        conditions.lineage = before
        return ended

    # -- one stage -----------------------------------------------------------------------------------------------

    def _stage(self, stage: Stage, negative: bool, branch: Branch) -> None:
        reader = _READERS.get(type(stage))
        if reader is not None:
            reader(self, stage, negative, branch)
        else:
            for pipeline in stage_pipelines(stage):
                self._merge(self.walk_pipeline(pipeline, Lineage(), negative, branch))
        if self._macro_fields is not None:
            for node in children(stage):
                if isinstance(node, MacroCall):
                    self._make(*self._macro_fields(node.name, len(node.arguments)))

    def _filter(self, stage: Stage, negative: bool, branch: Branch) -> None:
        predicate = getattr(stage, "predicate", None)
        if predicate is not None:
            self._conditions.predicate(predicate, negative, branch)

    def _block(self, stage: st.Block, negative: bool, branch: Branch) -> None:
        self._blocks.append((stage.span, self._conditions.stage))

    def _where(self, stage: st.Where, negative: bool, branch: Branch) -> None:
        """A condition over named blocks: what stands in a block is that block's, with the sign of the condition."""
        found = self._conditions.found
        before = len(found)
        self._filter(stage, negative, branch)
        if self._blocks:
            found[before:] = [replace(one, stage=self._block_at(one)) for one in found[before:]]

    def _block_at(self, finding: Finding) -> int:
        for span, number in self._blocks:
            if span.start <= finding.span.start and finding.span.end <= span.end:
                return number
        return finding.stage

    def _correlation(self, stage: st.Correlation, negative: bool, branch: Branch) -> None:
        for pipeline in stage.pipelines:
            self.walk_pipeline(pipeline, Lineage(), negative, branch)
        for name in (*stage.group_by, stage.field):
            if name and name not in {alias for alias, _, _ in stage.aliases}:
                self._conditions.note_fields(FieldReference(name))
        what = stage.field if stage.field is not None else "count"
        for kind, number in stage.conditions:
            self._conditions.found.append(
                Finding(
                    "threshold",
                    what,
                    what,
                    "eq" if kind == "ne" else cast(ComparisonKind, kind),
                    value_text(number),
                    False,
                    kind == "ne",
                    self._conditions.stage,
                    stage.span,
                )
            )

    def _sequence(self, stage: st.Sequence, negative: bool, branch: Branch) -> None:
        """What each event of a sequence has to be; of events that must not occur, what they would be."""
        for item in stage.by:
            self._conditions.note_fields(item)
        for step in (*stage.steps, *((stage.until,) if stage.until is not None else ())):
            turned = negative ^ (step.missing or step is stage.until)
            for item in step.by:
                self._conditions.note_fields(item)
            for predicate in (step.category_condition, step.predicate):
                if predicate is not None:
                    self._conditions.predicate(predicate, turned, branch)

    def _threshold(self, stage: st.Threshold, negative: bool, branch: Branch) -> None:
        self._at_least(stage, "count", stage.count)
        for name, number in stage.cardinality:
            self._conditions.note_fields(FieldReference(name))
            self._at_least(stage, f"dc({name})", number)
        for name in stage.fields:
            self._conditions.note_fields(FieldReference(name))

    def _machine_learning(self, stage: st.MachineLearning, negative: bool, branch: Branch) -> None:
        self._at_least(stage, "anomaly_score", stage.threshold)

    def _at_least(self, stage: Stage, what: str, number: int) -> None:
        number_of = self._conditions.stage
        self._conditions.found.append(
            Finding("threshold", what, what, "ge", value_text(number), False, False, number_of, stage.span)
        )

    def _looks_at(self, stage: st.NewTerms | st.Suppress, negative: bool, branch: Branch) -> None:
        for name in stage.by if isinstance(stage, st.Suppress) else stage.fields:
            self._conditions.note_fields(FieldReference(name))

    def _threat_match(self, stage: st.ThreatMatch, negative: bool, branch: Branch) -> None:
        # Its condition is about the indicators' documents, not about the rule's events.
        for group in stage.mappings:
            for name, _ in group:
                self._conditions.note_fields(FieldReference(name))
        for index in stage.indexes:
            self.lookups[index] = None

    def _command(self, stage: st.Command, negative: bool, branch: Branch) -> None:
        for argument in stage.arguments:
            if argument.name == "output" and isinstance(argument.value, str):
                # What a pattern finds is text of the event, under the name that the rule gives it.
                self._conditions.lineage.known[argument.value] = Origin((argument.value,))
            elif isinstance(argument.value, Pipeline):
                self._merge(
                    self.walk_pipeline(argument.value, self._conditions.lineage.copy(), negative, branch)
                    if stage.name == "fork"
                    else self.walk_pipeline(argument.value, Lineage(), negative, branch)
                )

    def _table_source(self, stage: st.InputLookup, negative: bool, branch: Branch) -> None:
        self.lookups[stage.name] = None
        if stage.where is not None:
            self._conditions.predicate(stage.where, negative, branch)

    def _tstats(self, stage: st.TStats, negative: bool, branch: Branch) -> None:
        self._note_model(stage.model, stage.node)
        if stage.where is not None:
            self._conditions.predicate(stage.where, negative, branch)
        self._grouped(stage.aggregates, stage.by, keep=False)

    def _from(self, stage: st.From, negative: bool, branch: Branch) -> None:
        if stage.dataset_kind == "datamodel":
            model, _, node = stage.name.partition(".")
            self._note_model(model, node or None)
        elif stage.dataset_kind in ("lookup", "inputlookup"):
            self.lookups[stage.name] = None

    def _datamodel(self, stage: st.DataModel, negative: bool, branch: Branch) -> None:
        self._note_model(stage.model, stage.node)

    def _note_model(self, model: str | None, node: str | None) -> None:
        if model:
            self.data_models[f"{model}.{node}" if node else model] = None
            self._nodes.add(model)
            self._nodes.update((node or "").split("."))

    def _stats(self, stage: st.Stats, negative: bool, branch: Branch) -> None:
        self._grouped(stage.aggregates, stage.by, keep=False)

    def _event_stats(self, stage: st.EventStats | st.StreamStats, negative: bool, branch: Branch) -> None:
        self._grouped(stage.aggregates, stage.by, keep=True)

    def _chart(self, stage: st.Chart | st.TimeChart, negative: bool, branch: Branch) -> None:
        over = getattr(stage, "over", None)
        by = [FieldReference(one.field) for one in (over, stage.by) if one is not None]
        self._grouped(stage.aggregates, by, keep=False)

    def _grouped(
        self, aggregates: Iterable[st.Aggregate | MacroCall], by: Iterable[FieldReference | MacroCall], keep: bool
    ) -> None:
        conditions = self._conditions
        old = conditions.lineage
        new = old.copy() if keep else Lineage(patterns=old.patterns)
        for item in by:
            if isinstance(item, FieldReference):
                conditions.note_fields(item)
                name = self._field_name(item.name)
                if not keep and name in old.known:
                    new.known[name] = old.known[name]
        for aggregate in aggregates:
            if isinstance(aggregate, st.Aggregate):
                self._aggregate(aggregate, old, new)
        conditions.lineage = new

    def _aggregate(self, aggregate: st.Aggregate, old: Lineage, new: Lineage) -> None:
        conditions = self._conditions
        argument = aggregate.argument
        written = aggregate.result_name
        if not written:
            inside = argument.name if isinstance(argument, FieldReference) else ""
            written = f"{aggregate.function}({inside})" if inside else aggregate.function
        if isinstance(argument, FieldReference) and "*" in argument.name:
            if aggregate.function in _VALUE_KEEPING and "*" in written:
                source, target = self._field_name(argument.name), self._field_name(written)
                if source == target or (source, target) == ("*", "*"):
                    new.known |= {
                        name: origin
                        for name, origin in old.known.items()
                        if match_pattern(source, name) is not None and name not in new.known
                    }
                elif target != "*":
                    new.patterns = ((target, source), *new.patterns)
            return
        origin = COMPUTED
        if argument is not None:
            origin = self._result_origin(aggregate, argument)
        conditions.lineage = old
        name = self._field_name(written)
        if origin.fields == (name,) and not origin.folded and not origin.outcomes:
            new.known.pop(name, None)
        else:
            new.known[name] = origin

    def _result_origin(self, aggregate: st.Aggregate, argument: Expression) -> Origin:
        conditions = self._conditions
        if aggregate.function in _VALUE_KEEPING:
            return conditions.origin(argument)
        if aggregate.function in _COUNTING and aggregate.computed:
            if isinstance(argument, Call) and argument.function in ("if", "case"):
                reached = [one for one in conditions.origin(argument).outcomes if one.value not in (None, 0, "0")]
                return counted(tuple(finding for one in reached for finding in one.findings))
            return counted(conditions.aside(argument))
        if aggregate.function in ("sum", "max", "min") and isinstance(argument, FieldReference):
            # A sum or a maximum of a flag: above nought, the flag was raised in some row.
            outcomes = conditions.origin(argument).outcomes
            reached = [one for one in outcomes if one.value not in (None, 0, "0")]
            if reached:
                return counted(tuple(finding for one in reached for finding in one.findings))
            return COMPUTED
        conditions.note_fields(argument)
        return COMPUTED

    def _eval(self, stage: st.Eval | st.FieldFormat, negative: bool, branch: Branch) -> None:
        for assignment in stage.assignments:
            if isinstance(assignment, st.Assignment):
                self._note_subsearches(assignment.expression, negative, branch)
                origin = self._conditions.origin(assignment.expression)
                if not isinstance(stage, st.FieldFormat):
                    self._set(assignment.target, origin)

    def _note_subsearches(self, expression: Expression, negative: bool, branch: Branch) -> None:
        if isinstance(expression, FieldReference | Constant):
            return
        for node in walk(expression):
            if isinstance(node, Subsearch):
                self._subsearch(node.pipeline, negative, branch)

    def _rename(self, stage: st.Rename, negative: bool, branch: Branch) -> None:
        lineage = self._conditions.lineage
        moved: dict[str, Origin] = {}
        for renaming in stage.renamings:
            source, target = self._field_name(renaming.source), self._field_name(renaming.target)
            if "*" in source:
                if source != target and target != "*" and source.count("*") == target.count("*"):
                    lineage.patterns = ((target, source), *lineage.patterns)
                continue
            if source == target:
                continue
            moved[target] = lineage.of(source)
            self._conditions.note_fields(FieldReference(source))
            lineage.known.pop(source, None)
        for target, origin in moved.items():
            self._set(target, origin)

    def _rex(self, stage: st.Rex, negative: bool, branch: Branch) -> None:
        if stage.field != "_raw":
            self._conditions.note_fields(FieldReference(stage.field))
        # What an extraction finds is text of the event, under the name that the rule gives it.
        for name in [] if stage.sed else group_names(stage.pattern):
            self._conditions.lineage.known[name] = Origin((name,))

    def _lookup(self, stage: st.Lookup, negative: bool, branch: Branch) -> None:
        self.lookups[stage.name] = None
        for key in stage.keys:
            self._conditions.note_fields(FieldReference(key.event_field))
        # Columns of a table are neither of the event nor computed: they keep their own names.
        for output in stage.outputs:
            self._conditions.lineage.known[output.event_field] = Origin((output.event_field,))

    def _ip_location(self, stage: st.IpLocation, negative: bool, branch: Branch) -> None:
        self._conditions.note_fields(FieldReference(stage.field))
        for name in IP_LOCATION_FIELDS:
            self._conditions.lineage.known[stage.prefix + name] = Origin((stage.prefix + name,))

    def _top(self, stage: st.Top, negative: bool, branch: Branch) -> None:
        self._grouped((), (*stage.fields, *stage.by), keep=False)
        self._make(stage.count_field, stage.percent_field)

    def _transaction(self, stage: st.Transaction, negative: bool, branch: Branch) -> None:
        found = self._conditions.found
        before = len(found)
        for predicate in (stage.starts_with, stage.ends_with):
            if predicate is not None:
                self._conditions.predicate(predicate, negative, branch)
        # A condition in quotes is a text of its own: its places are not the query's.
        found[before:] = [
            one if stage.span.union(one.span) == stage.span else replace(one, span=stage.span) for one in found[before:]
        ]
        self._make("duration", "eventcount")

    def _event_count(self, stage: st.EventCount, negative: bool, branch: Branch) -> None:
        self._make("count")

    def _alias(self, stage: Stage, negative: bool, branch: Branch) -> None:
        source: str = getattr(stage, "field", "")
        self._conditions.note_fields(FieldReference(source))
        target = getattr(stage, "alias", None)
        if isinstance(stage, st.Bucket):
            if target:
                self._set(target, self._conditions.lineage.of(self._field_name(source)))
        else:
            self._make(target or (f"delta({source})" if isinstance(stage, st.Delta) else source))

    def _add_totals(self, stage: st.AddTotals, negative: bool, branch: Branch) -> None:
        self._make(stage.row_field)

    def _convert(self, stage: st.Convert, negative: bool, branch: Branch) -> None:
        for conversion in stage.conversions:
            if "*" not in conversion.field and conversion.alias:
                self._set(conversion.alias, self._conditions.lineage.of(self._field_name(conversion.field)))

    def _range_map(self, stage: st.RangeMap, negative: bool, branch: Branch) -> None:
        self._make("range")

    def _concurrency(self, stage: st.Concurrency, negative: bool, branch: Branch) -> None:
        self._make(stage.output)

    def _fields_kept(self, stage: st.Table | st.Fields | st.Dedup, negative: bool, branch: Branch) -> None:
        for item in stage.fields:
            if isinstance(item, FieldReference) and "*" not in item.name:
                self._conditions.note_fields(item)

    def _set_fields(self, stage: st.SetFields, negative: bool, branch: Branch) -> None:
        self._make(*(name for name, _ in stage.values))

    def _foreach(self, stage: st.Foreach, negative: bool, branch: Branch) -> None:
        if stage.pipeline is not None:
            ended = self.walk_pipeline(stage.pipeline, self._conditions.lineage.copy(), negative, branch)
            for inner in stage.pipeline.stages:
                for assignment in inner.assignments if isinstance(inner, st.Eval) else ():
                    # Made of many fields by a template: it can only go by its own name.
                    if isinstance(assignment, st.Assignment) and "<<" not in assignment.target:
                        ended.known[assignment.target] = Origin((assignment.target,))
            self._merge(ended)

    def _map(self, stage: st.Map, negative: bool, branch: Branch) -> None:
        if stage.pipeline is None:
            return
        found = self._conditions.found
        before = len(found)
        self._merge(self.walk_pipeline(stage.pipeline, Lineage(), negative, branch))
        # The template is a text of its own: its places are not the query's. `$field$` is a value of the row before.
        found[before:] = [
            replace(one, span=stage.span)
            for one in found[before:]
            if not (len(one.value) > 2 and one.value[0] == one.value[-1] == "$")
        ]

    def _append_pipe(self, stage: st.AppendPipe, negative: bool, branch: Branch) -> None:
        self._merge(self.walk_pipeline(stage.pipeline, self._conditions.lineage.copy(), negative, branch))

    def _head(self, stage: st.Head, negative: bool, branch: Branch) -> None:
        if stage.condition is not None:
            self._conditions.expression(stage.condition, negative, branch)

    # -- shared --------------------------------------------------------------------------------------------------

    def _subsearch(self, pipeline: Pipeline, negative: bool, branch: Branch) -> None:
        self.walk_pipeline(pipeline, Lineage(), negative, branch)

    def _merge(self, ended: Lineage) -> None:
        known = self._conditions.lineage.known
        for name, origin in ended.known.items():
            known.setdefault(name, origin)

    def _set(self, target: str, origin: Origin) -> None:
        name = self._field_name(target)
        if origin.fields == (name,) and not origin.outcomes and not origin.folded:
            self._conditions.lineage.known.pop(name, None)
        else:
            self._conditions.lineage.known[name] = origin

    def _make(self, *names: str) -> None:
        for name in names:
            self._conditions.lineage.known[name] = COMPUTED

    def _field_name(self, written: str) -> str:
        """A field's name without the data model's nodes before it (`Processes.process`, `All_Traffic.dest`)."""
        if not self._nodes or "." not in written:
            return written
        name = written
        while True:
            first, dot, rest = name.partition(".")
            if not dot or not rest or (first not in self._nodes and not self._data_sets(first)):
                return name
            name = rest


def macro_at(rule: Rule, span: Span) -> str | None:
    """The name of the macro whose call stands at a span of the written text; None where there is no call.

    What a macro's body holds has the span of the call, and nothing else begins with a backtick.
    """
    text = rule.source.text
    if not text.startswith("`", span.start):
        return None
    return text[span.start : span.end].strip("`").partition("(")[0].strip()


_Reader = Callable[..., None]
_READERS: dict[type[Stage], _Reader] = {
    st.Search: RuleReading._filter,
    st.Where: RuleReading._where,
    st.Block: RuleReading._block,
    st.Correlation: RuleReading._correlation,
    st.Sequence: RuleReading._sequence,
    st.Threshold: RuleReading._threshold,
    st.MachineLearning: RuleReading._machine_learning,
    st.NewTerms: RuleReading._looks_at,
    st.Suppress: RuleReading._looks_at,
    st.ThreatMatch: RuleReading._threat_match,
    st.Command: RuleReading._command,
    st.Regex: RuleReading._filter,
    st.MetaSearch: RuleReading._filter,
    st.TStats: RuleReading._tstats,
    st.InputLookup: RuleReading._table_source,
    st.InputCsv: RuleReading._table_source,
    st.From: RuleReading._from,
    st.DataModel: RuleReading._datamodel,
    st.Stats: RuleReading._stats,
    st.EventStats: RuleReading._event_stats,
    st.StreamStats: RuleReading._event_stats,
    st.Chart: RuleReading._chart,
    st.TimeChart: RuleReading._chart,
    st.IpLocation: RuleReading._ip_location,
    st.Top: RuleReading._top,
    st.Transaction: RuleReading._transaction,
    st.EventCount: RuleReading._event_count,
    st.Eval: RuleReading._eval,
    st.FieldFormat: RuleReading._eval,
    st.Rename: RuleReading._rename,
    st.Rex: RuleReading._rex,
    st.Lookup: RuleReading._lookup,
    st.Bucket: RuleReading._alias,
    st.Accum: RuleReading._alias,
    st.Delta: RuleReading._alias,
    st.AddTotals: RuleReading._add_totals,
    st.Convert: RuleReading._convert,
    st.RangeMap: RuleReading._range_map,
    st.Concurrency: RuleReading._concurrency,
    st.SetFields: RuleReading._set_fields,
    st.Table: RuleReading._fields_kept,
    st.Fields: RuleReading._fields_kept,
    st.Dedup: RuleReading._fields_kept,
    st.Foreach: RuleReading._foreach,
    st.AppendPipe: RuleReading._append_pipe,
    st.Map: RuleReading._map,
    st.Head: RuleReading._head,
}
