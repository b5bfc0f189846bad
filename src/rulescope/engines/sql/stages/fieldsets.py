"""Stages that choose and name fields."""

from __future__ import annotations

from rulescope.engines.sql.context import Context
from rulescope.engines.sql.dialect import compiles
from rulescope.engines.sql.frame import NO_VALUE, Frame
from rulescope.engines.sql.schema import is_internal, name_pattern
from rulescope.engines.sql.stages.fieldlists import expand, item_names
from rulescope.errors import Refusal
from rulescope.ir import stages


@compiles(stages.Table)
def compile_table(stage: stages.Table, frame: Frame, context: Context) -> Frame:
    """Only the fields listed, in that order; a name that no row has is an empty column."""
    return frame.choose(expand(item_names(stage.fields), frame, keep_missing=True))


@compiles(stages.Fields)
def compile_fields(stage: stages.Fields, frame: Frame, context: Context) -> Frame:
    """Keeps the fields listed and the internal ones, or removes the fields listed."""
    named = expand(item_names(stage.fields), frame)
    if stage.keep:
        internal = [name for name in frame.schema.names() if is_internal(name) and name not in named]
        return frame.choose([*named, *internal])
    return frame.choose([name for name in frame.schema.names() if name not in named])


@compiles(stages.Rename)
def compile_rename(stage: stages.Rename, frame: Frame, context: Context) -> Frame:
    """Other names for fields. A new name that was in use replaces what it named.

    Renaming a field that no row has onto one that rows have leaves the latter empty (Search Reference, "rename").
    """
    for renaming in stage.renamings:
        if "*" in renaming.source and renaming.source.count("*") != renaming.target.count("*"):
            raise Refusal(
                f"rename: '{renaming.source}' and '{renaming.target}' must hold equally many stars",
                span=renaming.span,
                code="RUN039",
            )
        frame = _rename(renaming, frame)
    return frame.then(frame.passed())


def _rename(renaming: stages.Renaming, frame: Frame) -> Frame:
    fields = dict(frame.schema.fields)
    if "*" not in renaming.source:
        pairs = [(renaming.source, renaming.target)]
    else:
        pattern = name_pattern(renaming.source)
        pairs = []
        for name in frame.schema.matching(renaming.source):
            found = pattern.fullmatch(name)
            assert found is not None
            target = renaming.target
            for part in found.groups():
                target = target.replace("*", part, 1)
            pairs.append((name, target))
    renamed = {}
    emptied = []
    for source, target in pairs:
        if source == target:
            continue
        if source in fields:
            renamed[source] = target
        elif target in fields and "*" not in renaming.source:
            emptied.append(target)
    if emptied:
        frame = frame.assign(dict.fromkeys(emptied, NO_VALUE))
        fields = dict(frame.schema.fields)
    targets = set(renamed.values())
    kept = {
        renamed.get(name, name): column for name, column in fields.items() if name in renamed or name not in targets
    }
    return Frame(
        frame.program, frame.relation, frame.schema.with_fields(kept), frame.stage, frame.events, frame.bindings
    )
