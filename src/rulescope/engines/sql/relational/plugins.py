"""The plug-ins of Kusto whose columns depend on the data: `bag_unpack` and `pivot`. Source: the pages of its reference
of their names."""

from __future__ import annotations

import json
from collections.abc import Callable

from sqlglot import exp

from rulescope import ir
from rulescope.engines.sql.build import column, sql
from rulescope.engines.sql.compiling import compile_pipeline
from rulescope.engines.sql.context import Context
from rulescope.engines.sql.dialect import KUSTO, compiles_command
from rulescope.engines.sql.frame import Frame
from rulescope.engines.sql.relational.aggregate_names import AGGREGATES
from rulescope.engines.sql.relational.common_functions import as_held
from rulescope.engines.sql.relational.kusto_functions import shown_text
from rulescope.engines.sql.relational.parts import MEMBER, found_json
from rulescope.engines.sql.relational.scope import Scope, put
from rulescope.engines.sql.relational.table_rows import TypedColumn, time_of_text
from rulescope.engines.sql.schema import Column, free_name
from rulescope.engines.sql.stages.held_rows import MAXIMUM_COLUMNS
from rulescope.engines.sql.values import Value, as_json, as_text, json_value, number_value, text_value, whole_value
from rulescope.errors import Refusal
from rulescope.ir import stages

_TYPES = {"UBIGINT": "long", "BIGINT": "long", "HUGEINT": "long", "DOUBLE": "real", "VARCHAR": "string",
          "BOOLEAN": "bool"}  # fmt: skip
_SCHEMA = {"int": "long", "long": "long", "real": "real", "double": "real", "decimal": "real", "string": "string",
           "guid": "string", "bool": "bool", "boolean": "bool", "datetime": "datetime",
           "dynamic": "dynamic"}  # fmt: skip
_WHY = "its columns are the values of a column"
_ZERO_OF_NOTHING = frozenset({"count", "countif", "sum", "sumif", "dcount", "dcountif"})
_CELL = "_rs_cell"


@compiles_command("evaluate", dialects=(KUSTO,))
def compile_evaluate(stage: stages.Command, frame: Frame, context: Context) -> Frame:
    """What the plug-in makes of the rows."""
    call = stage.arguments[0].value if stage.arguments else None
    plugin = _PLUGINS.get(call.function) if isinstance(call, ir.Call) else None
    if plugin is None or not isinstance(call, ir.Call):
        name = f"'{call.function}'" if isinstance(call, ir.Call) else "one"
        message = f"'evaluate' calls the plug-in {name}, which is not supported"
        raise Refusal(message, span=stage.span, stage=stage.name, code="RUN010")
    return plugin(call, stage, frame, context)


def _schema(stage: stages.Command) -> dict[str, str]:
    """The columns that the query says that the plug-in gives, with their types; empty where it says none."""
    found: dict[str, str] = {}
    for one in stage.arguments[1:]:
        if isinstance(one.value, ir.FieldReference) and one.name is not None:
            if one.name not in (*_SCHEMA, "*"):
                raise Refusal(f"a column of type {one.name} is not supported here", span=one.span, code="RUN035")
            found[one.value.name] = _SCHEMA.get(one.name, "")
    return found


def _option(stage: stages.Command, name: str, place: int, call: ir.Call) -> ir.Expression | None:
    named = stage.option(name.lower())
    if isinstance(named, ir.Expression):
        return named
    return call.arguments[place] if len(call.arguments) > place else None


def _unpack(call: ir.Call, stage: stages.Command, frame: Frame, context: Context) -> Frame:
    """`bag_unpack`: a column for each key of the objects, by name; of the type of its values where all have one."""
    given = call.arguments[0] if call.arguments else None
    if not isinstance(given, ir.FieldReference):
        raise Refusal("bag_unpack takes a column of objects", span=call.span, code="RUN038")
    scope = Scope(frame, context)
    scope.name(given.name, given.span)
    value = scope.frame.value(given.name)
    assert value is not None
    node = sql("CASE WHEN json_type(:x) = 'OBJECT' THEN :x END", x=as_json(value))
    prefix = _text(_option(stage, "OutputColumnPrefix", 1, call))
    conflict = _text(_option(stage, "columnsConflict", 2, call)) or "error"
    ignored = _texts(_option(stage, "ignoredProperties", 3, call))
    schema = _schema(stage)
    wanted = {name: kind for name, kind in schema.items() if name != "*"} if schema else None
    entries = {name: entry for name, entry in frame.schema.fields.items() if name != given.name}
    if wanted is None:
        context.need_data(stage, _WHY)
        frame = context.materialize(put(frame, {_CELL: (json_value(node), "dynamic", True)})).at(frame.stage)
        node = column(frame.schema.fields[_CELL].physical)
        wanted = {f"{prefix}{key}": kind for key, kind in _keys(node, frame, context).items() if key not in ignored}
    elif "*" not in schema:
        entries = {name: entry for name, entry in entries.items() if name in wanted}
    if len(wanted) > MAXIMUM_COLUMNS:
        raise Refusal(f"bag_unpack makes at most {MAXIMUM_COLUMNS:,} columns", span=stage.span, code="RUN021")
    columns = frame.passed()
    used = frame.schema.physical_names()
    fields: dict[str, Column] = dict(entries)
    for name, kind in wanted.items():
        if name in entries and "*" not in schema and schema:
            continue
        if name in entries and conflict == "keep_source":
            continue
        if name in entries and conflict != "replace_source":
            message = f"bag_unpack would make a column '{name}', which is there already"
            hint = "columnsConflict='keep_source' or 'replace_source' says which of them counts"
            raise Refusal(message, span=call.span, code="RUN035", hint=hint)
        made, kind = _typed(sql(MEMBER.replace("k,", ":k,"), x=node, k=name.removeprefix(prefix)), kind, context)
        physical = free_name(name, used)
        columns[physical] = made.node
        fields[name] = TypedColumn(physical, made.type, False, kind)
    return frame.then(columns, frame.schema.with_fields(fields))


def _keys(node: exp.Expression, frame: Frame, context: Context) -> dict[str, str]:
    """The keys of the objects, by name, and the kind of the values of each; empty where they are of several."""
    listed = sql("list_transform(json_keys(:x), lambda k: json_object('k', k, 't', json_type(:m)))", x=node,
                 m=sql(MEMBER, x=node))  # fmt: skip
    pairs = sql("unnest(:l)", l=listed)
    found: dict[str, set[str]] = {}
    for told in context.distinct(frame, sql("CAST(:p AS VARCHAR)", p=pairs), MAXIMUM_COLUMNS * 8):
        one = json.loads(told)
        found.setdefault(one["k"], set()).add(one["t"])
    kinds: dict[str, str] = {}
    for key in sorted(found):
        of = {_TYPES.get(kind, "dynamic") for kind in found[key] - {"NULL"}}
        kinds[key] = of.pop() if len(of) == 1 else "real" if of == {"long", "real"} else "dynamic"
    return kinds


def _typed(node: exp.Expression, kind: str, context: Context) -> tuple[Value, str]:
    value = found_json(node, context.dialect)
    match kind:
        case "long":
            return whole_value(sql("TRY_CAST(:x AS BIGINT)", x=as_text(value))), kind
        case "real":
            return number_value(sql("TRY_CAST(:x AS DOUBLE)", x=as_text(value))), kind
        case "datetime":
            return number_value(time_of_text(text_value(as_text(value)))), kind
        case "string":
            return text_value(shown_text(value)), kind
        case "bool":
            return text_value(sql("lower(:x)", x=as_text(as_held(value)))), kind
    return value, "dynamic"


def _text(expression: ir.Expression | None) -> str:
    return str(expression.value) if isinstance(expression, ir.Constant) else ""


def _texts(expression: ir.Expression | None) -> set[str]:
    listed = expression.arguments if isinstance(expression, ir.Call) else ()
    return {_text(one) for one in listed}


def _pivot(call: ir.Call, stage: stages.Command, frame: Frame, context: Context) -> Frame:
    """`pivot`: a row for each combination of the other columns, a column for each value of one, in the order of their
    first rows; in it an aggregate (without one, how many rows there are)."""
    turned, *rest = call.arguments or (None,)
    if not isinstance(turned, ir.FieldReference):
        raise Refusal("pivot takes a column", span=call.span, code="RUN038")
    aggregate: ir.Expression = rest.pop(0) if rest else ir.Call("count", (), call.span)
    if not isinstance(aggregate, ir.Call) or aggregate.function not in AGGREGATES:
        raise Refusal("the second argument of pivot is a function over rows", span=call.span, code="RUN038")
    read = {one.name for one in aggregate.arguments if isinstance(one, ir.FieldReference)}
    keys = [one for one in rest if isinstance(one, ir.FieldReference)] or [
        ir.FieldReference(name) for name in frame.schema.fields if name not in {turned.name, *read}
    ]
    given = None if aggregate.function == "count" else aggregate
    one = stages.Aggregate(aggregate.function, given, _CELL, computed=given is not None, span=call.span)
    grouped = stages.Stats(aggregates=(one,), by=(*keys, turned), span=stage.span)
    cells = _run(grouped, frame, context, "cells")
    schema = [name for name in _schema(stage) if name not in {key.name for key in keys}]
    if not schema:
        context.need_data(stage, _WHY)
        cells = context.materialize(cells).at(frame.stage)
        names = [shown for (shown,) in context.rows_of(_shown(cells, turned.name), [_CELL + "_name"])]
        schema = list(dict.fromkeys(name for name in names if name))
    if len(schema) > MAXIMUM_COLUMNS:
        raise Refusal(f"pivot makes at most {MAXIMUM_COLUMNS:,} columns", span=stage.span, code="RUN021")
    named = _shown(cells, turned.name)
    cell = ir.FieldReference(_CELL)
    results = tuple(
        stages.Aggregate("take_anyif", ir.Call("take_anyif", (cell, _is(name))), name, computed=True) for name in schema
    )
    again = stages.Stats(aggregates=results, by=tuple(keys), span=stage.span)
    found = _run(again, named, context, "laid")
    if aggregate.function not in _ZERO_OF_NOTHING:
        return found
    entries = {name: found.schema.fields[name] for name in schema}
    kinds = {name: entry.kind if isinstance(entry, TypedColumn) else "" for name, entry in entries.items()}
    filled = {
        name: (Value(sql("COALESCE(:x, 0)", x=entry.value().node), entry.type), kinds[name], True)
        for name, entry in entries.items()
    }
    return put(found, filled)


def _run(stage: ir.Stage, frame: Frame, context: Context, part: str) -> Frame:
    pipeline = ir.Pipeline((stage,), span=stage.span)
    return compile_pipeline(pipeline, context, frame=frame, prefix=f"{frame.stage}_{part}_")


def _shown(frame: Frame, name: str) -> Frame:
    return put(frame, {_CELL + "_name": (text_value(shown_text(frame.schema.fields[name].value())), "string", True)})


def _is(name: str) -> ir.Expression:
    return ir.Binary("=", ir.FieldReference(_CELL + "_name"), ir.Constant(name))


_PLUGINS: dict[str, Callable[[ir.Call, stages.Command, Frame, Context], Frame]] = {
    "bag_unpack": _unpack,
    "pivot": _pivot,
}
