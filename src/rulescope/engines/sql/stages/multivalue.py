"""Stages that make, split and merge multivalue fields."""

from __future__ import annotations

from sqlglot import exp

from rulescope.engines.sql.build import call, column, function_of, literal, parameter, sql
from rulescope.engines.sql.context import Context
from rulescope.engines.sql.dialect import compiles
from rulescope.engines.sql.evidence import by_keys
from rulescope.engines.sql.frame import Frame
from rulescope.engines.sql.matching import native_regex
from rulescope.engines.sql.regex import groups_of, pcre_pattern
from rulescope.engines.sql.schema import ROW, Column, Schema
from rulescope.engines.sql.stages.explode import explode
from rulescope.engines.sql.values import Type, as_multi, as_text, auto_value, multi_value
from rulescope.ir import stages


@compiles(stages.MakeMv)
def compile_makemv(stage: stages.MakeMv, frame: Frame, context: Context) -> Frame:
    """A field's text, or each of its values, split by a delimiter or into the matches of a pattern."""
    value = frame.value(stage.field)
    if value is None:
        return frame.then(frame.passed())
    if value.type is Type.MULTI:
        name = parameter()
        split = function_of(name, _pieces(stage, column(name), context))
        items = sql("flatten(list_transform(:x, :f))", x=value.node, f=split)
    else:
        items = _pieces(stage, as_text(value), context)
    if not stage.allow_empty:
        items = sql("list_filter(:x, lambda v: v <> '')", x=items)
    return frame.assign({stage.field: multi_value(sql("spl_filled(:x)", x=items))})


def _pieces(stage: stages.MakeMv, text: exp.Expression, context: Context) -> exp.Expression:
    """What one text is split into."""
    if stage.tokenizer is None:
        return sql("string_split(:x, :d)", x=text, d=stage.delimiter)
    group = 1 if groups_of(stage.tokenizer).count else 0
    native = native_regex(stage.tokenizer, context, stage.span)
    if native is not None:
        return sql(f"regexp_extract_all(:x, :p, {group})", x=text, p=native)
    return call("spl_pcre_all", text, literal(pcre_pattern(stage.tokenizer)), exp.Literal.number(group))


@compiles(stages.NoMv)
def compile_nomv(stage: stages.NoMv, frame: Frame, context: Context) -> Frame:
    """The values as one text: one a line, or with the delimiter of the stage that gathered them."""
    value = frame.value(stage.field)
    if value is None or value.type is not Type.MULTI:
        return frame.then(frame.passed())
    delimiter = frame.schema.fields[stage.field].delimiter
    return frame.assign({stage.field: auto_value(sql("array_to_string(:x, :d)", x=value.node, d=delimiter))})


@compiles(stages.MvExpand)
def compile_mvexpand(stage: stages.MvExpand, frame: Frame, context: Context) -> Frame:
    """One row a value."""
    if frame.schema.get(stage.field) is None:
        return frame.then(frame.passed())
    return explode(frame, stage.field, stage.limit)


@compiles(stages.MvCombine)
def compile_mvcombine(stage: stages.MvCombine, frame: Frame, context: Context) -> Frame:
    """Rows that agree in all other fields merged into one, the field holding all their values."""
    value = frame.value(stage.field)
    if value is None:
        return frame.then(frame.passed())
    entry = frame.schema.fields[stage.field]
    others = [held for name, held in frame.schema.fields.items() if name != stage.field]
    items = exp.Filter(
        this=call("list", exp.Order(this=as_multi(value), expressions=[exp.Ordered(this=column(ROW))])),
        expression=exp.Where(this=sql("(:x IS NOT NULL)", x=value.node)),
    )
    columns: dict[str, exp.Expression | None] = {held.physical: column(held.physical) for held in others}
    columns[entry.physical] = sql("spl_filled(flatten(:x))", x=items)
    columns[ROW] = call("min", column(ROW))
    keys = [column(held.physical) for held in others]
    told, hidden = by_keys(frame, keys, {name.lower() for name in columns})
    body = frame.source()
    body = body.group_by(*keys) if keys else body
    combined = Column(entry.physical, Type.MULTI, entry.mixed, delimiter=stage.delimiter)
    fields = {name: combined if name == stage.field else held for name, held in frame.schema.fields.items()}
    return frame.then({**columns, **told}, Schema(fields, hidden), body, events=False)
