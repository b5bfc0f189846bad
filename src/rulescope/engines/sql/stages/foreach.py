"""`foreach`: a template run for each field, or for each item of one."""

from __future__ import annotations

import re
from dataclasses import replace

from sqlglot import exp

from rulescope import ir
from rulescope.engines.sql.build import sql
from rulescope.engines.sql.compiling import compile_pipeline
from rulescope.engines.sql.context import Context
from rulescope.engines.sql.dialect import compiles
from rulescope.engines.sql.frame import Frame
from rulescope.engines.sql.schema import name_pattern
from rulescope.engines.sql.stages.fieldlists import item_names
from rulescope.engines.sql.values import Type, Value, as_text, auto_value, multi_value
from rulescope.errors import Refusal
from rulescope.ir import stages as kinds

_MAX_ITEMS = 1000
_ITEMS = "_rs_items"
_ITEM = "_rs_item"


@compiles(kinds.Foreach)
def compile_foreach(stage: kinds.Foreach, frame: Frame, context: Context) -> Frame:
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
            tokens = {stage.field_token or "<<FIELD>>": name, stage.match_string or "<<MATCHSTR>>": "".join(groups)}
            for index, segment in enumerate(stage.match_segments, 1):
                text = groups[index - 1] if index <= len(groups) else ""
                tokens[segment or f"<<MATCHSEG{index}>>"] = text
            frame = _run(_filled(stage, tokens), frame.at(f"{label}_{number}"), context)
    return frame.at(label) if number else frame.then(frame.passed())


def _run(pipeline: ir.Pipeline, frame: Frame, context: Context) -> Frame:
    """The rows after the template."""
    return compile_pipeline(pipeline, context, frame=frame, prefix=f"{frame.stage}_")


def _filled(stage: kinds.Foreach, tokens: dict[str, str]) -> ir.Pipeline:
    """The template with its tokens put in."""
    pattern = re.compile("|".join(re.escape(token) for token in sorted(tokens, key=len, reverse=True)))
    return _read(pattern.sub(lambda found: _safe(tokens[found.group()], stage), stage.template), stage)


def _read(text: str, stage: kinds.Foreach) -> ir.Pipeline:
    from rulescope.languages.spl import parse_search

    parsed = parse_search(f"| {text.strip().removeprefix('|')}")
    problems = [found for found in parsed.diagnostics if found.severity == "error"]
    if problems:
        raise Refusal(f"the template of foreach can't be read: {problems[0].message}", span=stage.span, code="RUN016")
    return ir.Pipeline(parsed.pipeline.stages)


def _safe(text: str, stage: kinds.Foreach) -> str:
    """A field name as it may stand in the template; one that would end a quote or open a stage is refused."""
    if any(character in text for character in "\"'|[]`"):
        raise Refusal(f"foreach can't put the field name {text!r} into its template", span=stage.span, code="RUN035")
    return text


def _items(value: Value, mode: str) -> exp.Expression:
    """The values of a field, or the elements of its JSON array; `auto_collections` takes what there is."""
    if mode == "json_array":
        return sql("spl_json_array_to_mv(:x, FALSE)", x=as_text(value))
    if value.type is Type.MULTI:
        return value.node
    if mode == "multivalue":
        return sql("spl_list(:x)", x=as_text(value))
    return sql("COALESCE(spl_json_array_to_mv(:x, FALSE), spl_list(:x))", x=as_text(value))


def _over_items(stage: kinds.Foreach, frame: Frame, context: Context, mode: str) -> Frame:
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
    token = stage.item_token or "<<ITEM>>"
    # Quotes around the token would be those of a text or a name; the item stands here as a field, so they go.
    template = re.sub(f"""["']?{re.escape(token)}["']?""", _ITEM, stage.template)
    number = stage.number_token or "<<ITER>>"
    same = None if number in template else _read(template, stage)
    for index in range(1, longest + 1):
        pipeline = same or _read(template.replace(number, str(index - 1)), stage)
        item = sql(f"list_extract(:x, {index})", x=held.node)
        inside = rows.at(f"{label}_{index}").assign({_ITEM: auto_value(item)})
        rows = _run(_guarded(pipeline, index, stage), inside, context)
    return rows.choose([name for name in rows.schema.names() if name not in {_ITEMS, _ITEM}])


def _guarded(pipeline: ir.Pipeline, index: int, stage: kinds.Foreach) -> ir.Pipeline:
    """The assignments of the template, each only for rows that have so many items."""
    there = ir.Binary("<=", ir.Constant(index), ir.Call("mvcount", (ir.FieldReference(_ITEMS),)))
    stages: list[ir.Stage] = []
    for part in pipeline.stages:
        if not isinstance(part, kinds.Eval):
            raise Refusal(f"foreach mode={stage.mode} runs eval only", span=stage.span, code="RUN035")
        assignments = []
        for assignment in part.assignments:
            if isinstance(assignment, ir.MacroCall):
                raise Refusal(f"the macro '{assignment.name}' has no definition", span=stage.span, code="RUN014")
            before = ir.FieldReference(assignment.target)
            guarded = ir.Call("if", (there, assignment.expression, before), assignment.span)
            assignments.append(replace(assignment, expression=guarded))
        stages.append(replace(part, assignments=tuple(assignments)))
    return ir.Pipeline(tuple(stages))
