"""Reads stages that bring in other rows: tables, data sets, searches inside the search."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from rulescope.analysis.findings import Branch, Lineage, ValueOrigin
from rulescope.analysis.stage_readings.reading_so_far import ReadingSoFar
from rulescope.ir import Pipeline, Stage, stages


def _command(reading: ReadingSoFar, stage: stages.Command, negative: bool, branch: Branch) -> None:
    for argument in stage.arguments:
        if argument.name == "output" and isinstance(argument.value, str):
            # What a pattern finds is text of the event, under the name that the rule gives it.
            reading.conditions.lineage.known[argument.value] = ValueOrigin((argument.value,))
        elif isinstance(argument.value, Pipeline):
            reading.merge(
                reading.walk_pipeline(argument.value, reading.conditions.lineage.copy(), negative, branch)
                if stage.name == "fork"
                else reading.walk_pipeline(argument.value, Lineage(), negative, branch)
            )


def _origin(reading: ReadingSoFar, stage: stages.Origin, negative: bool, branch: Branch) -> None:
    reading.conditions.lineage.tables = stage.names


def _table_source(reading: ReadingSoFar, stage: stages.InputLookup, negative: bool, branch: Branch) -> None:
    reading.lookups[stage.name] = None
    if stage.where is not None:
        reading.conditions.predicate(stage.where, negative, branch)


def _from(reading: ReadingSoFar, stage: stages.From, negative: bool, branch: Branch) -> None:
    if stage.dataset_kind == "datamodel":
        model, _, node = stage.name.partition(".")
        reading.note_model(model, node or None)
    elif stage.dataset_kind in ("lookup", "inputlookup"):
        reading.lookups[stage.name] = None


def _datamodel(reading: ReadingSoFar, stage: stages.DataModel, negative: bool, branch: Branch) -> None:
    reading.note_model(stage.model, stage.node)


def _foreach(reading: ReadingSoFar, stage: stages.Foreach, negative: bool, branch: Branch) -> None:
    ended = reading.walk_pipeline(stage.pipeline, reading.conditions.lineage.copy(), negative, branch)
    for inner in stage.pipeline.stages:
        for assignment in inner.assignments if isinstance(inner, stages.Eval) else ():
            # Made of many fields by a template: it can only go by its own name.
            if isinstance(assignment, stages.Assignment) and "<<" not in assignment.target:
                ended.known[assignment.target] = ValueOrigin((assignment.target,))
    reading.merge(ended)


def _map(reading: ReadingSoFar, stage: stages.Map, negative: bool, branch: Branch) -> None:
    if stage.pipeline is None:
        return
    found = reading.conditions.found
    before = len(found)
    reading.merge(reading.walk_pipeline(stage.pipeline, Lineage(), negative, branch))
    # The template is a text of its own: its places are not the query's. `$field$` is a value of the row before.
    found[before:] = [
        replace(one, span=stage.span)
        for one in found[before:]
        if not (len(one.value) > 2 and one.value[0] == one.value[-1] == "$")
    ]


def _append_pipe(reading: ReadingSoFar, stage: stages.AppendPipe, negative: bool, branch: Branch) -> None:
    reading.merge(reading.walk_pipeline(stage.pipeline, reading.conditions.lineage.copy(), negative, branch))


READERS: dict[type[Stage], Callable[..., None]] = {
    stages.Origin: _origin,
    stages.Command: _command,
    stages.InputLookup: _table_source,
    stages.InputCsv: _table_source,
    stages.From: _from,
    stages.DataModel: _datamodel,
    stages.Foreach: _foreach,
    stages.AppendPipe: _append_pipe,
    stages.Map: _map,
}
