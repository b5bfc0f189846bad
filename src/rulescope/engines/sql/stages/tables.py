"""Stages that read lookup tables and CSV files as rows, and those that write rows there."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlglot import exp

from rulescope import ir
from rulescope.engines.sql.build import column
from rulescope.engines.sql.compiling import compile_predicate
from rulescope.engines.sql.context import Context, LookupTable
from rulescope.engines.sql.dialect import compiles
from rulescope.engines.sql.frame import Frame
from rulescope.engines.sql.schema import ROW, is_internal
from rulescope.engines.sql.stages.lookups import find_table
from rulescope.engines.sql.stages.merging import literal_frame, stack
from rulescope.engines.sql.values import Type, number_text
from rulescope.errors import Refusal
from rulescope.ir import stages

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")


def table_rows(table: LookupTable, frame: Frame, context: Context, stage: ir.Stage) -> Frame:
    """The rows of a lookup table; an empty cell is no value."""
    del stage
    rows = [[cell or None for cell in row] for row in table.rows]
    return literal_frame(frame.program, [(name, Type.AUTO) for name in table.columns], rows, frame.stage, context)


@compiles(stages.InputLookup, stages.InputCsv)
def compile_input(stage: stages.InputLookup | stages.InputCsv, frame: Frame, context: Context) -> Frame:
    """The rows of a table: those for which WHERE holds, from `start`, at most `max`."""
    if stage.macro_arguments:
        raise Refusal("the name of the table is a macro without a definition", span=stage.span, code="RUN014")
    label = frame.stage
    if stage.append and not stage.strict and (context.lookups is None or context.lookups.table(stage.name) is None):
        # A search that keeps a table of its own (append the old rows, write all) starts without one.
        message = f"the lookup table '{stage.name}' is not there: no rows of it are added"
        context.note("RUN108", message, stage.span)
        return frame.then(frame.passed())
    rows = table_rows(find_table(stage.name, context, stage), frame.at(f"{label}_table"), context, stage)
    if stage.where is not None:
        rows = rows.filter(compile_predicate(stage.where, rows, context))
    if stage.start or stage.max_rows is not None:
        rows = sliced(rows, stage.start, stage.max_rows)
    rows = rows.at(label)
    if stage.append and (frame.schema.fields or frame.events):
        return stack([frame, rows], label)
    return rows


def sliced(frame: Frame, start: int, count: int | None) -> Frame:
    """`count` rows from the row number `start` (from 0) on."""
    body = frame.source().order_by(exp.Ordered(this=column(ROW)))
    if count is not None:
        body = body.limit(count)
    if start:
        body = body.offset(start)
    return frame.then(frame.passed(), body=body)


@compiles(stages.OutputLookup, stages.OutputCsv)
def compile_output(stage: stages.OutputLookup | stages.OutputCsv, frame: Frame, context: Context) -> Frame:
    """Passes the rows on; where a folder to write to is given, they are written there as CSV."""
    name = stage.name
    if name is None or context.options.write is None:
        if name is not None:
            context.note(
                "RUN104", f"nothing is written to '{name}': no folder to write to is given", stage.span, "info"
            )
        return frame.then(frame.passed())
    context.need_data(stage, "it writes the rows")
    frame = context.materialize(frame).at(frame.stage)
    names, rows = _texts(frame, context)
    path = _target(context.options.write, name, ".csv", stage)
    if stage.append and path.is_file():
        with path.open(encoding="utf-8", newline="") as before:
            reader = csv.reader(before)
            header = next(reader, [])
            old = [dict(zip(header, cells, strict=False)) for cells in reader]
        names = list(dict.fromkeys([*header, *names]))
        rows = [*old, *rows]
    out = io.StringIO()
    writer = csv.DictWriter(out, names, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    path.write_text(out.getvalue(), encoding="utf-8")
    return frame


@compiles(stages.Collect)
def compile_collect(stage: stages.Collect, frame: Frame, context: Context) -> Frame:
    """Passes the rows on; where a folder to write to is given, they are added there to `<index>.jsonl`."""
    index = stage.index or "summary"
    if context.options.write is None or dict(stage.options).get("testmode", "").lower() in {"t", "true", "1"}:
        _not_written(index, stage, context)
        return frame.then(frame.passed())
    context.need_data(stage, "it writes the rows")
    frame = context.materialize(frame).at(frame.stage)
    _, rows = _texts(frame, context, internal=True)
    path = _target(context.options.write, index, ".jsonl", stage)
    with path.open("a", encoding="utf-8") as out:
        for row in rows:
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
    return frame


def _not_written(name: str, stage: ir.Stage, context: Context) -> None:
    message = f"nothing is written to '{name}': no folder to write to is given"
    context.note("RUN104", message, stage.span, "info")


def _texts(frame: Frame, context: Context, *, internal: bool = False) -> tuple[list[str], list[dict[str, str]]]:
    names = [name for name in frame.schema.names() if internal or not is_internal(name)]
    rows = []
    for values in context.rows_of(frame, names):
        rows.append({name: _spelt(value) for name, value in zip(names, values, strict=True) if value is not None})
    return names, rows


def _spelt(value: Any) -> str:
    if isinstance(value, float):
        return number_text(value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "\n".join(str(item) for item in value)
    return str(value)


def _target(folder: Path, name: str, ending: str, stage: ir.Stage) -> Path:
    """The file in the folder; a name with a path in it is refused."""
    if not _NAME.fullmatch(name):
        raise Refusal(f"'{name}' is no name of a file to write", span=stage.span, code="RUN035")
    return folder / (name if name.endswith(ending) else f"{name}{ending}")
