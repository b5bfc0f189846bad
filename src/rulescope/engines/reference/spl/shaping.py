"""Stages that choose, name, make and change fields."""

from __future__ import annotations

import re
from typing import Any

from rulescope import ir
from rulescope.engines.reference.common.macros import undefined_macro
from rulescope.engines.reference.common.patterns import regex
from rulescope.engines.reference.interpreter import Reading, refused_stage
from rulescope.engines.reference.meaning import COMMON, ELASTIC, SPL
from rulescope.engines.reference.spl.fields import expanded, fits, item_names, listed_or_all
from rulescope.engines.reference.table import RowTable
from rulescope.engines.reference.values import Row, number, put, text, texts_of, values_of
from rulescope.errors import Refusal
from rulescope.ir import stages


@SPL.stage(stages.Eval)
def assigned(stage: stages.Eval, table: RowTable, reading: Reading) -> RowTable:
    """Fields set one after the other; NULL removes a field, and a truth value is none that a field holds."""
    return _assigned(stage, table, reading, booleans=False)


@ELASTIC.stage(stages.Eval)
def assigned_with_booleans(stage: stages.Eval, table: RowTable, reading: Reading) -> RowTable:
    """The same in ES|QL, whose columns hold truth values."""
    return _assigned(stage, table, reading, booleans=True)


def _assigned(stage: stages.Eval, table: RowTable, reading: Reading, *, booleans: bool) -> RowTable:
    for assignment in stage.assignments:
        if isinstance(assignment, ir.MacroCall):
            raise undefined_macro(assignment.name, assignment.span)
        if "{" in assignment.target:
            raise refused_stage(stage, "names out of fields")
        values = [reading.value(assignment.expression, row) for row in table.rows]
        for row, value in zip(table.rows, values, strict=True):
            if isinstance(value, bool):
                if not booleans:
                    raise Refusal("a field can't hold a Boolean", span=assignment.span, code="RUN032")
                value = "true" if value else "false"
            put(row, assignment.target, value)
    return table


@SPL.stage(stages.FieldFormat)
def shown(stage: stages.FieldFormat, table: RowTable, reading: Reading) -> RowTable:
    """Only how a field is shown: results keep the value."""
    return table


@SPL.stage(stages.Table)
@ELASTIC.stage(stages.Table)
def tabled(stage: stages.Table, table: RowTable, reading: Reading) -> RowTable:
    """Only these fields, in this order."""
    names = expanded(item_names(stage.fields), table, missing=True)
    return table.with_rows({name: row[name] for name in names if name in row} for row in table.rows)


@SPL.stage(stages.Fields)
@ELASTIC.stage(stages.Fields)
def chosen(stage: stages.Fields, table: RowTable, reading: Reading) -> RowTable:
    """Keeps these fields and the internal ones, or removes them."""
    names = set(expanded(item_names(stage.fields), table))
    if stage.keep:
        return table.with_rows(
            {name: value for name, value in row.items() if name in names or name.startswith("_")} for row in table.rows
        )
    return table.with_rows({name: value for name, value in row.items() if name not in names} for row in table.rows)


@SPL.stage(stages.Rename)
@ELASTIC.stage(stages.Rename)
def renamed(stage: stages.Rename, table: RowTable, reading: Reading) -> RowTable:
    """Other names. A field of the new name is replaced, also by one that no row has."""
    for renaming in stage.renamings:
        source, target = renaming.source, renaming.target
        if source.count("*") != target.count("*") and "*" in source:
            raise Refusal("rename: both names must hold equally many stars", span=renaming.span, code="RUN039")
        pairs = {source: target}
        if "*" in source:
            pairs = {name: _filled(name, source, target) for name in table.names() if fits(name, source)}
        pairs = {old: new for old, new in pairs.items() if old != new}
        for row in table.rows:
            moved = {new: row.pop(old, None) for old, new in pairs.items()}
            for new, value in moved.items():
                put(row, new, value)
    return table


def _filled(name: str, source: str, target: str) -> str:
    found = re.fullmatch(re.escape(source).replace(r"\*", "(.*)"), name, re.DOTALL)
    for part in found.groups() if found else ():
        target = target.replace("*", part, 1)
    return target


@SPL.stage(stages.FillNull)
def filled(stage: stages.FillNull, table: RowTable, reading: Reading) -> RowTable:
    """A value where there is none; a field that is named is made."""
    names = item_names(stage.fields) or listed_or_all((), table)
    if any("*" in name for name in names):
        raise refused_stage(stage, "wildcards")
    for row in table.rows:
        for name in names:
            row.setdefault(name, stage.value)
    return table


@SPL.stage(stages.FillDown)
def filled_down(stage: stages.FillDown, table: RowTable, reading: Reading) -> RowTable:
    """The last value before, where there is none."""
    held: Row = {}
    names = listed_or_all(stage.fields, table)
    for row in table.rows:
        for name in names:
            if name in row:
                held[name] = row[name]
            elif name in held:
                row[name] = held[name]
    return table


@SPL.stage(stages.MakeMv)
def split(stage: stages.MakeMv, table: RowTable, reading: Reading) -> RowTable:
    """A field's text split into several values; empty ones are left out unless they are asked for."""
    if stage.set_sv or stage.tokenizer is not None:
        raise refused_stage(stage, "setsv or a tokenizer")
    for row in table.rows:
        pieces = [piece for value in texts_of(row.get(stage.field)) for piece in value.split(stage.delimiter)]
        put(row, stage.field, [piece for piece in pieces if piece or stage.allow_empty])
    return table


@SPL.stage(stages.NoMv)
def joined(stage: stages.NoMv, table: RowTable, reading: Reading) -> RowTable:
    """Several values as one text, a value a line."""
    for row in table.rows:
        if isinstance(row.get(stage.field), list):
            row[stage.field] = "\n".join(texts_of(row[stage.field]))
    return table


@SPL.stage(stages.MvExpand)
@ELASTIC.stage(stages.MvExpand)
def expanded_rows(stage: stages.MvExpand, table: RowTable, reading: Reading) -> RowTable:
    """One row a value; a row without the field stays."""
    rows: list[Row] = []
    for row in table.rows:
        found = values_of(row.get(stage.field))[: stage.limit or None]
        rows += [{**row, stage.field: value} for value in found] or [row]
    return table.with_rows(rows)


@SPL.stage(stages.Rex)
def extracted(stage: stages.Rex, table: RowTable, reading: Reading) -> RowTable:
    """Fields out of the named groups of the first match; no match leaves them as they were."""
    if stage.sed or stage.max_match != 1 or stage.offset_field is not None:
        raise refused_stage(stage, "mode=sed, max_match or offset_field")
    pattern = regex(stage.pattern, stage.span)
    for row in table.rows:
        value = text(row.get(stage.field))
        found = pattern.search(value) if value is not None else None
        for name, held in (found.groupdict() if found is not None else {}).items():
            if held:
                put(row, name, held)
    return table


@SPL.stage(stages.Replace)
def replaced(stage: stages.Replace, table: RowTable, reading: Reading) -> RowTable:
    """Whole values replaced."""
    if any("*" in part for one in stage.replacements for part in (one.pattern, one.value)):
        raise refused_stage(stage, "wildcards")
    wanted: dict[str, str] = {}
    for one in stage.replacements:
        wanted.setdefault(one.pattern, one.value)
    for row in table.rows:
        for name in listed_or_all(stage.fields, table):
            if name in row:
                put(row, name, [wanted.get(value, value) for value in texts_of(row[name])])
    return table


@SPL.stage(stages.StrCat)
def put_together(stage: stages.StrCat, table: RowTable, reading: Reading) -> RowTable:
    """Fields and texts as one text; a field that is missing is nothing, or leaves the target as it was."""
    for row in table.rows:
        parts = [part if quoted else text(row.get(part)) for part, quoted in stage.parts]
        if not (stage.all_required and None in parts):
            put(row, stage.target, "".join(part or "" for part in parts))
    return table


@SPL.stage(stages.Bucket)
def into_buckets(stage: stages.Bucket, table: RowTable, reading: Reading) -> RowTable:
    """A number put into the interval that it is in, as `start-end`; a time to the start of it."""
    span = stage.interval
    units = {"s": 1, "m": 60, "h": 3600, "d": 86400}
    if span is None or span.snap or stage.align_time or stage.start is not None or stage.end is not None:
        raise refused_stage(stage, "anything but span=")
    if stage.field == "_time" and (span.unit not in units or (span.unit == "d" and span.amount != 1)):
        raise refused_stage(stage, f"span={span.text}")
    if span.unit and stage.field != "_time":
        raise refused_stage(stage, f"span={span.text} of a number")
    width = span.amount * units.get(span.unit, 1)
    for row in table.rows:
        found = [_interval(value, width, stage.field == "_time") for value in values_of(row.get(stage.field))]
        if found:
            put(row, stage.alias or stage.field, found)
    return table


def _interval(value: Any, width: float, is_time: bool) -> Any:
    """The interval that a number is in; text stays as it is."""
    size = number(value)
    if size is None:
        return value
    start = size // width * width
    return start if is_time else f"{text(start)}-{text(start + width)}"


@SPL.stage(stages.RangeMap)
def ranged(stage: stages.RangeMap, table: RowTable, reading: Reading) -> RowTable:
    """The names of the ranges that a number is in."""
    for row in table.rows:
        value = number(row.get(stage.field))
        names = [name for name, low, high in stage.ranges if value is not None and low <= value <= high]
        put(row, "range", names or [stage.default])
    return table


@COMMON.stage(stages.SetFields)
def constants(stage: stages.SetFields, table: RowTable, reading: Reading) -> RowTable:
    """Fields set to constants."""
    for row in table.rows:
        for name, value in stage.values:
            put(row, name, value)
    return table


@SPL.stage(stages.MakeResults)
def made(stage: stages.MakeResults, table: RowTable, reading: Reading) -> RowTable:
    """Rows that have the time of the search and nothing else."""
    if stage.data is not None or stage.annotate:
        raise refused_stage(stage, "data or annotate")
    return RowTable([{"_time": float(int(reading.options.now))} for _ in range(stage.count)])


@SPL.stage(stages.Untable)
def untabled(stage: stages.Untable, table: RowTable, reading: Reading) -> RowTable:
    """One row a field of a row, but the first."""
    names = [name for name in table.names() if name != stage.x and not name.startswith("_")]
    return RowTable(
        [
            {stage.x: row[stage.x], stage.y: name, stage.value: row[name]}
            for row in table.rows
            for name in names
            if stage.x in row and name in row
        ]
    )
