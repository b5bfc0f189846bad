"""Objects and JSON of languages over tables (`dynamic`, VARIANT, OBJECT). Source: the pages of the functions' names in
Kusto's and Snowflake's references."""

from __future__ import annotations

from sqlglot import exp

from rulescope import ir
from rulescope.engines.sql.build import array, bound, call, integer, literal, sql
from rulescope.engines.sql.dialect import KUSTO, SNOWFLAKE
from rulescope.engines.sql.functions.registry import Arguments
from rulescope.engines.sql.relational.column_types import kind_of_column
from rulescope.engines.sql.relational.lists import as_typed_json, kinds, typed_json
from rulescope.engines.sql.relational.parts import MEMBER, elements, found_json
from rulescope.engines.sql.relational.table_rows import TypedColumn
from rulescope.engines.sql.values import (
    Type,
    Value,
    as_json,
    as_text,
    bool_value,
    json_value,
    multi_value,
    text_value,
)


@KUSTO.function("dynamic_to_json", kind="string")
def compile_canonical(given: Arguments) -> Value:
    """A dynamic value as JSON in one form: the keys of objects in order, no blanks."""
    text = exp.cast(as_json(given.values[0]), "VARCHAR")
    return text_value(sql("COALESCE(:x, '')", x=call("spl_kusto_canonical", text)))


@KUSTO.function("parse_json", "todynamic", "toobject", kind="dynamic")
def compile_json(given: Arguments) -> Value:
    """The value that a text of JSON says; what is no JSON is a string, and the empty text null ("parse_json()")."""
    value = given.values[0]
    if value.type not in (Type.TEXT, Type.AUTO):
        return value if value.type in (Type.MULTI, Type.NULL) else json_value(as_json(value))
    read = "COALESCE(TRY_CAST(:x AS JSON), to_json(:x))"
    held = bound(value.node, lambda node: sql(f"CASE WHEN :x <> '' THEN {read} END", x=node))
    return found_json(held, given.context.dialect)


@SNOWFLAKE.function("parse_json", "try_parse_json", kind="dynamic")
def compile_variant(given: Arguments) -> Value:
    """The value that a text of JSON says. What is none is NULL, also where PARSE_JSON would stop the query."""
    value = given.values[0]
    return value if value.type is Type.MULTI else json_value(sql("TRY_CAST(:x AS JSON)", x=as_text(value)))


@SNOWFLAKE.function("to_variant", kind="dynamic")
def compile_to_variant(given: Arguments) -> Value:
    """The value as a VARIANT of its kind: a text is a string."""
    value = given.values[0]
    return value if value.type is Type.MULTI else json_value(as_typed_json(given)[0])


@KUSTO.function("extractjson", "extract_json", least=2, most=3, kind="dynamic")
def compile_extract_json(given: Arguments) -> Value:
    """The value at a JSON path (`$.a.b[0]`) in a text."""
    found = sql("json_extract(TRY_CAST(:x AS JSON), :p)", x=as_text(given.values[1]), p=as_text(given.values[0]))
    return found_json(found, given.context.dialect)


@KUSTO.function("bag_pack", "pack", "pack_dictionary", least=0, most=None, kind="dynamic")
def compile_bag(given: Arguments) -> Value:
    """An object of keys and values."""
    if not given.values:
        return json_value(exp.cast(literal("{}"), "JSON"))
    parts = as_typed_json(given)
    parts[::2] = [as_text(value) for value in given.values[::2]]
    return json_value(call("json_object", *parts))


@SNOWFLAKE.function("object_construct", "object_construct_keep_null", least=0, most=None, kind="dynamic")
def compileobject_of(given: Arguments) -> Value:
    """An object of keys and values; OBJECT_CONSTRUCT leaves out those whose value is NULL."""
    if not given.values or given.name == "object_construct_keep_null":
        return compile_bag(given)
    parts = as_typed_json(given)
    pairs = array(
        sql("row(:k, :v)", k=as_text(key), v=part) for key, part in zip(given.values[::2], parts[1::2], strict=True)
    )
    kept = sql("list_filter(:l, lambda p: p[1] IS NOT NULL AND p[2] IS NOT NULL)", l=pairs)
    return json_value(sql("CAST(to_json(map_from_entries(:l)) AS JSON)", l=kept))


def object_of(keys: exp.Expression, member: exp.Expression) -> Value:
    """An object of the keys, each with what `member` says of `k`."""
    pairs = sql("list_transform(:l, lambda k: row(k, :m))", l=keys, m=member)
    return json_value(sql("to_json(map_from_entries(:l))", l=pairs))


def keys_of(node: exp.Expression) -> exp.Expression:
    """The keys of an object; none of anything else."""
    return sql("CASE WHEN json_type(:x) = 'OBJECT' THEN json_keys(:x) ELSE CAST([] AS VARCHAR[]) END", x=node)


@KUSTO.function("bag_keys", kind="list")
@SNOWFLAKE.function("object_keys", kind="list")
def compile_keys(given: Arguments) -> Value:
    """The keys of an object; null of what is none."""
    node = as_json(given.values[0])
    return multi_value(sql("CASE WHEN json_type(:x) = 'OBJECT' THEN json_keys(:x) END", x=node))


@KUSTO.function("bag_merge", least=2, most=None, kind="dynamic")
def compile_merge(given: Arguments) -> Value:
    """The members of several objects in one; of a key that several have, what the first of them says."""
    return merged([as_json(value) for value in given.values])


def merged(objects: list[exp.Expression]) -> Value:
    """The members of the objects in one."""
    keys = sql("spl_distinct(flatten(:l))", l=array(keys_of(one) for one in objects))
    found = [sql(MEMBER, x=one) for one in objects]
    return object_of(keys, exp.Coalesce(this=found[0], expressions=found[1:]))


def merged_list(objects: exp.Expression, most: int) -> Value:
    """The first members of a list of objects in one; of a key that several have, what the first of them says."""
    keys = sql("spl_distinct(flatten(list_transform(:l, lambda b: json_keys(b))))[1:CAST(:n AS BIGINT)]", l=objects,
               n=integer(most))  # fmt: skip
    member = MEMBER.replace(":x", "b")
    found = f"list_extract(list_filter(list_transform(:l, lambda b: {member}), lambda v: v IS NOT NULL), 1)"
    return object_of(keys, sql(found, l=objects))


@KUSTO.function("bag_has_key", least=2, kind="bool")
def compile_has_key(given: Arguments) -> Value:
    """Whether an object has a key; a key that begins with `$` is a path."""
    node = as_json(given.values[0])
    key = as_text(given.values[1])
    path = sql("CASE WHEN starts_with(:k, '$') THEN :k ELSE '$.\"' || replace(:k, '\"', '\\\"') || '\"' END", k=key)
    return bool_value(sql("CASE WHEN json_type(:x) = 'OBJECT' THEN json_exists(:x, :p) END", x=node, p=path))


@KUSTO.function("bag_remove_keys", least=2, kind="dynamic")
def compile_remove_keys(given: Arguments) -> Value:
    """An object without some of its keys."""
    node = as_json(given.values[0])
    paths = exp.cast(call("to_json", elements(given.values[1])), "VARCHAR")
    return json_value(exp.cast(call("spl_kusto_without_keys", exp.cast(node, "VARCHAR"), paths), "JSON"))


@SNOWFLAKE.function("object_delete", least=2, most=None, kind="dynamic")
def compile_delete(given: Arguments) -> Value:
    """An object without some of its keys."""
    node = as_json(given.values[0])
    out = array(as_text(value) for value in given.values[1:])
    keys = sql("list_filter(:k, lambda k: NOT list_contains(:l, k))", k=keys_of(node), l=out)
    return object_of(keys, sql(MEMBER, x=node))


@KUSTO.function("bag_set_key", least=3, kind="dynamic")
def compile_set_key(given: Arguments) -> Value:
    """An object with a key, or what a path (`$.a.b`) leads to, set to a value."""
    whole = exp.cast(as_json(given.values[0]), "VARCHAR")
    value = sql("COALESCE(CAST(:x AS VARCHAR), 'null')", x=as_typed_json(given)[2])
    return json_value(exp.cast(call("spl_kusto_with_key", whole, as_text(given.values[1]), value), "JSON"))


@KUSTO.function("bag_zip", least=2, kind="dynamic")
def compile_bag_zip(given: Arguments) -> Value:
    """An object of a list of keys and a list of values."""
    keys, values = (sql("COALESCE(CAST(:x AS VARCHAR), 'null')", x=as_json(value)) for value in given.values)
    return found_json(exp.cast(call("spl_kusto_bag_zip", keys, values), "JSON"), given.context.dialect)


@KUSTO.function("bag_pack_columns", least=1, most=None, kind="dynamic")
def compile_pack_columns(given: Arguments) -> Value:
    """An object of some columns of the row, under their names."""
    parts: list[exp.Expression] = []
    for named, node in zip(given.expressions, as_typed_json(given), strict=True):
        if not isinstance(named, ir.FieldReference):
            raise given.refuse("the members are columns")
        parts += [literal(named.name), node]
    return json_value(call("json_object", *parts))


@KUSTO.function("pack_all", least=0, most=1, kind="dynamic")
def compile_pack_all(given: Arguments) -> Value:
    """All columns of the row as an object; with `true`, without those that are null or empty."""
    entries = given.frame.schema.fields
    columns = {name: entry for name, entry in entries.items() if not isinstance(entry, TypedColumn) or entry.recorded}
    packed = {name: typed_json(entry.value(), kind_of_column(entry)) for name, entry in columns.items()}
    if not packed:
        return json_value(exp.cast(literal("{}"), "JSON"))
    if not given.values or given.values[0].constant is False:
        return json_value(
            call("json_object", *(part for name, node in packed.items() for part in (literal(name), node)))
        )
    pairs = array(sql("row(:k, :v)", k=name, v=node) for name, node in packed.items())
    there = "list_filter(:l, lambda p: p[2] IS NOT NULL AND p[2] NOT IN (CAST('null' AS JSON), CAST('\"\"' AS JSON)))"
    kept = sql(f"to_json(map_from_entries({there}))", l=pairs)
    return json_value(kept)


@KUSTO.function("gettype", kind="string")
def compile_gettype(given: Arguments) -> Value:
    """The name of the value's type; of a dynamic value that of what it holds. Refused for whole numbers that are no
    literals: whether one is an int or a long is not kept."""
    value, kind = given.values[0], kinds(given)[0]
    names = "MAP {'ARRAY': 'array', 'OBJECT': 'dictionary', 'VARCHAR': 'string', 'BOOLEAN': 'bool', 'DOUBLE': 'double'}"
    if kind == "long" and not isinstance(given.expressions[0], ir.Constant):
        raise given.refuse("whether a whole number is an int or a long is not told apart here")
    held = "string" if value.type is Type.TEXT and kind not in ("bool", "guid") else kind
    if value.type is Type.NULL:
        return text_value(literal("null"))
    if held in ("dynamic", "list", ""):
        node = as_json(value)
        told = sql(f"COALESCE(list_extract(map_extract({names}, json_type(:x)), 1), 'long')", x=node)
        return text_value(sql("CASE WHEN :x IS NULL OR json_type(:x) = 'NULL' THEN 'null' ELSE :t END", x=node, t=told))
    return text_value(sql("CASE WHEN :x IS NULL THEN 'null' ELSE :t END", x=value.node, t=held))


@SNOWFLAKE.function("typeof", kind="string")
def compile_typeof(given: Arguments) -> Value:
    """The name of the type of what a VARIANT holds."""
    node = as_json(given.values[0])
    names = (
        "MAP {'ARRAY': 'ARRAY', 'OBJECT': 'OBJECT', 'VARCHAR': 'VARCHAR', 'BOOLEAN': 'BOOLEAN', 'DOUBLE': 'DOUBLE',"
        " 'NULL': 'NULL_VALUE'}"
    )
    told = sql(f"COALESCE(list_extract(map_extract({names}, json_type(:x)), 1), 'INTEGER')", x=node)
    return text_value(sql("CASE WHEN :x IS NOT NULL THEN :t END", x=node, t=told))


@SNOWFLAKE.function("is_null_value", kind="bool")
def compile_is_null_value(given: Arguments) -> Value:
    """Whether a VARIANT is JSON's null."""
    return bool_value(sql("(json_type(:x) = 'NULL')", x=as_json(given.values[0])))


@SNOWFLAKE.function("is_array", "is_object", kind="bool")
def compile_is_kind(given: Arguments) -> Value:
    """Whether a VARIANT is a list, or an object."""
    wanted = "ARRAY" if given.name == "is_array" else "OBJECT"
    return bool_value(sql("(json_type(:x) = :w)", x=as_json(given.values[0]), w=wanted))
