"""Stages that take fields out of text."""

from __future__ import annotations

import dataclasses
import json
import re

from sqlglot import exp

from rulescope import ir
from rulescope.engines.sql.build import call, column, function_of, integer, literal, parameter, sql
from rulescope.engines.sql.context import Context
from rulescope.engines.sql.dialect import compiles
from rulescope.engines.sql.frame import Frame
from rulescope.engines.sql.functions.text import substituted
from rulescope.engines.sql.matching import check_pcre, native_regex
from rulescope.engines.sql.regex import groups_of, pcre_pattern
from rulescope.engines.sql.schema import Column, Schema
from rulescope.engines.sql.values import Type, Value, as_text, auto_value, each, multi_value
from rulescope.errors import Refusal
from rulescope.ir import stages

_SPACES = {"n": "\n", "r": "\r", "t": "\t"}
"""What a letter after a backslash means in the replacement of a sed expression."""
_MAX_KEYS = 2000
_RE2_GROUPS = 9
"""DuckDB's regexp_extract reaches groups up to this number."""


@compiles(stages.Rex)
def compile_rex(stage: stages.Rex, frame: Frame, context: Context) -> Frame:
    """Named groups of a PCRE as fields; where it does not match, the fields stay as they were."""
    value = frame.value(stage.field)
    if stage.sed:
        return frame.then(frame.passed()) if value is None else _sed(stage, value, frame, context)
    native = native_regex(stage.pattern, context, stage.span)
    groups = groups_of(stage.pattern)
    if groups.count > _RE2_GROUPS:
        native = None
    if not groups.names:
        raise Refusal("rex needs a named group, (?<name>…)", span=stage.span, code="RUN039")
    names = list(dict.fromkeys(name for name, _ in groups.names))
    if value is None:
        return frame.choose(list(dict.fromkeys([*frame.schema.names(), *names])))
    assigned: dict[str, Value] = {}
    for name, group in groups.names:
        found = _matches(value, stage, native, group)
        before = assigned.get(name) or frame.value(name)
        assigned[name] = _kept(found, before, single=stage.max_match == 1)
    if stage.offset_field:
        offsets = call("spl_pcre_offsets", as_text(value), literal(pcre_pattern(stage.pattern)))
        assigned[stage.offset_field] = _kept(offsets, frame.value(stage.offset_field), single=True)
    return frame.assign(assigned)


def _matches(value: Value, stage: stages.Rex, native: str | None, group: int) -> exp.Expression:
    """What a group holds: text of the first match, or the list of those of as many matches as wanted."""

    def every(text: exp.Expression) -> exp.Expression:
        if native is not None:
            return sql(f"regexp_extract_all(:x, :p, {group})", x=text, p=native)
        return call("spl_pcre_all", text, literal(pcre_pattern(stage.pattern)), integer(group))

    if value.type is Type.MULTI:
        name = parameter()
        items = sql("flatten(list_transform(:x, :f))", x=value.node, f=function_of(name, every(column(name))))
    elif stage.max_match == 1 and native is not None:
        return sql(f"NULLIF(regexp_extract(:x, :p, {group}), '')", x=as_text(value), p=native)
    else:
        items = every(as_text(value))
    if stage.max_match == 1:
        return sql("NULLIF(list_extract(:x, 1), '')", x=items)
    if stage.max_match > 1:
        items = sql("list_slice(:x, 1, :n)", x=items, n=integer(stage.max_match))
    return sql("spl_filled(list_filter(:x, lambda v: v <> ''))", x=items)


def _kept(found: exp.Expression, before: Value | None, *, single: bool) -> Value:
    """What was found, or what the field held before."""
    if single and (before is None or before.type is not Type.MULTI):
        return auto_value(found if before is None else sql("COALESCE(:x, :y)", x=found, y=as_text(before)))
    items = sql("spl_list(:x)", x=found) if single else found
    if before is None:
        return multi_value(items)
    held = before.node if before.type is Type.MULTI else sql("spl_list(:x)", x=as_text(before))
    return multi_value(sql("COALESCE(:x, :y)", x=items, y=held))


def _sed(stage: stages.Rex, value: Value, frame: Frame, context: Context) -> Frame:
    for command in sed_commands(stage):
        kind, first, second, flags = command
        if kind == "y":
            if len(first) != len(second):
                raise Refusal("sed: both sides of y/…/…/ must be equally long", span=stage.span, code="RUN039")
            value = _translated(value, first, second)
        else:
            value = _substituted(stage, value, first, second, flags, context)
    return frame.assign({stage.field: value})


def _translated(value: Value, before: str, after: str) -> Value:
    return each(value, lambda text: call("translate", text, literal(before), literal(after)))


def _substituted(
    stage: stages.Rex, value: Value, pattern: str, replacement: str, flags: str, context: Context
) -> Value:
    replacement = re.sub(r"\\(.)", lambda found: _SPACES.get(found.group(1), found.group()), replacement)
    number = re.search(r"\d+", flags)
    if "i" in flags.lower():
        pattern = f"(?i){pattern}"
    if number is not None:
        check_pcre(pattern, stage.span)
        place = integer(int(number.group()))
        return each(
            value,
            lambda text: call(
                "spl_pcre_replace_nth", text, literal(pcre_pattern(pattern)), literal(replacement), place
            ),
        )
    return each(value, lambda text: substituted(text, pattern, replacement, "g" in flags, context, stage.span))


def sed_commands(stage: stages.Rex) -> list[tuple[str, str, str, str]]:
    """The commands of a sed expression: (`s` or `y`, first part, second part, flags)."""
    text = stage.pattern.strip()
    out: list[tuple[str, str, str, str]] = []
    position = 0
    while position < len(text):
        if text[position] in " \t;\r\n":
            position += 1
            continue
        kind = text[position]
        if kind not in "sy" or position + 1 >= len(text):
            raise Refusal("not a sed expression: write s/…/…/ or y/…/…/", span=stage.span, code="RUN039")
        mark = text[position + 1]
        parts, position = _sed_parts(text, position + 2, mark, kind == "s")
        if len(parts) < 2:
            raise Refusal("not a sed expression: a part is not closed", span=stage.span, code="RUN039")
        flags = re.compile(r"[A-Za-z0-9]*").match(text, position)
        assert flags is not None
        position = flags.end()
        out.append((kind, parts[0], parts[1], flags.group()))
    return out


def _sed_parts(text: str, position: int, mark: str, pattern: bool) -> tuple[list[str], int]:
    """The two parts that end at `mark`, and where the flags begin; an escaped mark belongs to the part."""
    parts: list[str] = []
    piece: list[str] = []
    while position < len(text) and len(parts) < 2:
        character = text[position]
        if character == "\\" and position + 1 < len(text):
            following = text[position + 1]
            piece.append(following if following == mark and (mark != "|" or not pattern) else character + following)
            position += 2
        elif character == mark:
            parts.append("".join(piece))
            piece = []
            position += 1
        else:
            piece.append(character)
            position += 1
    return parts, position


@compiles(stages.Spath)
def compile_spath(stage: stages.Spath, frame: Frame, context: Context) -> Frame:
    """The value at a path of JSON or XML, or with no path every key as a field."""
    value = frame.value(stage.input)
    if value is None:
        return frame.then(frame.passed())
    text = as_text(value)
    if stage.path is not None:
        target = stage.output or stage.path
        found = call("spl_spath", text, literal(stage.path))
        return frame.assign({target: _kept(found, frame.value(target), single=False)})
    return expand_pairs(stage, frame, call("spl_spath_all", text), context)


def expand_pairs(
    stage: ir.Stage, frame: Frame, pairs: exp.Expression, context: Context, *, overwrite: bool = True
) -> Frame:
    """A field for every key that any row's pairs hold. `pairs` is a map of text to lists."""
    context.need_data(stage, "its fields are the keys found in the events")
    label = frame.stage
    held = "_rs_pairs"
    columns = frame.passed()
    columns[held] = pairs
    with_pairs = frame.then(columns, frame.schema)
    hidden = dict(frame.schema.hidden)
    carried = dataclasses.replace(
        with_pairs, schema=Schema(frame.schema.fields, {**hidden, held: Column(held, Type.MULTI)})
    )
    stored = context.materialize(carried).at(label)
    keys = context.distinct(stored, sql("unnest(map_keys(:m))", m=column(held)), _MAX_KEYS + 1)
    if len(keys) > _MAX_KEYS:
        context.note("RUN103", f"more than {_MAX_KEYS:,} keys were found; the rest was left out", stage.span)
        keys = keys[:_MAX_KEYS]
    assigned: dict[str, Value] = {}
    for key in keys:
        found = sql("spl_filled(:m[:k])", m=column(held), k=key)
        before = stored.value(key)
        if before is None:
            assigned[key] = multi_value(found)
        elif overwrite:
            assigned[key] = _kept(found, before, single=False)
    result = stored.assign(assigned) if assigned else stored
    return dataclasses.replace(result, schema=Schema(result.schema.fields, hidden), events=frame.events)


@compiles(stages.XmlKv)
def compile_xmlkv(stage: stages.XmlKv, frame: Frame, context: Context) -> Frame:
    """A field for every `<name>value</name>` in a field."""
    text = frame.value(stage.field)
    if text is None:
        return frame.then(frame.passed())
    return expand_pairs(stage, frame, call("spl_xmlkv", as_text(text)), context)


@compiles(stages.Extract)
def compile_extract(stage: stages.Extract, frame: Frame, context: Context) -> Frame:
    """A field for every key and value pair in `_raw`; a field that is there already stays."""
    if stage.extractions:
        raise Refusal(
            f"the extraction '{stage.extractions[0]}' of transforms.conf is not known", span=stage.span, code="RUN035"
        )
    raw = frame.value("_raw")
    by_delimiters = stage.pair_delimiters is not None and stage.key_delimiters is not None
    if raw is None or not (by_delimiters or stage.automatic):
        return frame.then(frame.passed())
    settings = json.dumps(
        {
            "pairs": stage.pair_delimiters,
            "keys": stage.key_delimiters,
            "clean": stage.clean_keys,
            "multivalue": stage.multivalue,
            "limit": stage.limit,
            "length": stage.max_length,
        }
    )
    return expand_pairs(stage, frame, call("spl_extract", as_text(raw), literal(settings)), context, overwrite=False)
