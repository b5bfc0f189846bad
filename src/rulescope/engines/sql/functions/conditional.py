"""Conditions, NULL, and tests of what a value is."""

from __future__ import annotations

from sqlglot import exp

from rulescope.engines.sql.build import any_of, call, cases, literal, sql
from rulescope.engines.sql.expressions import compare, condition_of, like_condition
from rulescope.engines.sql.functions.registry import Arguments, function
from rulescope.engines.sql.matching import cidr_condition, regex_condition
from rulescope.engines.sql.values import (
    NULL_VALUE,
    Type,
    Value,
    any_value,
    as_condition,
    as_text,
    bool_value,
    choice,
    constant_value,
    text_value,
)


@function("if", least=3, kind="first")
def compile_if(given: Arguments) -> Value:
    """`if(condition, then, else)`; NULL is not true."""
    condition = condition_of(given.values[0], given.context, given.span)
    return choice(list(given.values[1:]), lambda nodes: cases([(condition, nodes[0])], nodes[1]))


@function("case", least=2, most=None, kind="first")
def compile_case(given: Arguments) -> Value:
    """The value behind the first true condition, else NULL."""
    if len(given.values) % 2:
        raise given.refuse("conditions and values must come in pairs")
    conditions = [condition_of(value, given.context, given.span) for value in given.values[::2]]
    return choice(list(given.values[1::2]), lambda nodes: cases(list(zip(conditions, nodes, strict=True)), None))


@function("validate", least=2, most=None)
def compile_validate(given: Arguments) -> Value:
    """The value behind the first condition that is false, NULL where all are true."""
    if len(given.values) % 2:
        raise given.refuse("conditions and values must come in pairs")
    conditions = [sql("NOT COALESCE(:c, FALSE)", c=as_condition(value, given.span)) for value in given.values[::2]]
    return choice(list(given.values[1::2]), lambda nodes: cases(list(zip(conditions, nodes, strict=True)), None))


@function("coalesce", "ifnull", least=1, most=None, kind="first")
def compile_coalesce(given: Arguments) -> Value:
    """The first value that is there."""
    return choice(list(given.values), lambda nodes: exp.Coalesce(this=nodes[0], expressions=nodes[1:]))


@function("nullif", least=2)
def compile_nullif(given: Arguments) -> Value:
    """NULL where both are equal, else the first."""
    first, second = given.values
    same = compare("=", first, second, exact=given.context.dialect.exact_wholes)
    return Value(sql("CASE WHEN :c THEN NULL ELSE :x END", c=same, x=first.node), first.type, mixed=first.mixed)


@function("null", least=0)
def compile_null(given: Arguments) -> Value:
    """No value."""
    return NULL_VALUE


@function("true", least=0)
def compile_true(given: Arguments) -> Value:
    """True."""
    return constant_value(True)


@function("false", least=0)
def compile_false(given: Arguments) -> Value:
    """False."""
    return constant_value(False)


@function("isnull", least=1)
def compile_isnull(given: Arguments) -> Value:
    """Whether there is no value."""
    return bool_value(sql("(:x IS NULL)", x=given.values[0].node))


@function("isnotnull", least=1)
def compile_isnotnull(given: Arguments) -> Value:
    """Whether there is a value."""
    return bool_value(sql("(:x IS NOT NULL)", x=given.values[0].node))


@function("in", least=2, most=None)
def compile_in(given: Arguments) -> Value:
    """Whether the first equals one of the others."""
    exact = given.context.dialect.exact_wholes
    return bool_value(any_of([compare("=", given.values[0], option, exact=exact) for option in given.values[1:]]))


@function("like", least=2)
def compile_like(given: Arguments) -> Value:
    """Whether the text matches a pattern of `%` and `_`."""
    return bool_value(like_condition(*given.values))


@function("match", least=2)
def compile_match(given: Arguments) -> Value:
    """Whether a PCRE is found in the text, or in any value of a multivalue."""
    pattern = given.constant_text(1)
    subject, wanted = given.values
    if pattern is not None:
        return bool_value(
            any_value(subject, lambda value: regex_condition(as_text(value), pattern, given.context, given.span))
        )
    return bool_value(any_value(subject, lambda value: call("spl_pcre_match", as_text(value), as_text(wanted))))


@function("cidrmatch", least=2)
def compile_cidrmatch(given: Arguments) -> Value:
    """Whether an address (the second) lies in a range (the first)."""
    network, address = given.values
    fixed = given.constant_text(0)
    if fixed is not None:
        return bool_value(any_value(address, lambda value: cidr_condition(as_text(value), fixed, given.span)))
    return bool_value(
        any_value(
            network,
            lambda one: any_value(address, lambda value: call("spl_in_network", as_text(value), as_text(one))),
        )
    )


@function("searchmatch", least=1)
def compile_searchmatch(given: Arguments) -> Value:
    """Whether the event matches a search; the parser hands a search it has read over as a predicate of its own."""
    raise given.refuse("its argument must be a search in quotes")


@function("isnum", least=1)
def compile_isnum(given: Arguments) -> Value:
    """Whether the value is a number."""
    return bool_value(_reads_as_number(given.values[0]))


@function("isstr", least=1)
def compile_isstr(given: Arguments) -> Value:
    """Whether the value is text and no number."""
    value = given.values[0]
    if value.type in {Type.NUMBER, Type.BOOL}:
        return bool_value(exp.false())
    return bool_value(sql("(:x IS NOT NULL AND NOT :n)", x=value.node, n=_reads_as_number(value)))


@function("isint", least=1)
def compile_isint(given: Arguments) -> Value:
    """Whether the value is a whole number."""
    value = given.values[0]
    if value.type is Type.NUMBER:
        return bool_value(sql("COALESCE(:x = trunc(:x), FALSE)", x=value.node))
    if value.type in {Type.TEXT, Type.BOOL, Type.NULL}:
        return bool_value(exp.false())
    return bool_value(sql("COALESCE(regexp_full_match(:x, '[-+]?[0-9]+'), FALSE)", x=as_text(value)))


@function("isdouble", least=1)
def compile_isdouble(given: Arguments) -> Value:
    """Whether the value is a number with a fraction."""
    value = given.values[0]
    if value.type is Type.NUMBER:
        return bool_value(sql("COALESCE(:x <> trunc(:x), FALSE)", x=value.node))
    if value.type in {Type.TEXT, Type.BOOL, Type.NULL}:
        return bool_value(exp.false())
    return bool_value(
        sql(
            "COALESCE(spl_number(:x) IS NOT NULL AND NOT regexp_full_match(:x, '[-+]?[0-9]+'), FALSE)", x=as_text(value)
        )
    )


@function("isbool", least=1)
def compile_isbool(given: Arguments) -> Value:
    """Whether the value is a Boolean; no field is one."""
    return bool_value(exp.true() if given.values[0].type is Type.BOOL else exp.false())


@function("ismv", least=1)
def compile_ismv(given: Arguments) -> Value:
    """Whether the value is several."""
    value = given.values[0]
    if value.type is not Type.MULTI:
        return bool_value(exp.false())
    return bool_value(sql("COALESCE(len(:x) > 1, FALSE)", x=value.node))


@function("isarray", "isobject", least=1)
def compile_isjson(given: Arguments) -> Value:
    """Whether the value is the text of a JSON array, or object."""
    mark = "[" if given.name.lower() == "isarray" else "{"
    text = as_text(given.values[0])
    return bool_value(sql("COALESCE(starts_with(ltrim(:x), :m) AND spl_json_valid(:x) = 1, FALSE)", x=text, m=mark))


@function("typeof", least=1)
def compile_typeof(given: Arguments) -> Value:
    """`Number`, `String`, `Bool`, `Multivalue` or `Invalid`."""
    value = given.values[0]
    match value.type:
        case Type.NULL:
            return constant_value("Invalid")
        case Type.BOOL:
            return constant_value("Bool")
        case Type.NUMBER:
            kind: exp.Expression = literal("Number")
        case Type.MULTI:
            kind = sql("CASE WHEN len(:x) > 1 THEN 'Multivalue' ELSE 'String' END", x=value.node)
        case Type.TEXT:
            kind = literal("String")
        case _:
            kind = sql("CASE WHEN spl_number(:x) IS NOT NULL THEN 'Number' ELSE 'String' END", x=value.node)
    return text_value(sql("CASE WHEN :x IS NULL THEN 'Invalid' ELSE :k END", x=value.node, k=kind))


def _reads_as_number(value: Value) -> exp.Expression:
    if value.type is Type.NUMBER:
        return sql("(:x IS NOT NULL)", x=value.node)
    if value.type in {Type.BOOL, Type.NULL} or isinstance(value.constant, str):
        return exp.false()
    return sql("(spl_number(:x) IS NOT NULL)", x=as_text(value))
