"""Which kinds of events a search can read: necessary conditions, taken from every place where it takes events in."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from rulescope import ir
from rulescope.engines.sql.context import ModelSource
from rulescope.hunt.kinds import Kinds, union
from rulescope.hunt.simplify import ROW_FILTERS
from rulescope.ir import stages
from rulescope.ir.walk import children, walk

_READ_EVERYTHING = (
    stages.Metadata,
    stages.EventCount,
    stages.Map,
    stages.MacroStage,
    stages.Opaque,
    stages.Command,
    stages.ThreatMatch,
)
"""Stages that read events in ways that are not looked into here."""

_ROWS_SO_FAR = (stages.AppendPipe, stages.Foreach)
"""Stages whose inner pipeline starts from the rows at hand, not from events."""


def readable_kinds(pipeline: ir.Pipeline, kinds: Kinds, models: ModelSource | None) -> int:
    """The kinds of events that may come out of one of the places where the search reads events.

    Events of other kinds can be left out of the logs without changing what the search gives.
    """
    return union(_sources(pipeline, kinds, models))


def _sources(pipeline: ir.Pipeline, kinds: Kinds, models: ModelSource | None) -> Iterator[int]:
    inner: set[int] = set()
    for node in walk(pipeline):
        if isinstance(node, _ROWS_SO_FAR):
            inner.update(id(child) for child in children(node) if isinstance(child, ir.Pipeline))
        if isinstance(node, ir.Pipeline):
            if not node.generating and id(node) not in inner:
                yield first_conditions(node, kinds.possible)
        elif isinstance(node, stages.TStats):
            yield _tstats(node, kinds, models)
        elif isinstance(node, stages.DataModel):
            yield _data_set(node.model, node.node, kinds, models) if node.model is not None else kinds.everything
        elif isinstance(node, stages.From):
            kind = node.dataset_kind.lower()
            if kind == "datamodel":
                model, _, name = node.name.partition(".")
                yield _data_set(model, name or None, kinds, models)
            elif kind not in ("lookup", "inputlookup"):
                yield kinds.everything
        elif isinstance(node, stages.MetaSearch):
            yield kinds.possible(node.predicate)
        elif isinstance(node, _READ_EVERYTHING):
            yield kinds.everything


def _tstats(stage: stages.TStats, kinds: Kinds, models: ModelSource | None) -> int:
    if stage.model is None:
        return kinds.possible(stage.where)
    if any(isinstance(leaf, ir.Compare) and leaf.field == "nodename" for leaf in walk(stage.where)):
        return kinds.everything
    return _data_set(stage.model, stage.node, kinds, models)


def first_conditions(pipeline: ir.Pipeline, possible: Callable[[ir.Predicate | None], int]) -> int:
    """The kinds of events that pass the filters with which a pipeline begins, before any field can have changed;
    `possible` gives those of which some event may meet a condition."""
    found = possible(None)
    for stage in pipeline.stages:
        if isinstance(stage, stages.TableRows):
            # What follows reads the table's columns, which are no raw fields.
            return possible(stage.predicate)
        if not isinstance(stage, ROW_FILTERS):
            break
        found &= possible(stage.predicate)
    return found


def _data_set(model: str, node: str | None, kinds: Kinds, models: ModelSource | None) -> int:
    found = models.data_set(model, node) if models is not None else None
    return kinds.everything if found is None else kinds.possible(found.condition)
