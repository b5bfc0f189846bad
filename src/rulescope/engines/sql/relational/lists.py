"""Values with parts: lists, and JSON inside text (`dynamic`, VARIANT); rows made of their elements."""

from __future__ import annotations

from sqlglot import exp

from rulescope import ir
from rulescope.engines.sql.build import array, bound, call, literal, sql
from rulescope.engines.sql.context import Context
from rulescope.engines.sql.dialect import KUSTO, SNOWFLAKE, TABLES, compiles, compiles_command
from rulescope.engines.sql.frame import Frame
from rulescope.engines.sql.functions.registry import Arguments
from rulescope.engines.sql.relational.kusto_times import datetime_text
from rulescope.engines.sql.relational.parts import element, elements
from rulescope.engines.sql.relational.scope import Scope, put
from rulescope.engines.sql.relational.table_rows import TypedColumn
from rulescope.engines.sql.stages.explode import explode
from rulescope.engines.sql.values import (
    NUMBERS,
    Type,
    Value,
    as_number,
    as_text,
    auto_value,
    bool_value,
    joined,
    multi_value,
    number_value,
    text_value,
)
from rulescope.errors import Refusal
from rulescope.ir import stages


@compiles(stages.MvExpand, dialects=TABLES)
def compile_expand(stage: stages.MvExpand, frame: Frame, context: Context) -> Frame:
    """One row an element (`mv-expand`, LATERAL FLATTEN). A row whose value is no list stays as it is in Kusto; an empty
    list gives one row with null there (reference, "mv-expand operator")."""
    scope = Scope(frame, context, deciding=True)
    scope.name(stage.field, stage.span)
    value = scope.frame.value(stage.field)
    assert value is not None
    if value.type is Type.MULTI:
        items = value.node
    else:
        items = sql("COALESCE(:l, spl_list(:x))", l=elements(value), x=as_text(value))
    frame = put(frame, {stage.field: (multi_value(items), "list", True)})
    expanded = explode(frame, stage.field, stage.limit)
    entry = expanded.schema.fields[stage.field]
    typed = TypedColumn(entry.physical, Type.AUTO, False, "dynamic")
    return expanded.then(expanded.passed(), expanded.schema.with_fields({**expanded.schema.fields, stage.field: typed}))


@compiles_command("flatten", dialects=(SNOWFLAKE,))
def compile_flatten(stage: stages.Command, frame: Frame, context: Context) -> Frame:
    """LATERAL FLATTEN: one row an element, in the column `value`; a row without any is left out (unless OUTER)."""
    given = {argument.name: argument.value for argument in stage.arguments}
    source, alias = given.get("input"), given.get("as")
    if not isinstance(source, ir.FieldReference) or not given.keys() <= {"input", "as"}:
        raise Refusal("flatten of a plain column is supported only", span=stage.span, stage="flatten", code="RUN035")
    target = f"{alias}.value" if isinstance(alias, str) else "value"
    scope = Scope(frame, context, deciding=True)
    scope.name(source.name, stage.span)
    value = scope.frame.value(source.name)
    assert value is not None
    listed = put(frame, {target: (multi_value(elements(value)), "list", True)})
    entry = listed.schema.fields[target]
    rows = explode(listed.filter(sql("(len(:x) > 0)", x=entry.value().node)), target)
    typed = TypedColumn(rows.schema.fields[target].physical, Type.AUTO, False, "dynamic")
    return rows.then(rows.passed(), rows.schema.with_fields({**rows.schema.fields, target: typed}))


@KUSTO.function("split", least=2, most=3, kind="list")
@SNOWFLAKE.function("split", least=2, kind="list")
def compile_split(given: Arguments) -> Value:
    """The parts of a text between separators; in Kusto, one part alone as a list, by its position."""
    parts = sql("string_split(:x, :s)", x=as_text(given.values[0]), s=as_text(given.values[1]))
    if len(given.values) == 3:
        position = sql("CAST(:n AS BIGINT) + 1", n=as_number(given.values[2]))
        parts = sql("list_slice(:l, :n, :n)", l=parts, n=position)
    return multi_value(sql("spl_filled(:x)", x=parts))


@KUSTO.function("array_length", kind="long")
@SNOWFLAKE.function("array_size", kind="long")
def compile_length(given: Arguments) -> Value:
    """How many elements a list has; a list without any is held as no value, and has none."""
    value = given.values[0]
    if value.type is Type.MULTI:
        return number_value(sql("CAST(COALESCE(len(:x), 0) AS DOUBLE)", x=value.node))
    return number_value(sql("CAST(len(:x) AS DOUBLE)", x=elements(value)))


@KUSTO.operation("member", least=2, kind="dynamic")
@SNOWFLAKE.function("get", least=2, kind="dynamic")
def compile_member(given: Arguments) -> Value:
    """The part of a value under a key, or at a position; a negative position counts from the end in Kusto."""
    value, key = given.values
    if isinstance(key.constant, str):
        return element(value, key.constant)
    if isinstance(key.constant, int | float):
        return element(value, int(key.constant), given.context.dialect.counts_from_end)
    if key.type in NUMBERS:
        items = elements(value)
        below = key.node if given.context.dialect.counts_from_end else exp.Null()
        place = sql("CAST(CASE WHEN :n >= 0 THEN :n + 1 ELSE :b END AS BIGINT)", n=key.node, b=below)
        return auto_value(sql("list_extract(:x, :n)", x=items, n=place))
    path = sql("'$.\"' || :k || '\"'", k=as_text(key))
    return auto_value(sql("json_extract_string(TRY_CAST(:x AS JSON), :p)", x=as_text(value), p=path))


@KUSTO.function("pack_array", least=0, most=None, kind="list")
@SNOWFLAKE.function("array_construct", least=0, most=None, kind="list")
def compile_pack(given: Arguments) -> Value:
    """A list of values: of texts as such, else as JSON, in which each keeps its kind."""
    if not given.values:
        return multi_value(exp.cast(exp.Null(), "VARCHAR[]"))
    if all(value.type is Type.TEXT for value in given.values):
        return multi_value(array(as_text(value) for value in given.values))
    return auto_value(exp.cast(call("json_array", *_as_json(given)), "VARCHAR"))


def _as_json(given: Arguments) -> list[exp.Expression]:
    """The arguments as JSON values: numbers, truth values, lists and objects as such, times as texts."""
    scope = Scope(given.frame, given.context)
    return [_json(value, scope.kind(one)) for value, one in zip(given.values, given.expressions, strict=True)]


def _json(value: Value, kind: str) -> exp.Expression:
    if value.type is Type.NUMBER:
        if kind == "datetime":
            return sql("to_json(:x)", x=datetime_text(value.node))
        if kind == "timespan":
            return sql("to_json(spl_timespan_text(:x))", x=value.node)
        # A whole number has no point in JSON.
        return sql("CAST(spl_text(:x) AS JSON)", x=value.node)
    if value.type is Type.WHOLE:
        return sql("to_json(:x)", x=value.node)
    if value.type is Type.AUTO and kind in ("dynamic", "list", ""):
        held = "IF(json_type(TRY_CAST(:x AS JSON)) IN ('OBJECT', 'ARRAY'), CAST(:x AS JSON), to_json(:x))"
        return bound(value.node, lambda node: sql(held, x=node))
    if kind == "bool" and value.type is not Type.BOOL:
        return sql("CAST(:x AS JSON)", x=value.node)
    return sql("to_json(:x)", x=value.node)


@KUSTO.function("array_concat", least=1, most=None, kind="list")
@SNOWFLAKE.function("array_cat", least=2, kind="list")
def compile_concat(given: Arguments) -> Value:
    """The elements of several lists in one."""
    lists = array(sql("COALESCE(:x, CAST([] AS VARCHAR[]))", x=elements(value)) for value in given.values)
    return multi_value(sql("spl_filled(flatten(:x))", x=lists))


@KUSTO.function("set_union", least=1, most=None, kind="list")
@SNOWFLAKE.function("array_distinct", kind="list")
def compile_union(given: Arguments) -> Value:
    """The elements of several lists, each once."""
    return multi_value(sql("spl_distinct(:x)", x=compile_concat(given).node))


@KUSTO.function("set_has_element", least=2, kind="bool")
def compile_has_element(given: Arguments) -> Value:
    """Whether a list has an element."""
    condition = sql("list_contains(:x, :y)", x=elements(given.values[0]), y=as_text(given.values[1]))
    return bool_value(sql("COALESCE(:c, FALSE)", c=condition))


@SNOWFLAKE.function("array_contains", least=2, kind="bool")
def compile_array_contains(given: Arguments) -> Value:
    """Whether a list (the second argument) has the element."""
    return bool_value(sql("list_contains(:x, :y)", x=elements(given.values[1]), y=as_text(given.values[0])))


@KUSTO.function("set_difference", least=2, kind="list")
def compile_difference(given: Arguments) -> Value:
    """The elements of the first list that the second has not."""
    first, second = (sql("COALESCE(:x, CAST([] AS VARCHAR[]))", x=elements(value)) for value in given.values)
    items = sql("list_filter(:a, lambda v: NOT list_contains(:b, v))", a=first, b=second)
    return multi_value(sql("spl_filled(spl_distinct(:x))", x=items))


@KUSTO.function("set_intersect", least=2, kind="list")
def compile_intersect(given: Arguments) -> Value:
    """The elements that both lists have."""
    first, second = (sql("COALESCE(:x, CAST([] AS VARCHAR[]))", x=elements(value)) for value in given.values)
    items = sql("list_filter(:a, lambda v: list_contains(:b, v))", a=first, b=second)
    return multi_value(sql("spl_filled(spl_distinct(:x))", x=items))


@KUSTO.function("array_sort_asc", kind="list")
def compile_sort(given: Arguments) -> Value:
    """The elements in order."""
    return multi_value(sql("list_sort(:x)", x=elements(given.values[0])))


@KUSTO.function("array_index_of", least=2, kind="long")
def compile_index(given: Arguments) -> Value:
    """The position of an element from 0; -1 where the list has it not."""
    place = sql("list_position(:x, :y)", x=elements(given.values[0]), y=as_text(given.values[1]))
    return number_value(sql("CAST(COALESCE(:p, 0) - 1 AS DOUBLE)", p=place))


@KUSTO.function("strcat_array", least=2, kind="string")
@SNOWFLAKE.function("array_to_string", least=2, kind="string")
def compile_joined(given: Arguments) -> Value:
    """The elements of a list joined to one text."""
    return text_value(sql("COALESCE(:x, '')", x=joined(elements(given.values[0]), given.values[1])))


@KUSTO.function("parse_json", "todynamic", "toobject", "dynamic_to_json", kind="dynamic")
@SNOWFLAKE.function("parse_json", "to_variant", kind="dynamic")
def compile_json(given: Arguments) -> Value:
    """A text read as JSON is held as that text. In Kusto, a JSON string is its characters, JSON null is null, and what
    is no JSON is a string ("parse_json()")."""
    value = given.values[0]
    if value.type is not Type.TEXT and value.type is not Type.AUTO:
        return value if value.type is Type.MULTI else auto_value(as_text(value))
    if not given.context.dialect.null_equals_nothing:
        return auto_value(as_text(value))
    plain = (
        "CASE WHEN trim(:x) = 'null' THEN NULL"
        " WHEN starts_with(ltrim(:x), '\"') THEN COALESCE(json_extract_string(TRY_CAST(:x AS JSON), '$'), :x)"
        " ELSE :x END"
    )
    return auto_value(bound(value.node, lambda node: sql(plain, x=node)))


@SNOWFLAKE.function("try_parse_json", kind="dynamic")
def compile_try_json(given: Arguments) -> Value:
    """As PARSE_JSON; NULL where the text is no JSON ("TRY_PARSE_JSON")."""
    value = given.values[0]
    if value.type is Type.MULTI:
        return value
    return auto_value(bound(as_text(value), lambda node: sql("CASE WHEN json_valid(:x) THEN :x END", x=node)))


@KUSTO.function("extractjson", "extract_json", least=2, most=3, kind="dynamic")
def compile_extract_json(given: Arguments) -> Value:
    """The value at a JSON path (`$.a.b[0]`) in a text."""
    return auto_value(
        sql("json_extract_string(TRY_CAST(:x AS JSON), :p)", x=as_text(given.values[1]), p=as_text(given.values[0]))
    )


@KUSTO.function("bag_pack", "pack", "pack_dictionary", least=0, most=None, kind="dynamic")
@SNOWFLAKE.function("object_construct", least=0, most=None, kind="dynamic")
def compile_bag(given: Arguments) -> Value:
    """An object of keys and values, as JSON text."""
    if not given.values:
        return auto_value(literal("{}"))
    parts = _as_json(given)
    parts[::2] = [as_text(value) for value in given.values[::2]]
    return auto_value(exp.cast(call("json_object", *parts), "VARCHAR"))
