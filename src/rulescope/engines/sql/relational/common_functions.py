"""Functions that Kusto and Snowflake both have, under one name or two, with the same meaning."""

from __future__ import annotations

from sqlglot import exp

from rulescope.engines.sql.build import call, cases, literal, sql
from rulescope.engines.sql.dialect import KUSTO, SNOWFLAKE
from rulescope.engines.sql.functions.registry import Arguments
from rulescope.engines.sql.relational.scope import cast_to_truth
from rulescope.engines.sql.values import (
    NUMBERS,
    Type,
    Value,
    as_condition,
    as_integer,
    as_json,
    as_number,
    as_text,
    bool_value,
    number_value,
    text_value,
)
from rulescope.engines.sql.whole_numbers import narrowed


def as_held(value: Value) -> Value:
    """A condition as the text `true` or `false`; other values as they are."""
    return text_value(cast_to_truth(value)) if value.type is Type.BOOL else value


def alike(values: list[Value]) -> tuple[list[exp.Expression], Type]:
    """Values brought to one type: numbers and lists where all are, JSON where one is a dynamic value, else text."""
    if (of := {value.type for value in values} - {Type.NULL}) & {Type.JSON, Type.MULTI} and of != {Type.MULTI}:
        return [as_json(value) for value in values], Type.JSON
    held = [as_held(value) for value in values]
    kinds = {value.type for value in held} - {Type.NULL}
    if kinds == {Type.WHOLE}:
        return [as_integer(value) for value in held], Type.WHOLE
    if kinds and kinds <= NUMBERS:
        return [as_number(value) for value in held], Type.NUMBER
    if kinds == {Type.MULTI}:
        return [exp.cast(value.node, "VARCHAR[]") for value in held], Type.MULTI
    return [as_text(value) for value in held], Type.AUTO if Type.AUTO in kinds else Type.TEXT


@KUSTO.function("tolower", kind="string")
@SNOWFLAKE.function("lower", kind="string")
def compile_lower(given: Arguments) -> Value:
    """In small letters."""
    return text_value(sql("lower(:x)", x=as_text(given.values[0])))


@KUSTO.function("toupper", kind="string")
@SNOWFLAKE.function("upper", kind="string")
def compile_upper(given: Arguments) -> Value:
    """In capital letters."""
    return text_value(sql("upper(:x)", x=as_text(given.values[0])))


@KUSTO.function("strlen", kind="long")
@SNOWFLAKE.function("length", "len", kind="long")
def compile_length(given: Arguments) -> Value:
    """How many characters a text has."""
    return number_value(sql("CAST(length(:x) AS DOUBLE)", x=as_text(given.values[0])))


@KUSTO.function("reverse", kind="string")
@SNOWFLAKE.function("reverse", kind="string")
def compile_reverse(given: Arguments) -> Value:
    """The text from its end to its beginning."""
    return text_value(sql("reverse(:x)", x=as_text(given.values[0])))


@KUSTO.function("coalesce", least=1, most=None, kind="first")
@SNOWFLAKE.function("coalesce", "nvl", "ifnull", least=1, most=None, kind="first")
def compile_coalesce(given: Arguments) -> Value:
    """The first value that is there; in Kusto an empty text counts as none (reference, "coalesce()")."""
    nodes, kind = alike(list(given.values))
    if given.context.dialect.empty_text and kind in (Type.TEXT, Type.AUTO):
        kept = [sql("NULLIF(:x, '')", x=node) for node in nodes]
        return Value(exp.Coalesce(this=kept[0], expressions=[*kept[1:], literal("")]), kind)
    return Value(exp.Coalesce(this=nodes[0], expressions=nodes[1:]), kind)


@KUSTO.function("iff", "iif", least=3, kind="second")
@SNOWFLAKE.function("iff", least=3, kind="second")
def compile_iff(given: Arguments) -> Value:
    """One of two values; the second where the condition is false or null."""
    nodes, kind = alike(list(given.values[1:]))
    return Value(cases([(condition_of(given.values[0]), nodes[0])], nodes[1]), kind)


@KUSTO.function("case", least=3, most=None, kind="second")
@SNOWFLAKE.function("case", least=2, most=None, kind="second")
def compile_case(given: Arguments) -> Value:
    """The value behind the first condition that is true; Kusto's call ends with the value for none."""
    values = list(given.values)
    default = values.pop() if len(values) % 2 else None
    results = values[1::2] + ([default] if default is not None else [])
    nodes, kind = alike(results)
    branches = [(condition_of(one), node) for one, node in zip(values[::2], nodes, strict=False)]
    return Value(cases(branches, nodes[-1] if default is not None else None), kind)


def condition_of(value: Value) -> exp.Expression:
    """The value as a condition: a text `true` is one, as truth values are held so."""
    if value.type in (Type.TEXT, Type.AUTO, Type.JSON):
        return sql("(lower(:x) = 'true')", x=as_text(value))
    return as_condition(value)


@KUSTO.function("abs", kind="first")
@SNOWFLAKE.function("abs", kind="first")
def compile_abs(given: Arguments) -> Value:
    """Without sign."""
    value = given.values[0]
    if value.type is Type.WHOLE:
        return narrowed(sql("abs(CAST(:x AS HUGEINT))", x=value.node), given.context.dialect.wholes)
    return number_value(sql("abs(:x)", x=as_number(value)))


@KUSTO.function("round", least=1, most=2, kind="real")
@SNOWFLAKE.function("round", least=1, most=2, kind="real")
def compile_round(given: Arguments) -> Value:
    """Rounded, half away from zero, to a number of digits."""
    if given.values[0].type is Type.WHOLE and len(given.values) == 1 and given.context.dialect.wholes == "wide":
        return given.values[0]
    digits = given.values[1].node if len(given.values) > 1 else literal(0)
    return number_value(sql("round(:x, CAST(:n AS INTEGER))", x=as_number(given.values[0]), n=digits))


@KUSTO.function("ceiling", kind="long")
@SNOWFLAKE.function("ceil", "ceiling", kind="long")
def compile_ceiling(given: Arguments) -> Value:
    """Up to a whole number."""
    if given.values[0].type is Type.WHOLE:
        return given.values[0]
    return number_value(sql("ceil(:x)", x=as_number(given.values[0])))


@KUSTO.function("sqrt", "exp", "log10", "log2", kind="real")
@SNOWFLAKE.function("sqrt", "exp", kind="real")
def compile_mathematics(given: Arguments) -> Value:
    """A function of one number; null where it is not defined there."""
    node = as_number(given.values[0])
    name = given.name
    if name == "exp":
        return number_value(call("exp", node))
    least = "> 0" if name.startswith("log") else ">= 0"
    return number_value(sql(f"CASE WHEN :x {least} THEN {name}(:x) END", x=node))


@KUSTO.function("pow", least=2, kind="real")
@SNOWFLAKE.function("power", "pow", least=2, kind="real")
def compile_power(given: Arguments) -> Value:
    """A number to the power of another."""
    return number_value(call("spl_power", *[as_number(value) for value in given.values]))


@KUSTO.function("max_of", "min_of", least=2, most=None, kind="first")
@SNOWFLAKE.function("greatest", "least", least=2, most=None, kind="first")
def compile_extreme(given: Arguments) -> Value:
    """The greatest or least of several values. Snowflake gives NULL where one is NULL (reference, "GREATEST")."""
    nodes, kind = alike(list(given.values))
    name = "greatest" if given.name in ("max_of", "greatest") else "least"
    found = call(name, *nodes)
    if given.context.dialect.null_spreads:
        missing = [(sql("(:x IS NULL)", x=node), exp.Null()) for node in nodes]
        return Value(cases(missing, found), kind)
    return Value(found, kind)


@KUSTO.operation("as_number", kind="first")
@SNOWFLAKE.operation("as_number", kind="first")
def compile_number(given: Arguments) -> Value:
    """The value as a number: what stands on a side of `+`."""
    value = given.values[0]
    return value if value.type is Type.WHOLE else number_value(as_number(value))


@KUSTO.operation("kept", least=2)
@SNOWFLAKE.operation("kept", least=2)
def compile_kept(given: Arguments) -> Value:
    """A result of an aggregate, as it is."""
    return given.values[0]


@KUSTO.function(
    "startswith", "startswith_cs", "endswith", "endswith_cs", "contains", "contains_cs", least=2, kind="bool"
)
@SNOWFLAKE.function("startswith", "endswith", "contains", least=2, kind="bool")
def compile_part(given: Arguments) -> Value:
    """Whether a text begins with, ends in or holds another; Kusto's operators regard no case without `_cs`."""
    name = given.name
    text, part = (as_text(value) for value in given.values)
    if given.context.dialect.folded_parts and not name.endswith("_cs"):
        text, part = sql("lower(:x)", x=text), sql("lower(:x)", x=part)
    function = "starts_with" if name.startswith("start") else "suffix" if name.startswith("end") else "contains"
    return bool_value(call(function, text, part))
