"""What a rule's file adds to its query: where the events come from, filters, and what is made of the rows found."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from rulescope.ir import Compare, ParsedQuery, Pipeline, Predicate, Stage, stages
from rulescope.ir.stages import MachineLearning, Origin, Sequence, SequenceStep
from rulescope.ir.walk import walk
from rulescope.text import NO_SPAN, Diagnostic, Span

_CATEGORY_FIELD = "event.category"


@dataclass(frozen=True, slots=True)
class ScheduledRange:
    """The time range of a search's runs as it is written, counted from the moment of each: `0` is the first event."""

    earliest: str
    latest: str

    def told(self, what: str, hint: str) -> Diagnostic:
        """What becomes of the range."""
        first = "the first event" if self.earliest == "0" else self.earliest[:60]
        message = f"the time range of its runs, from {first} to {self.latest[:60]}, {what}"
        return Diagnostic(RANGE_CODE, message, severity="warning", hint=hint)

    def left_out(self) -> Diagnostic:
        """That the range is not applied, since no moment of a run is known."""
        hint = "--now alone applies it, as of that moment; --earliest and --latest give another"
        return self.told("is not applied: all events are searched", hint)

    def applied(self) -> Diagnostic:
        """That the range is applied."""
        return self.told("is applied as of --now: other events are not searched", "--earliest 0 searches all events")


RANGE_CODE = "RUL031"


@dataclass(frozen=True, slots=True)
class RuleFrame:
    """Stages around those of the query, and how the rule reads it.

    `category_field` is where an EQL query's event categories are looked for instead of `event.category`;
    `anomaly_threshold` is the least score of a machine-learning rule. A `recurring` query is run again and again, each
    time over the events of a time range; where it is known, and leaves events out, `scheduled` is that range.
    `problems` are those of the file's text that concern the query.
    """

    leading: tuple[Stage, ...] = ()
    trailing: tuple[Stage, ...] = ()
    category_field: str | None = None
    anomaly_threshold: int | None = None
    recurring: bool = False
    problems: tuple[Diagnostic, ...] = ()
    scheduled: ScheduledRange | None = None


def with_problems(frame: RuleFrame | None, problems: Iterable[Diagnostic]) -> RuleFrame | None:
    """The frame with what is wrong with the query's text in its file; places, which count in the file, are left out."""
    found = tuple(replace(problem, span=NO_SPAN) for problem in problems)
    return replace(frame or RuleFrame(), problems=found) if found else frame


def alert_condition(condition: str) -> Diagnostic:
    """That an alert asks for more than a result: whatever the query finds is a hit here."""
    message = f"the alert is raised on {condition[:120]}; that is not applied here: all results are shown"
    return Diagnostic("RUL030", message, severity="warning")


_GATHERING = (
    stages.Stats, stages.EventStats, stages.StreamStats, stages.Chart, stages.TimeChart, stages.Top, stages.Dedup,
    stages.Head, stages.Join, stages.SelfJoin, stages.Transaction,
)  # fmt: skip
_GATHERING_COMMANDS = frozenset({"make-series", "top-nested", "partition", "scan"})
_ALL_RUNS = Diagnostic(
    RANGE_CODE,
    "rows are counted or joined over all events, not over the time range of each of the rule's runs",
    severity="warning",
    hint="--earliest and --latest give a time range",
)
"""What is said of a recurring query that finds something else in all events than in those of its runs together."""


def _gathers(pipeline: Pipeline) -> bool:
    """Whether what is found depends on which events are looked at at once. A sequence whose length is bounded does not,
    but at the borders of runs."""
    for node in walk(pipeline):
        if isinstance(node, _GATHERING) or (isinstance(node, Sequence) and node.max_span is None):
            return True
        if isinstance(node, stages.Command) and node.name in _GATHERING_COMMANDS:
            return True
    return False


def framed(parsed: ParsedQuery, frame: RuleFrame | None) -> ParsedQuery:
    """The query within its rule's frame. Stages of the frame stand in another part of the file: their place in the
    query is its start or its end."""
    if frame is None:
        return parsed
    pipeline = _framed(parsed.pipeline, frame, len(parsed.source.text))
    same = parsed.expanded is parsed.pipeline
    expanded = pipeline if same else _framed(parsed.expanded, frame, len(parsed.source.text))
    runs = (_ALL_RUNS,) if frame.recurring and _gathers(parsed.expanded) else ()
    diagnostics = (*frame.problems, *runs, *parsed.diagnostics)
    return replace(parsed, pipeline=pipeline, expanded=expanded, diagnostics=diagnostics)


def _framed(pipeline: Pipeline, frame: RuleFrame, end: int) -> Pipeline:
    own: Iterable[Stage] = pipeline.stages
    if frame.category_field is not None:
        own = [_with_category(stage, frame.category_field) for stage in own]
    if frame.anomaly_threshold is not None:
        own = [
            replace(stage, threshold=frame.anomaly_threshold) if isinstance(stage, MachineLearning) else stage
            for stage in own
        ]
    leading = frame.leading
    if pipeline.stages and isinstance(pipeline.stages[0], Origin) and not _is_category(pipeline.stages[0]):
        # The query names its own indexes (ES|QL); those of the frame would say the same.
        leading = tuple(stage for stage in leading if not isinstance(stage, Origin))
    trailing = (replace(stage, span=Span(end, end)) for stage in frame.trailing)
    return replace(pipeline, stages=(*leading, *own, *trailing))


def _is_category(origin: Origin) -> bool:
    return origin.predicate is not None or origin.names == ("any",)


def _with_category(stage: Stage, field: str) -> Stage:
    if isinstance(stage, Origin):
        return replace(stage, predicate=_moved(stage.predicate, field))
    if isinstance(stage, Sequence):
        steps = tuple(_moved_step(step, field) for step in stage.steps)
        until = None if stage.until is None else _moved_step(stage.until, field)
        return replace(stage, steps=steps, until=until)
    return stage


def _moved_step(step: SequenceStep, field: str) -> SequenceStep:
    return replace(step, category_condition=_moved(step.category_condition, field))


def _moved(predicate: Predicate | None, field: str) -> Predicate | None:
    if isinstance(predicate, Compare) and predicate.field == _CATEGORY_FIELD:
        return replace(predicate, field=field)
    return predicate
