"""Fields that a Splunk server gives events out of definitions: event types and tags.

Files bring no such definitions. Where rows hang on one of these fields, and the events don't carry it themselves (rows
that were exported do), the stage is refused: read as a field that is missing, `NOT tag=x` would be true of everything.
Search Reference, "search" (`eventtype=`, `tag=`, `tag::<field>=`); Knowledge Manager Manual, "About tags and aliases".
"""

from __future__ import annotations

from dataclasses import replace
from typing import TypeGuard

from rulescope import ir
from rulescope.analysis.stage_fields import fields_read, stage_fields
from rulescope.engines.sql.context import Context
from rulescope.engines.sql.frame import Frame
from rulescope.errors import Refusal
from rulescope.ir import stages
from rulescope.ir.walk import walk

_NAMES = frozenset({"eventtype", "tag"})
_GENERATING = (stages.TStats, stages.MetaSearch)
"""Stages that read events, whatever rows come before them."""
_LISTING = frozenset({"values", "list", "first", "last", "earliest", "latest"})


def is_server_field(name: str) -> bool:
    """Whether a Splunk server makes the field of definitions."""
    return name in _NAMES or name.startswith("tag::")


def check_server_fields(stage: ir.Stage, frame: Frame, context: Context) -> None:
    """Raises `Refusal` where the stage reads such a field of events that don't carry it.

    That a stage only lists it (`table`, `fields`, `values(tag)`) changes no row; a later stage that reads what was
    listed is refused.
    """
    if not context.dialect.server_fields or context.words.isdisjoint(_NAMES):
        return
    generating = isinstance(stage, _GENERATING)
    carried = context.events.fields if generating and context.events is not None else frame.schema.fields

    def unknown(name: str) -> str | None:
        # A data model's field has the name of its data set before it.
        plain = name.rpartition(".")[2] if generating else name
        missing = (frame.events or generating) and is_server_field(plain) and plain not in carried
        return plain if missing or name in context.undefined else None

    listing = [one for one in getattr(stage, "aggregates", ()) if _lists(one)]
    deciding = stage
    if listing:
        kept = tuple(one for one in stage.aggregates if not _lists(one))  # type: ignore[attr-defined]
        deciding = replace(stage, aggregates=kept)  # type: ignore[call-arg]
    parts = stage_fields(deciding)
    for name in parts.reads:
        if (plain := unknown(name)) is not None:
            raise _refusal(stage, name, plain)
    context.undefined.difference_update(parts.writes)
    context.undefined.update(one.result_name or "" for one in listing if any(map(unknown, fields_read(one.argument))))
    if isinstance(stage, stages.Table | stages.Fields):
        context.undefined.update(name for name in parts.keeps or () if unknown(name))


def _lists(aggregate: object) -> TypeGuard[stages.Aggregate]:
    """Whether a function only lists the values of a field."""
    return isinstance(aggregate, stages.Aggregate) and aggregate.function in _LISTING and not aggregate.computed


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
