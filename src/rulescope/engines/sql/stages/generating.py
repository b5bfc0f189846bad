"""Stages that begin a pipeline with rows of their own."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Any

from sqlglot import exp

from rulescope.engines.sql.build import column, integer, number, sql
from rulescope.engines.sql.context import Context
from rulescope.engines.sql.dialect import compiles
from rulescope.engines.sql.frame import NO_VALUE, Cte, Frame
from rulescope.engines.sql.schema import ROW, Column, Schema
from rulescope.engines.sql.stages.merging import literal_frame
from rulescope.engines.sql.values import Type, Value
from rulescope.errors import Refusal
from rulescope.ir import stages

_MAX_ROWS = 10_000_000


@compiles(stages.MakeResults)
def compile_makeresults(stage: stages.MakeResults, frame: Frame, context: Context) -> Frame:
    """Rows with `_time` alone, or those of inline CSV or JSON."""
    now = float(int(context.options.now))
    if stage.data is not None:
        return _inline(stage, frame, context, now)
    if not 0 <= stage.count <= _MAX_ROWS:
        raise Refusal(f"makeresults makes at most {_MAX_ROWS} rows", span=stage.span, code="RUN039")
    program = frame.program
    name = program.name(frame.stage)
    source = sql("SELECT 1 FROM range(:n) AS r(i)", n=integer(stage.count))
    columns: dict[str, exp.Expression | None] = {ROW: column("i"), "_time": number(now)}
    assert isinstance(source, exp.Select)
    program.add(Cte(name, columns, source, frame.stage))
    rows = Frame(program, name, Schema({"_time": Column("_time", Type.NUMBER)}, {}), frame.stage)
    if not stage.annotate:
        return rows
    names = ("_raw", "host", "source", "sourcetype", "splunk_server", "splunk_server_group")
    return rows.assign(dict.fromkeys(names, NO_VALUE))


def _inline(stage: stages.MakeResults, frame: Frame, context: Context, now: float) -> Frame:
    assert stage.data is not None
    form = (stage.format or "csv").lower()
    records: list[dict[str, Any]] = []
    if form == "csv":
        lines = [line.strip() for line in stage.data.strip().splitlines()]
        # A blank may follow the comma between names.
        head, *lines = lines or [""]
        reader = csv.DictReader(io.StringIO("\n".join([re.sub(r",\s+", ",", head), *lines])))
        records = [{name: value or None for name, value in row.items() if name} for row in reader]
        names = [name for name in reader.fieldnames or [] if name]
    elif form == "json":
        try:
            loaded = json.loads(stage.data)
        except (ValueError, RecursionError) as error:
            raise Refusal(f"the data is no JSON: {error}", span=stage.span, code="RUN039") from error
        for entry in loaded if isinstance(loaded, list) else [loaded]:
            if isinstance(entry, dict):
                fields = {name: value if isinstance(value, str) else json.dumps(value) for name, value in entry.items()}
                records.append({**fields, "_raw": json.dumps(entry)})
        names = list(dict.fromkeys(name for record in records for name in record))
    else:
        raise Refusal(f"makeresults knows no format '{form}'", span=stage.span, code="RUN039")
    rows = literal_frame(
        frame.program,
        [(name, Type.AUTO) for name in names],
        [[record.get(name) for name in names] for record in records],
        frame.stage,
        context,
    )
    if form == "csv":
        return rows
    return rows.assign({"_time": Value(number(now), Type.NUMBER)})
