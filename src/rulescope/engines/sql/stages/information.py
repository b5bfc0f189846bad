"""Stages about the search, the logs, and the fields: `addinfo`, `metadata`, `metasearch`, `eventcount`, `fieldsummary`.

Facts: Splunk, Search Reference, pages of these names.
"""

from __future__ import annotations

import json
from typing import Any

from sqlglot import exp

from rulescope import ir
from rulescope.engines.sql.build import literal, number, sql
from rulescope.engines.sql.compiling import compile_predicate
from rulescope.engines.sql.context import Context
from rulescope.engines.sql.dialect import compiles
from rulescope.engines.sql.frame import Frame, ordered
from rulescope.engines.sql.schema import public
from rulescope.engines.sql.stages.fieldlists import expand, item_names
from rulescope.engines.sql.stages.grouping import group
from rulescope.engines.sql.stages.held_rows import Field, put_rows
from rulescope.engines.sql.stages.merging import value_of
from rulescope.engines.sql.values import Type, Value, as_number, as_text, auto_value, number_value
from rulescope.errors import Refusal
from rulescope.ir import FieldReference, stages
from rulescope.ir.stages import Aggregate

_SEARCH_ID = "rulescope"
_METADATA = {"hosts": "host", "sources": "source", "sourcetypes": "sourcetype"}
_META_FIELDS = ("index", "host", "source", "sourcetype", "_time")


@compiles(stages.AddInfo)
def compile_addinfo(stage: stages.AddInfo, frame: Frame, context: Context) -> Frame:
    """The time range and the time of the search; an open end is `+Infinity`, an open start 0."""
    earliest, until = context.time_range
    latest = auto_value(literal("+Infinity")) if until is None else number_value(number(until))
    return frame.assign(
        {
            "info_min_time": number_value(number(earliest or 0.0)),
            "info_max_time": latest,
            "info_search_time": number_value(number(context.options.now)),
            "info_sid": auto_value(literal(_SEARCH_ID)),
        }
    )


def _events(indexes: tuple[str, ...], frame: Frame, context: Context) -> Frame:
    """All events, or those of the indexes named (`*`: any)."""
    rows = context.events_frame(frame.program, f"{frame.stage}_events").at(frame.stage)
    named = [name for name in indexes if name.strip("*")]
    if not named or len(named) < len(indexes) or rows.value("index") is None:
        return rows
    options: list[ir.Predicate] = []
    for name in named:
        pieces: list[str | ir.Any] = []
        for place, piece in enumerate(name.split("*")):
            pieces += [ir.Any.RUN] if place else []
            pieces += [piece] if piece else []
        options.append(ir.Compare("index", "wildcard", (ir.Glob(tuple(pieces)),), ignore_case=True))
    return rows.filter(compile_predicate(ir.Or(tuple(options)), rows, context))


@compiles(stages.Metadata)
def compile_metadata(stage: stages.Metadata, frame: Frame, context: Context) -> Frame:
    """First and last time and number of events of every host, source or source type."""
    field = _METADATA.get(stage.type.lower())
    if field is None:
        raise Refusal(f"metadata knows no type '{stage.type}'", span=stage.span, code="RUN039")
    rows = _events(stage.indexes, frame, context)
    time = FieldReference("_time")
    aggregates = [
        Aggregate("min", argument=time, alias="firstTime"),
        Aggregate("max", argument=time, alias="lastTime"),
        Aggregate("max", argument=time, alias="recentTime"),
        Aggregate("count", alias="totalCount"),
    ]
    grouped = group(rows, aggregates, [field], context)
    typed = grouped.assign({"type": auto_value(literal(stage.type.lower()))})
    return typed.choose(["firstTime", field, "lastTime", "recentTime", "totalCount", "type"])


@compiles(stages.MetaSearch)
def compile_metasearch(stage: stages.MetaSearch, frame: Frame, context: Context) -> Frame:
    """The events for which the predicate holds, with their index, host, source, source type and time only."""
    rows = context.events_frame(frame.program, f"{frame.stage}_events").at(frame.stage)
    if stage.predicate is not None:
        rows = rows.filter(compile_predicate(stage.predicate, rows, context))
    return rows.choose([name for name in _META_FIELDS if name in rows.schema.fields])


@compiles(stages.EventCount)
def compile_eventcount(stage: stages.EventCount, frame: Frame, context: Context) -> Frame:
    """How many events there are, in all or (`summarize=f`) an index."""
    rows = _events(stage.indexes, frame, context)
    count = [Aggregate("count", alias="count")]
    if stage.summarize:
        return group(rows, count, [], context)
    index = rows.value("index")
    rows = rows.assign({"index": auto_value(literal("main")) if index is None else index})
    grouped = group(rows, count, ["index"], context)
    return grouped.assign({"server": auto_value(literal("local"))}).choose(["count", "index", "server"])


@compiles(stages.FieldSummary)
def compile_fieldsummary(stage: stages.FieldSummary, frame: Frame, context: Context) -> Frame:
    """A row for each field that has values: how many, how many different ones, their range and the most frequent."""
    context.need_data(stage, "it has a row for each field that the events have")
    label = frame.stage
    stored = context.materialize(frame).at(label)
    names = expand(item_names(stage.fields), stored) if stage.fields else public(stored.schema.names())
    rows = [row for name in sorted(names) if (row := _summary(stage, name, stored, context)) is not None]
    numbers = ("count", "distinct_count", "is_exact", "max", "mean", "min", "numeric_count", "stdev")
    fields = [Field("field"), *(Field(name, Type.NUMBER) for name in numbers), Field("values")]
    return put_rows(stored, fields, rows, context)


def _summary(stage: stages.FieldSummary, name: str, frame: Frame, context: Context) -> list[Any] | None:
    assert context.executor is not None
    value = value_of(frame, name)
    body = frame.source()
    if value.type is Type.MULTI:
        inner = frame.source().select(exp.alias_(sql("unnest(:x)", x=value.node), "v"))
        body = exp.Select().from_(inner.subquery("q"))
        value = Value(exp.column("v"), Type.AUTO)
    digits = as_number(value)
    measures = (
        "count(:t)",
        "count(DISTINCT :t)",
        "max(:n)",
        "avg(:n)",
        "min(:n)",
        "count(:n)",
        "CASE WHEN count(:n) = 1 THEN 0 ELSE stddev_samp(:n) END",
    )
    text = as_text(value)
    query = body.copy().select(*[sql(measure, t=text, n=digits) for measure in measures])
    count, distinct, high, mean, low, numeric, deviation = context.executor.fetch(frame.program.assemble(query))[0]
    if not count:
        return None
    often = body.copy().select(exp.alias_(text.copy(), "v"), exp.alias_(exp.Count(this=exp.Star()), "n"))
    often = often.where(sql("(:t IS NOT NULL)", t=text)).group_by(text.copy())
    often = often.order_by(ordered(exp.column("n"), descending=True), ordered(exp.column("v")))
    if stage.max_values:
        often = often.limit(stage.max_values)
    found = context.executor.fetch(frame.program.assemble(often))
    values = json.dumps(
        [{"value": held, "count": times} for held, times in found], ensure_ascii=False, separators=(",", ":")
    )
    return [name, count, distinct, 1, high, mean, low, numeric, deviation, values]
