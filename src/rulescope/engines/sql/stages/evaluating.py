"""`eval` and its relatives."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rulescope import ir
from rulescope.engines.sql.build import cases, column, sql
from rulescope.engines.sql.compiling import compile_expression, undefined_macro
from rulescope.engines.sql.context import Context
from rulescope.engines.sql.dialect import compiles
from rulescope.engines.sql.frame import Frame
from rulescope.engines.sql.values import Type, Value, as_text, auto_value, storable, truth_text
from rulescope.ir import stages

_HOLE = re.compile(r"\{([^{}]+)\}")
_MAX_NAMES = 1000


@compiles(stages.Eval)
def compile_eval(stage: stages.Eval, frame: Frame, context: Context) -> Frame:
    """Fields set to expressions, in order; those that don't read one another are set in one step."""
    pending: dict[str, Value] = {}
    for assignment in stage.assignments:
        if isinstance(assignment, ir.MacroCall):
            raise undefined_macro(assignment.name, assignment.span)
        if pending and (set(pending) & set(fields_read(assignment.expression)) or _HOLE.search(assignment.target)):
            frame, pending = frame.assign(pending), {}
        value = _storable(assignment, frame, context)
        if _HOLE.search(assignment.target) and assignment.target not in frame.schema.fields:
            frame = _named_by_data(stage, assignment.target, value, frame, context)
        else:
            pending[assignment.target] = value
    return frame.assign(pending) if pending else frame.then(frame.passed())


def _storable(assignment: stages.Assignment, frame: Frame, context: Context) -> Value:
    value = compile_expression(assignment.expression, frame, context)
    if context.dialect.conditions_are_values and value.type is Type.BOOL:
        value = auto_value(truth_text(value.node))
    return storable(value, assignment.span)


def _named_by_data(stage: ir.Stage, target: str, value: Value, frame: Frame, context: Context) -> Frame:
    """`{f}=…`: a field for each value of f, set in the rows that hold it."""
    executor = context.need_data(stage, "its field names are values of other fields")
    del executor
    name_node = None
    position = 0
    pieces = []
    for found in _HOLE.finditer(target):
        if found.start() > position:
            pieces.append(sql(":t", t=target[position : found.start()]))
        held = frame.value(found.group(1))
        if held is None:
            return frame.then(frame.passed())
        pieces.append(as_text(held))
        position = found.end()
    if position < len(target):
        pieces.append(sql(":t", t=target[position:]))
    name_node = pieces[0]
    for piece in pieces[1:]:
        name_node = sql(":x || :y", x=name_node, y=piece)
    frame = frame.assign({"_rs_target": Value(name_node, value.type), "_rs_given": value})
    frame = context.materialize(frame).at(frame.stage)
    names = context.distinct(frame, column(frame.schema.fields["_rs_target"].physical), _MAX_NAMES + 1)
    if len(names) > _MAX_NAMES:
        message = f"'{target}' stands for more than {_MAX_NAMES:,} names; fields of other names are not made"
        context.note("RUN103", message, stage.span)
        names = names[:_MAX_NAMES]
    given = frame.value("_rs_given")
    target_value = frame.value("_rs_target")
    assert given is not None and target_value is not None
    assigned: dict[str, Value] = {}
    for name in names:
        before = frame.value(name)
        kept = before.node if before is not None and before.type is given.type else None
        condition = sql("(:t = :n)", t=target_value.node, n=name)
        assigned[name] = Value(cases([(condition, given.node)], kept), given.type, mixed=given.mixed)
    frame = frame.assign(assigned)
    return frame.choose([name for name in frame.schema.names() if name not in {"_rs_target", "_rs_given"}])


@compiles(stages.FieldFormat)
def compile_fieldformat(stage: stages.FieldFormat, frame: Frame, context: Context) -> Frame:
    """Only how a field is shown: results keep the value (Search Reference, "fieldformat")."""
    return frame.then(frame.passed())


def fields_read(node: object) -> Iterator[str]:
    """The names of all fields that an expression or predicate reads."""
    if isinstance(node, ir.FieldReference):
        yield node.name
    elif isinstance(node, ir.Compare):
        yield node.field
    elif isinstance(node, ir.Term):
        yield "_raw"
    elif isinstance(node, tuple):
        for entry in node:
            yield from fields_read(entry)
    elif hasattr(node, "__dataclass_fields__"):
        for attribute in node.__dataclass_fields__:
            yield from fields_read(getattr(node, attribute))


__all__ = ["compile_eval", "fields_read"]
