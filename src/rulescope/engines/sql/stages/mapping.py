"""`map`: a search for each row, with the row's values put into it.

Facts: Splunk, Search Reference, "map": `$field$` stands for the value; ten searches unless `maxsearches` says more.
The values go into the search's tree, not into its text: whatever a log holds can't change what the search does.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from typing import Any

from sqlglot import exp

from rulescope import ir
from rulescope.engines.sql.build import column, integer
from rulescope.engines.sql.compiling import compile_pipeline
from rulescope.engines.sql.context import Context, words_of
from rulescope.engines.sql.dialect import compiles
from rulescope.engines.sql.evidence import by_field
from rulescope.engines.sql.frame import Frame, Program
from rulescope.engines.sql.predicates import read_number
from rulescope.engines.sql.schema import ROW
from rulescope.engines.sql.stages.held_rows import numbered, spelt
from rulescope.engines.sql.stages.merging import same_program, stack
from rulescope.engines.sql.stages.templates import filled
from rulescope.engines.sql.values import number_value
from rulescope.errors import Refusal
from rulescope.ir import stages

_HOLE = re.compile(r"\$\$?([A-Za-z_][\w.{}:-]*)\$\$?")
_MAXIMUM = 1_000
_NUMBER = "_rs_number"
_EXPRESSIONS = (ir.Binary, ir.Call, ir.InList, ir.Unary, ir.Test, stages.Assignment)


@compiles(stages.Map)
def compile_map(stage: stages.Map, frame: Frame, context: Context) -> Frame:
    """The rows of all searches, one after another."""
    if stage.pipeline is None or stage.saved_search is not None:
        raise Refusal("map runs a search that is written out only", span=stage.span, code="RUN010")
    context.need_data(stage, "it runs a search for each row")
    label = frame.stage
    stored = context.materialize(frame).at(label)
    names = [name for name in stage.holes if name in stored.schema.fields]
    most = min(stage.max_searches or _MAXIMUM, _MAXIMUM)
    rows = context.rows_of(numbered(stored), [_NUMBER, *names], most + 1)
    if len(rows) > most:
        context.note("RUN106", f"map ran {most} searches; there were more rows", stage.span)
        rows = rows[:most]
    frames = []
    for number, (place, *row) in enumerate(rows, 1):
        values = {name: _text(value) for name, value in zip(names, row, strict=True) if value is not None}
        # What a row lacks stays as it is written, and is found nowhere.
        found = _run(_values(stage.pipeline, values, context), stored, context, f"{label}_{number}_")
        # Behind what a search found is the row that it was run for, too.
        frames.append(found.assign({_NUMBER: number_value(exp.cast(integer(place), "DOUBLE"))}))
    if not frames:
        return stored.filter(exp.false())
    return by_field(stack([same_program(stored, one, context) for one in frames], label), _NUMBER, stored, column(ROW))


def _run(pipeline: ir.Pipeline, stored: Frame, context: Context, prefix: str) -> Frame:
    words = context.words
    context.words = words | words_of(pipeline)
    try:
        return compile_pipeline(pipeline, context, program=Program(used=set(stored.program.used)), prefix=prefix)
    finally:
        context.words = words


def _text(value: Any) -> str:
    return " ".join(spelt(item) for item in value) if isinstance(value, list) else spelt(value)


def _values(pipeline: ir.Pipeline, values: Mapping[str, str], context: Context) -> ir.Pipeline:
    """The pipeline with every `$field$` in its names and values replaced; fields that are not known stay."""

    def put(text: str) -> str:
        return _HOLE.sub(lambda found: values.get(found.group(1), found.group()), text) if "$" in text else text

    return filled(pipeline, put, context, _with_numbers)


def _with_numbers(node: object) -> object:
    """A bare number that came in where an expression had `$field$` is a number, not a field of that name."""
    if not isinstance(node, _EXPRESSIONS):
        return node
    changed: dict[str, object] = {}
    for part in dataclasses.fields(node):
        held = getattr(node, part.name)
        if isinstance(held, tuple):
            items = tuple(_number(item) for item in held)
            if any(new is not old for new, old in zip(items, held, strict=True)):
                changed[part.name] = items
        elif (new := _number(held)) is not held:
            changed[part.name] = new
    return dataclasses.replace(node, **changed) if changed else node  # type: ignore[arg-type]


def _number(item: object) -> object:
    if not isinstance(item, ir.FieldReference):
        return item
    value = read_number(item.name)
    return item if value is None else ir.Constant(value, item.span)
