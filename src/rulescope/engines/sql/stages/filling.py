"""Stages that put values where there are none, or others in their place."""

from __future__ import annotations

from sqlglot import exp

from rulescope import ir
from rulescope.engines.sql.build import cases, column, literal, number, sql
from rulescope.engines.sql.context import Context
from rulescope.engines.sql.dialect import compiles
from rulescope.engines.sql.frame import Frame
from rulescope.engines.sql.matching import glob_condition
from rulescope.engines.sql.predicates import read_number
from rulescope.engines.sql.regex import re_escape
from rulescope.engines.sql.schema import ROW
from rulescope.engines.sql.stages.fieldlists import expand, fields_or_all, item_names
from rulescope.engines.sql.values import Type, Value, as_text, auto_value, each
from rulescope.ir import stages


@compiles(stages.FillNull)
def compile_fillnull(stage: stages.FillNull, frame: Frame, context: Context) -> Frame:
    """A value in every field listed (all, if none is) that has none; a field that no row has comes to be."""
    names = expand(item_names(stage.fields), frame, keep_missing=True) if stage.fields else fields_or_all((), frame)
    return frame.assign({name: filled(frame.value(name), stage.value) for name in names})


def filled(value: Value | None, text: str) -> Value:
    """The value, or the text where there is none."""
    if value is None or value.type is Type.NULL:
        return auto_value(literal(text))
    amount = read_number(text)
    if value.type is Type.NUMBER and amount is not None:
        return Value(sql("COALESCE(:x, :n)", x=value.node, n=number(amount)), Type.NUMBER)
    if value.type is Type.MULTI:
        return Value(sql("COALESCE(:x, [:t])", x=value.node, t=text), Type.MULTI, mixed=value.mixed)
    mixed = value.mixed or value.type is Type.NUMBER
    return Value(sql("COALESCE(:x, :t)", x=as_text(value), t=text), Type.AUTO, mixed=mixed)


@compiles(stages.FillDown)
def compile_filldown(stage: stages.FillDown, frame: Frame, context: Context) -> Frame:
    """The last value before, in fields that have none."""
    assigned = {}
    for name in fields_or_all(stage.fields, frame):
        value = frame.value(name)
        assert value is not None
        last = exp.Window(
            this=exp.IgnoreNulls(this=exp.LastValue(this=value.node.copy())),
            order=exp.Order(expressions=[exp.Ordered(this=column(ROW))]),
            spec=exp.WindowSpec(kind="ROWS", start="UNBOUNDED", start_side="PRECEDING", end="CURRENT ROW"),
        )
        assigned[name] = Value(last, value.type, mixed=value.mixed)
    return frame.assign(assigned)


@compiles(stages.Replace)
def compile_replace(stage: stages.Replace, frame: Frame, context: Context) -> Frame:
    """Whole values replaced; a star matches any run, and in the new value stands for what the stars matched."""
    assigned = {}
    for name in fields_or_all(stage.fields, frame):
        value = frame.value(name)
        assert value is not None
        assigned[name] = each(value, lambda text: _replaced(text, stage.replacements))
    return frame.assign(assigned)


def _replaced(text: exp.Expression, replacements: tuple[stages.Replacement, ...]) -> exp.Expression:
    branches = []
    for replacement in replacements:
        pieces = replacement.pattern.split("*")
        glob: list[str | ir.Any] = []
        for index, piece in enumerate(pieces):
            if index:
                glob.append(ir.Any.RUN)
            if piece:
                glob.append(piece)
        condition = glob_condition(text, ir.Glob(tuple(glob)), False)
        branches.append((condition, _new_value(text, replacement, pieces)))
    return cases(branches, text)


def _new_value(text: exp.Expression, replacement: stages.Replacement, pieces: list[str]) -> exp.Expression:
    if "*" not in replacement.value:
        return literal(replacement.value)
    pattern = "(?s)^" + "(.*?)".join(re_escape(piece) for piece in pieces) + "$"
    stars = len(pieces) - 1
    out, number_of_group = [], 0
    for index, piece in enumerate(replacement.value.split("*")):
        if index and number_of_group < min(stars, 9):
            number_of_group += 1
            out.append(f"\\{number_of_group}")
        out.append(piece.replace("\\", "\\\\"))
    return sql("regexp_replace(:x, :p, :r)", x=text, p=pattern, r="".join(out))


@compiles(stages.StrCat)
def compile_strcat(stage: stages.StrCat, frame: Frame, context: Context) -> Frame:
    """Fields and texts joined; a missing field counts as nothing, or (`allrequired`) stops the row's result."""
    parts: list[exp.Expression] = []
    for text, quoted in stage.parts:
        value = None if quoted else frame.value(text)
        if quoted:
            parts.append(literal(text))
        elif value is None:
            if stage.all_required:
                return frame.then(frame.passed())
        else:
            node = as_text(value)
            parts.append(node if stage.all_required else sql("COALESCE(:x, '')", x=node))
    joined: exp.Expression = parts[0] if parts else literal("")
    for part in parts[1:]:
        joined = sql(":x || :y", x=joined, y=part)
    before = frame.value(stage.target)
    if stage.all_required and before is not None:
        joined = sql("COALESCE(:x, :y)", x=joined, y=as_text(before))
    return frame.assign({stage.target: auto_value(joined)})
