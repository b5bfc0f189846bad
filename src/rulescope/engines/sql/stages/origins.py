"""Where rows come from, and what Sigma's blocks name."""

from __future__ import annotations

from dataclasses import replace

from rulescope.engines.sql.context import Context
from rulescope.engines.sql.dialect import compiles
from rulescope.engines.sql.frame import Frame
from rulescope.engines.sql.stages.filtering import conjuncts
from rulescope.ir import stages


@compiles(stages.Origin)
def compile_origin(stage: stages.Origin, frame: Frame, context: Context) -> Frame:
    """The rows of the origin; all of them where no condition is known for it."""
    if stage.predicate is None:
        return frame.filter()
    # The condition may read what tells the log of an event, which is no field.
    told = replace(frame, bindings={name: entry.value() for name, entry in frame.schema.hidden.items()})
    return frame.filter(*conjuncts(stage.predicate, told, context))


@compiles(stages.Block)
def compile_block(stage: stages.Block, frame: Frame, context: Context) -> Frame:
    """Every row: a block only names a condition."""
    return frame.filter()
