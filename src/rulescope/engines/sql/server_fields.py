"""Fields that a Splunk server gives events out of definitions: event types and tags.

Files bring no such definitions. Where rows hang on one of these fields, and the events don't carry it themselves (rows
that were exported do), the stage is refused: read as a field that is missing, `NOT tag=x` would be true of everything.
Search Reference, "search" (`eventtype=`, `tag=`, `tag::<field>=`); Knowledge Manager Manual, "About tags and aliases".
"""

from __future__ import annotations

from rulescope import ir
from rulescope.analysis.stage_fields import stage_fields
from rulescope.engines.sql.context import Context
from rulescope.engines.sql.frame import Frame
from rulescope.errors import Refusal
from rulescope.ir import stages
from rulescope.ir.walk import walk

_NAMES = frozenset({"eventtype", "tag"})
_GENERATING = (stages.TStats, stages.MetaSearch)
"""Stages that read events, whatever rows come before them."""


def is_server_field(name: str) -> bool:
    """Whether a Splunk server makes the field of definitions."""
    return name in _NAMES or name.startswith("tag::")


def check_server_fields(stage: ir.Stage, frame: Frame, context: Context) -> None:
    """Raises `Refusal` where the stage reads such a field of events that don't carry it.

    That a stage only lists it (`table`, `fields`) changes no row.
    """
    if not context.splunk or context.words.isdisjoint(_NAMES):
        return
    generating = isinstance(stage, _GENERATING)
    if not (frame.events or generating):
        return
    carried = context.events.fields if generating and context.events is not None else frame.schema.fields
    for name in stage_fields(stage).reads:
        # A data model's field has the name of its data set before it.
        plain = name.rpartition(".")[2] if generating else name
        if is_server_field(plain) and plain not in carried:
            raise _refusal(stage, name, plain)


def _refusal(stage: ir.Stage, name: str, plain: str) -> Refusal:
    what = "event types are" if plain == "eventtype" else "tags are"
    places = (
        node.span
        for node in walk(stage)
        if (isinstance(node, ir.Compare) and node.field == name)
        or (isinstance(node, ir.FieldReference) and node.name == name)
    )
    return Refusal(
        f"'{name}' can't be decided: {what} defined on a Splunk server, and these events carry no field '{plain}'",
        span=next(places, stage.span),
        code="RUN120",
        hint="write the condition that it stands for in its place, such as sourcetype=…",
    )


__all__ = ["check_server_fields", "is_server_field"]
