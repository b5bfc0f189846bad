"""`foreach`: a template run for each field, or for each item of one."""

from __future__ import annotations

import re
from dataclasses import replace

from sqlglot import exp

from rulescope import ir
from rulescope.engines.sql.build import sql
from rulescope.engines.sql.compiling import compile_pipeline, undefined_macro
from rulescope.engines.sql.context import Context
from rulescope.engines.sql.dialect import compiles
from rulescope.engines.sql.frame import Frame
from rulescope.engines.sql.schema import name_pattern
from rulescope.engines.sql.stages.fieldlists import item_names
from rulescope.engines.sql.stages.templates import filled
from rulescope.engines.sql.values import Type, Value, as_text, auto_value, multi_value
from rulescope.errors import Refusal
from rulescope.ir import stages
from rulescope.ir.walk import moved

_TOKEN = re.compile(r"<<(?:FIELD|MATCHSTR|MATCHSEG[123])>>")
_WORD = re.compile(r"[^\s,()=<>!]*")
"""What can be put in for a token without quotes: no blank, comma or sign that would make two words of it."""

_MAX_ITEMS = 1000
_ITEMS = "_rs_items"
_ITEM = "_rs_item"


@compiles(stages.Foreach)
def compile_foreach(stage: stages.Foreach, frame: Frame, context: Context) -> Frame:
    """The template once for each field that matches, or each item of a multivalue field or JSON array, in order."""
    mode = stage.mode.lower()
    if mode in {"multivalue", "json_array", "auto_collections"}:
        return _over_items(stage, frame, context, mode)
    if mode != "multifield":
        raise Refusal(f"foreach mode={stage.mode} is not supported", span=stage.span, code="RUN035")
    label = frame.stage
    number = 0
    for pattern in item_names(stage.fields):
        matcher = name_pattern(pattern)
        names = frame.schema.matching(pattern) if "*" in pattern else [pattern]
        for name in names:
            found = matcher.fullmatch(name)
            groups = found.groups() if found else ()
            number += 1
            tokens = {"<<FIELD>>": name, "<<MATCHSTR>>": "".join(groups)}
            for index in range(1, 4):
                tokens[f"<<MATCHSEG{index}>>"] = groups[index - 1] if index <= len(groups) else ""
            frame = _run(_with_names(stage, tokens, context), frame.at(f"{label}_{number}"), context)
    return frame.at(label) if number else frame.then(frame.passed())


def _run(pipeline: ir.Pipeline, frame: Frame, context: Context) -> Frame:
    """The rows after the template."""
    return compile_pipeline(pipeline, context, frame=frame, prefix=f"{frame.stage}_")


def _with_names(stage: stages.Foreach, tokens: dict[str, str], context: Context) -> ir.Pipeline:
    """The template with its tokens put in."""
    for text in tokens.values():
        _check(text, stage)

    def put(text: str) -> str:
        return _TOKEN.sub(lambda found: tokens.get(found.group(), found.group()), text) if "<<" in text else text

    def read(node: object) -> object:
        return _expression(node, stage, context) if isinstance(node, ir.Hole) else node

    return _stages(filled(stage.pipeline, put, context, read))


def _stages(pipeline: ir.Pipeline) -> ir.Pipeline:
    """The template as a pipeline for the rows so far."""
    return ir.Pipeline(pipeline.stages, span=pipeline.span)


def _expression(hole: ir.Hole, stage: stages.Foreach, context: Context) -> ir.Expression:
    """What a name without quotes is after tokens were put in: `a-b` is a difference."""
    found = context.need_texts(hole.span).expression(hole.name)
    if found is None:
        message = f"the template of foreach can't be read: '{hole.name}' is no expression"
        raise Refusal(message, span=stage.span, code="RUN016")
    return moved(found, hole.span)


def _check(text: str, stage: stages.Foreach) -> None:
    """Refuses a field name that would end a quote or open a stage in the template, or be two words there."""
    if any(character in text for character in "\"'|[]`") or (stage.bare and _WORD.fullmatch(text) is None):
        raise Refusal(f"foreach can't put the field name {text!r} into its template", span=stage.span, code="RUN035")


def _items(value: Value, mode: str) -> exp.Expression:
    """The values of a field, or the elements of its JSON array; `auto_collections` takes what there is."""
    if mode == "json_array":
        return sql("spl_json_array_to_mv(:x, FALSE)", x=as_text(value))
    if value.type is Type.MULTI:
        return value.node
    if mode == "multivalue":
        return sql("spl_list(:x)", x=as_text(value))
    return sql("COALESCE(spl_json_array_to_mv(:x, FALSE), spl_list(:x))", x=as_text(value))


def _over_items(stage: stages.Foreach, frame: Frame, context: Context, mode: str) -> Frame:
    executor = context.need_data(stage, "how often it runs depends on the values")
    names = item_names(stage.fields)
    value = frame.value(names[0]) if names else None
    if value is None:
        return frame.then(frame.passed())
    label = frame.stage
    stored = context.materialize(frame.assign({_ITEMS: multi_value(_items(value, mode))})).at(label)
    held = stored.value(_ITEMS)
    assert held is not None
    query = stored.source().select(sql("max(len(:x))", x=held.node))
    longest = executor.fetch(stored.program.assemble(query))[0][0] or 0
    if longest > _MAX_ITEMS:
        raise Refusal(f"foreach runs over at most {_MAX_ITEMS} items", span=stage.span, code="RUN039")
    rows = stored
    for index in range(1, longest + 1):
        pipeline = _with_item(stage, index - 1, context)
        item = sql(f"list_extract(:x, {index})", x=held.node)
        inside = rows.at(f"{label}_{index}").assign({_ITEM: auto_value(item)})
        rows = _run(_guarded(pipeline, index, stage), inside, context)
    return rows.choose([name for name in rows.schema.names() if name not in {_ITEMS, _ITEM}])


def _with_item(stage: stages.Foreach, number: int, context: Context) -> ir.Pipeline:
    """The template with the item as a field, also where the token stands in quotes, and with the item's number."""

    def put(text: str) -> str:
        if text == "<<ITEM>>":
            return _ITEM
        if "<<ITEM>>" in text:
            raise Refusal("foreach puts an item in as a whole value only", span=stage.span, code="RUN035")
        return text.replace("<<ITER>>", str(number))

    def read(node: object) -> object:
        if isinstance(node, ir.Constant) and node.value == _ITEM:
            return ir.FieldReference(_ITEM, node.span)
        return _expression(node, stage, context) if isinstance(node, ir.Hole) else node

    return _stages(filled(stage.pipeline, put, context, read))


def _guarded(pipeline: ir.Pipeline, index: int, stage: stages.Foreach) -> ir.Pipeline:
    """The assignments of the template, each only for rows that have so many items."""
    there = ir.Binary("<=", ir.Constant(index), ir.Call("mvcount", (ir.FieldReference(_ITEMS),)))
    guarded_stages: list[ir.Stage] = []
    for part in pipeline.stages:
        if not isinstance(part, stages.Eval):
            raise Refusal(f"foreach mode={stage.mode} runs eval only", span=stage.span, code="RUN035")
        assignments = []
        for assignment in part.assignments:
            if isinstance(assignment, ir.MacroCall):
                raise undefined_macro(assignment.name, stage.span)
            before = ir.FieldReference(assignment.target)
            guarded = ir.Call("if", (there, assignment.expression, before), assignment.span)
            assignments.append(replace(assignment, expression=guarded))
        guarded_stages.append(replace(part, assignments=tuple(assignments)))
    return ir.Pipeline(tuple(guarded_stages))
