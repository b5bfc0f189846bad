"""Events without a time under a search that takes the newest first: where they stand in the order is said."""

from __future__ import annotations

from collections.abc import Iterator

from rulescope import ir
from rulescope.analysis.effects import effect
from rulescope.hunt.knowledge import Logs
from rulescope.ir import stages
from rulescope.ir.walk import children, walk
from rulescope.text import Diagnostic

CODE = "RUN136"
_IN_ORDER = (
    stages.Head,
    stages.Tail,
    stages.Uniq,
    stages.StreamStats,
    stages.FillDown,
    stages.Accum,
    stages.Delta,
    stages.AutoRegress,
    stages.TrendLine,
)
"""Stages whose rows hang on those before them."""
_IN_ORDER_FUNCTIONS = frozenset({"first", "last", "list"})
_ROWS_SO_FAR = (stages.AppendPipe, stages.Foreach)
"""Stages whose inner pipeline starts from the rows at hand."""


def untimed_notes(pipeline: ir.Pipeline, logs: Logs, *, newest_first: bool) -> list[Diagnostic]:
    """A warning where a stage goes by the order of events, and some have no time that says it."""
    if not newest_first or logs.store is None or not any(report.without_time for report in logs.store.files):
        return []
    stage = next(_going_by_order(pipeline), None)
    if stage is None:
        return []
    # All rows are fetched: what is left of a result would be in the way of the next statement.
    ((untimed, events),) = logs.connection.execute(
        f'SELECT count(*) FILTER (WHERE "_time" IS NULL), count(*) FROM "{logs.events.relation}"'
    ).fetchall()
    if not untimed:
        return []
    if untimed == events:
        which = "none has a time: they come as the logs have them"
    else:
        which = f"{untimed:,} of {events:,} have no time: these come last, as the logs have them"
    message = f"'{ir.stage_kind(stage)}' goes by the order of the events, and {which}"
    return [Diagnostic(CODE, message, stage.span, "warning")]


def _going_by_order(pipeline: ir.Pipeline) -> Iterator[ir.Stage]:
    """The stages that see events in the order in which the search takes them: none sorted or grouped them before."""
    skipped = {id(inner) for node in walk(pipeline) if isinstance(node, _ROWS_SO_FAR) for inner in children(node)}
    for inner in walk(pipeline):
        if not isinstance(inner, ir.Pipeline) or inner.generating or id(inner) in skipped:
            continue
        for stage in inner.stages:
            if _goes_by_order(stage):
                yield stage
            if isinstance(stage, stages.Sort) or effect(stage) == "group":
                break


def _goes_by_order(stage: ir.Stage) -> bool:
    if isinstance(stage, stages.Dedup):
        return not stage.sort_by
    functions = {getattr(one, "function", None) for one in getattr(stage, "aggregates", ())}
    return isinstance(stage, _IN_ORDER) or not functions.isdisjoint(_IN_ORDER_FUNCTIONS)


__all__ = ["untimed_notes"]
