"""The columns that stages make: there a name is a column, even where `let` gives it to a value ("Let statement")."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rulescope.ir import FieldReference, Stage
from rulescope.ir.stages import Eval, Fields, Join, MakeResults, Rename, Rex, Stats, Table, Union

_GROUP = re.compile(r"\(\?P?<(\w+)>")


def made_columns(stages: Sequence[Stage]) -> set[str]:
    """The columns that the stages make and that are there behind them; those of tables are not known."""
    found: set[str] = set()
    for stage in stages:
        match stage:
            case MakeResults():
                found = {name for name, _ in stage.options}
            case Eval():
                found |= {one.target for one in stage.assignments if hasattr(one, "target")}
            case Table():
                found = {one.name for one in stage.fields if isinstance(one, FieldReference)}
            case Stats():
                keys = {one.name for one in stage.by if isinstance(one, FieldReference)}
                found = keys | {one.result_name for one in stage.aggregates if hasattr(one, "result_name")}
            case Fields(keep=False):
                found -= {one.name for one in stage.fields if isinstance(one, FieldReference)}
            case Join(pipeline=other):
                found |= made_columns(other.stages)
            case Union(pipelines=others):
                found |= {name for other in others for name in made_columns(other.stages)}
            case Rex():
                found |= set(_GROUP.findall(stage.pattern))
            case Rename():
                found = (found - {one.source for one in stage.renamings}) | {one.target for one in stage.renamings}
    return found
