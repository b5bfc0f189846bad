"""Walks a rule's pipelines, stage by stage, following where fields come from and reading every condition."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable

from rulescope.analysis.conditions import ConditionCollector
from rulescope.analysis.findings import COMPUTED, Branch, Finding, Lineage, ValueOrigin
from rulescope.analysis.stage_readings import READERS
from rulescope.ir import MacroCall, Pipeline, Rule, Stage
from rulescope.ir.json_form import stage_pipelines
from rulescope.ir.walk import children
from rulescope.text import Span


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
        self.blocks: list[tuple[Span, int]] = []
        self._data_sets = data_sets
        self.data_models: dict[str, None] = {}
        self.lookups: dict[str, None] = {}
        self._nodes: set[str] = set()
        self.conditions = ConditionCollector(
            field_name=self.field_name, subsearch=self.subsearch, language=rule.expanded.language
        )
        self.walk_pipeline(rule.expanded, Lineage(), outermost=True)
        self.findings: list[Finding] = self.conditions.found
        self.fields: dict[str, None] = self.conditions.fields

    def walk_pipeline(
        self,
        pipeline: Pipeline,
        lineage: Lineage,
        negative: bool = False,
        branch: Branch = None,
        outermost: bool = False,
    ) -> Lineage:
        """Reads a pipeline that starts with these fields; the fields it ends with."""
        conditions = self.conditions
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

    def _stage(self, stage: Stage, negative: bool, branch: Branch) -> None:
        reader = READERS.get(type(stage))
        if reader is not None:
            reader(self, stage, negative, branch)
        else:
            for pipeline in stage_pipelines(stage):
                self.merge(self.walk_pipeline(pipeline, Lineage(), negative, branch))
        if self._macro_fields is not None:
            for node in children(stage):
                if isinstance(node, MacroCall):
                    self.make(*self._macro_fields(node.name, len(node.arguments)))

    # -- for the readers of stages -------------------------------------------------------------------------------

    def subsearch(self, pipeline: Pipeline, negative: bool, branch: Branch) -> None:
        """Reads a search inside the search, whose fields don't come out of it."""
        self.walk_pipeline(pipeline, Lineage(), negative, branch)

    def merge(self, ended: Lineage) -> None:
        """Takes over the fields of rows that were added, where none of the name are there."""
        lineage = self.conditions.lineage
        for name, origin in ended.known.items():
            lineage.known.setdefault(name, origin)
        lineage.tables = tuple(dict.fromkeys((*lineage.tables, *ended.tables)))

    def set_field(self, target: str, origin: ValueOrigin) -> None:
        """From here on, the field has that origin."""
        name = self.field_name(target)
        if origin.fields == (name,) and not origin.outcomes and not origin.folded:
            self.conditions.lineage.known.pop(name, None)
        else:
            self.conditions.lineage.known[name] = origin

    def make(self, *names: str) -> None:
        """From here on, the fields hold what the rule itself computed."""
        for name in names:
            self.conditions.lineage.known[name] = COMPUTED

    def note_model(self, model: str | None, node: str | None) -> None:
        """Notes that the rule looks at a data model's data set, whose name may stand before those of fields."""
        if model:
            self.data_models[f"{model}.{node}" if node else model] = None
            self._nodes.add(model)
            self._nodes.update((node or "").split("."))

    def field_name(self, written: str) -> str:
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
