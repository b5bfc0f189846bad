"""JSON and XML inside text."""

from __future__ import annotations

from sqlglot import exp

from rulescope.engines.sql.build import array, call, literal, sql
from rulescope.engines.sql.functions.registry import Arguments, function
from rulescope.engines.sql.values import (
    Type,
    Value,
    as_multi,
    as_text,
    auto_value,
    bool_value,
    multi_value,
    text_value,
)


@function("json_valid", least=1)
def compile_json_valid(given: Arguments) -> Value:
    """Whether the text is JSON."""
    return bool_value(sql("(spl_json_valid(:x) = 1)", x=as_text(given.values[0])))


@function("json", least=1)
def compile_json(given: Arguments) -> Value:
    """The text where it is JSON, else NULL."""
    return text_value(sql("CASE WHEN spl_json_valid(:x) = 1 THEN :x END", x=as_text(given.values[0])))


@function("json_extract", "json_extract_exact", least=1, most=None)
def compile_json_extract(given: Arguments) -> Value:
    """The value at a path, or a JSON array of the values at several."""
    name = f"spl_{given.name.lower()}"
    return auto_value(call(name, as_text(given.values[0]), _texts(given.values[1:])))


@function("spath", least=2)
def compile_spath(given: Arguments) -> Value:
    """The values at a path of JSON or XML, as `spath` finds them."""
    return multi_value(call("spl_spath", as_text(given.values[0]), as_text(given.values[1])))


@function("json_object", least=0, most=None)
def compile_json_object(given: Arguments) -> Value:
    """A JSON object of names and values in turn."""
    if len(given.values) % 2:
        raise given.refuse("names and values must come in pairs")
    return text_value(call("spl_json_object", array([_json(value) for value in given.values])))


@function("json_array", least=0, most=None)
def compile_json_array(given: Arguments) -> Value:
    """A JSON array of the arguments."""
    return text_value(call("spl_json_array", array([_json(value) for value in given.values])))


@function("json_set", "json_set_exact", "json_append", "json_extend", least=1, most=None)
def compile_json_change(given: Arguments) -> Value:
    """The JSON with values put at, or appended to, paths."""
    if len(given.values) % 2 == 0:
        raise given.refuse("paths and values must come in pairs")
    changes = array([_json(value) for value in given.values[1:]])
    return text_value(call(f"spl_{given.name.lower()}", as_text(given.values[0]), changes))


@function("json_delete", least=1, most=None)
def compile_json_delete(given: Arguments) -> Value:
    """The JSON without the given keys."""
    return text_value(call("spl_json_delete", as_text(given.values[0]), _texts(given.values[1:])))


@function("json_keys", "json_entries", least=1)
def compile_json_keys(given: Arguments) -> Value:
    """A JSON array of the object's keys, or of its key and value pairs."""
    return text_value(call(f"spl_{given.name.lower()}", as_text(given.values[0])))


@function("json_has_key_exact", least=2)
def compile_json_has_key(given: Arguments) -> Value:
    """Whether the object has the key."""
    return Value(call("spl_json_has_key_exact", as_text(given.values[0]), as_text(given.values[1])), Type.BOOL)


@function("json_array_to_mv", least=1, most=2)
def compile_json_array_to_mv(given: Arguments) -> Value:
    """The elements of a JSON array as a multivalue; text with its quotes where the second argument is true."""
    keep = given.values[1].node if len(given.values) > 1 and given.values[1].type is Type.BOOL else exp.false()
    return multi_value(call("spl_json_array_to_mv", as_text(given.values[0]), keep))


@function("mv_to_json_array", least=1, most=2)
def compile_mv_to_json_array(given: Arguments) -> Value:
    """The values as a JSON array; as JSON values rather than text where the second argument is true."""
    infer = given.values[1].node if len(given.values) > 1 and given.values[1].type is Type.BOOL else exp.false()
    return text_value(call("spl_mv_to_json_array", as_multi(given.values[0]), infer))


@function("toarray", "toobject", least=1)
def compile_tojson_value(given: Arguments) -> Value:
    """The text where it is a JSON array or object; an array is made of a multivalue."""
    value = given.values[0]
    array_wanted = given.name.lower() == "toarray"
    if array_wanted and value.type is Type.MULTI:
        return text_value(call("spl_mv_to_json_array", value.node, exp.true()))
    return text_value(call("spl_json_container", as_text(value), literal("[" if array_wanted else "{")))


def _texts(values: tuple[Value, ...]) -> exp.Expression:
    if not values:
        return sql("CAST([] AS VARCHAR[])")
    if all(value.type is not Type.MULTI for value in values):
        return array([as_text(value) for value in values])
    node = as_multi(values[0])
    for value in values[1:]:
        node = sql("list_concat(:x, :y)", x=node, y=as_multi(value))
    return node


def _json(value: Value) -> exp.Expression:
    """An argument for the JSON functions: a mark of its type (`n` number, `b` Boolean, `t` text, `a` text that may be a
    number or JSON, `j` text that may be JSON, `m` the JSON array of a multivalue), then its text; NULL for none."""
    match value.type:
        case Type.NULL:
            return exp.cast(exp.Null(), "VARCHAR")
        case Type.NUMBER:
            mark, node = "n", as_text(value)
        case Type.BOOL:
            mark, node = "b", sql("lower(:x)", x=as_text(value))
        case Type.MULTI:
            mark, node = "m", call("spl_mv_to_json_array", value.node, exp.false())
        case Type.AUTO:
            mark, node = "a", value.node
        case _:
            mark, node = "t" if isinstance(value.constant, str) else "j", value.node
    return sql(":m || :x", m=mark, x=node)
