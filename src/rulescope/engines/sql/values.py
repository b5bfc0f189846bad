"""Typed values: what the compiler knows of a piece of SQL, and how it reads as text, number, list or condition.

A log's value is text that may read as a number. `AUTO` says so: it is compared and added as a number where it reads as
one. Text made by quotes or by a text function is `TEXT` and stays text. Numbers are DOUBLE; `WHOLE` ones, in languages
that have whole numbers as a type of their own, are BIGINT or HUGEINT, and where the data decides whether one is whole,
it is `SPELT`: as text, with a point or exponent where it is none. A multivalue is a list of text that is never empty
(an empty one is NULL), but for the lists of languages over tables. `JSON` is what dynamic values of theirs are: truth
values, numbers, texts, lists and objects keep their kind. `BOOL` lives in conditions only; no field holds it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

from sqlglot import exp

from rulescope.engines.sql.build import bound, column, function_of, integer, literal, parameter, sql
from rulescope.errors import Refusal
from rulescope.text import NO_SPAN, Span


class Type(Enum):
    """What a value is, as far as it is known before there is data."""

    NULL = "null"
    TEXT = "text"
    AUTO = "auto"
    NUMBER = "number"
    WHOLE = "whole number"
    SPELT = "spelt number"
    MULTI = "multivalue"
    JSON = "json"
    BOOL = "boolean"


NUMBERS: Final = frozenset({Type.NUMBER, Type.WHOLE})
"""The types of numbers."""


class _Unknown(Enum):
    UNKNOWN = "unknown"


UNKNOWN: Final = _Unknown.UNKNOWN
Fixed = str | float | int | bool | None | _Unknown


@dataclass(frozen=True, slots=True)
class Value:
    """A piece of SQL with its type, and its `constant` where it is the same for every row.

    `mixed` says that some of its text was computed as a number, so that results print it as one.
    """

    node: exp.Expression
    type: Type
    constant: Fixed = UNKNOWN
    mixed: bool = False


LAST_EXACT: Final = 2**53
"""The last whole number before those of which several share a DOUBLE; it shares its own with the next."""
_WIDE = re.compile("[-+]?[0-9]{16,38}")

NULL_VALUE: Final = Value(exp.Null(), Type.NULL, None)


def text_value(node: exp.Expression) -> Value:
    """Text that stays text."""
    return Value(node, Type.TEXT)


def auto_value(node: exp.Expression) -> Value:
    """Text that counts as a number where it reads as one."""
    return Value(node, Type.AUTO)


def number_value(node: exp.Expression) -> Value:
    """A DOUBLE."""
    return Value(node, Type.NUMBER)


def whole_value(node: exp.Expression) -> Value:
    """A whole number of all its digits: a BIGINT or HUGEINT."""
    return Value(node, Type.WHOLE)


def spelt_value(node: exp.Expression) -> Value:
    """A number as text, which says whether it is a whole one; what is no number stands as it is."""
    return Value(node, Type.SPELT)


def by_spelling(value: Value) -> Value:
    """A spelt number as a value that is compared by what it reads as; other values as they are."""
    return replace(value, type=Type.AUTO) if value.type is Type.SPELT else value


def multi_value(node: exp.Expression) -> Value:
    """A list of text."""
    return Value(node, Type.MULTI)


def json_value(node: exp.Expression) -> Value:
    """A typed JSON value."""
    return Value(node, Type.JSON)


def bool_value(node: exp.Expression) -> Value:
    """A condition."""
    return Value(node, Type.BOOL)


def constant_value(value: str | float | int | bool | None) -> Value:
    """A literal of a rule."""
    if value is None:
        return NULL_VALUE
    kind = Type.BOOL if isinstance(value, bool) else Type.TEXT if isinstance(value, str) else Type.NUMBER
    return Value(literal(value), kind, value)


def wide_whole(value: str | float | int | bool | None) -> int | None:
    """The whole number that a constant is or reads as, where a DOUBLE may not hold all of its digits."""
    if isinstance(value, str):
        value = int(value) if _WIDE.fullmatch(value) else None
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if LAST_EXACT <= abs(value) < 10**38 else None


def exact_constant(value: str | float | int | bool | None) -> Value:
    """A literal of a rule whose whole numbers keep all of their digits: as a log's value does, by its text."""
    wide = wide_whole(value) if isinstance(value, int) else None
    return constant_value(value) if wide is None else Value(literal(str(wide)), Type.AUTO, wide, mixed=True)


def whole_constant(value: int) -> Value:
    """A literal of a rule, in a language that has whole numbers as a type of their own. One that no database holds is a
    DOUBLE."""
    if not -(10**38) < value < 10**38:
        return constant_value(float(value))
    kind = "BIGINT" if -(2**63) <= value < 2**63 else "HUGEINT"
    return Value(exp.cast(integer(value), kind), Type.WHOLE, value)


def as_text(value: Value) -> exp.Expression:
    """The value as one text; a list of several values has none (NULL)."""
    match value.type:
        case Type.NULL:
            return exp.cast(exp.Null(), "VARCHAR")
        case Type.NUMBER:
            if isinstance(value.constant, int | float):
                return literal(number_text(value.constant))
            return sql("spl_text(:x)", x=value.node)
        case Type.WHOLE:
            return exp.cast(value.node, "VARCHAR")
        case Type.MULTI:
            return sql("spl_single(:x)", x=value.node)
        case Type.JSON:
            return _json_text(value.node)
        case Type.BOOL:
            return sql("CASE WHEN :x THEN 'True' WHEN NOT :x THEN 'False' END", x=value.node)
    return value.node


def _json_text(node: exp.Expression) -> exp.Expression:
    """A JSON value as text: a string without its quotes, an object or list as JSON; null is NULL."""
    if isinstance(node, exp.Nullif):
        node = node.this
    if isinstance(node, exp.JSONExtract):
        return sql("json_extract_string(:x, :p)", x=node.this, p=node.expression)
    return sql("json_extract_string(:x, '$')", x=node)


def truth_text(node: exp.Expression) -> exp.Expression:
    """A condition as the text `true` or `false`, as JSON spells it."""
    return sql("CASE WHEN :x THEN 'true' WHEN NOT :x THEN 'false' END", x=node)


def number_text(value: float) -> str:
    """A number as SPL prints it: whole ones without a point, others to 15 significant digits."""
    if float(value).is_integer() and abs(value) <= LAST_EXACT:
        return str(int(value))
    return f"{value:.15g}"


def as_number(value: Value) -> exp.Expression:
    """The value as a DOUBLE, NULL where it does not read as one."""
    match value.type:
        case Type.NULL:
            return exp.cast(exp.Null(), "DOUBLE")
        case Type.NUMBER:
            return value.node
        case Type.WHOLE if isinstance(value.constant, int):
            return literal(value.constant)
        case Type.BOOL | Type.WHOLE:
            return exp.cast(value.node, "DOUBLE")
        case Type.MULTI:
            return sql("spl_number(spl_single(:x))", x=value.node)
    return sql("spl_number(:x)", x=as_text(value))


def spelling(value: Value) -> exp.Expression:
    """A number as text, which says whether it is a whole one."""
    if value.type is Type.NUMBER:
        return exp.cast(value.node, "VARCHAR")
    return as_text(value)


def as_integer(value: Value) -> exp.Expression:
    """The value as a whole number of all its digits, NULL where it is none."""
    return value.node if value.type is Type.WHOLE else sql("TRY_CAST(:x AS BIGINT)", x=as_number(value))


def as_whole(value: Value) -> exp.Expression:
    """The value as a whole number that can be a position or a length, NULL where it does not read as a number."""
    if isinstance(value.constant, int | float) and not isinstance(value.constant, bool):
        return integer(int(max(min(value.constant, 1e9), -1e9)))
    return sql("spl_whole(:x)", x=as_number(value))


def joined(items: exp.Expression, delimiter: Value) -> exp.Expression:
    """The texts of a list as one text, the delimiter between them."""
    # array_to_string wants the same delimiter for every row.
    template = "array_to_string(:x, :d)" if isinstance(delimiter.constant, str) else "spl_join(:x, :d)"
    return sql(template, x=items, d=as_text(delimiter))


def as_multi(value: Value) -> exp.Expression:
    """The value as a list of text; NULL where there is none."""
    match value.type:
        case Type.MULTI:
            return value.node
        case Type.NULL:
            return exp.cast(exp.Null(), "VARCHAR[]")
    return sql("spl_list(:x)", x=as_text(value))


def as_json(value: Value) -> exp.Expression:
    """The value as JSON, of its kind. A text that a column of JSON holds is the object or list that it reads as."""
    match value.type:
        case Type.NULL:
            return exp.cast(exp.Null(), "JSON")
        case Type.JSON:
            return value.node
        case Type.NUMBER:
            # A whole number has no point in JSON.
            return sql("TRY_CAST(spl_text(:x) AS JSON)", x=value.node)
        case Type.AUTO:
            held = "IF(json_type(TRY_CAST(:x AS JSON)) IN ('OBJECT', 'ARRAY'), CAST(:x AS JSON), to_json(:x))"
            return bound(value.node, lambda node: sql(f"CASE WHEN :x IS NOT NULL THEN {held} END", x=node))
    return sql("CASE WHEN :x IS NOT NULL THEN to_json(:x) END", x=value.node)


def as_condition(value: Value, span: Span = NO_SPAN) -> exp.Expression:
    """The value as a condition. A number is true where it is not 0; text is no condition."""
    match value.type:
        case Type.BOOL:
            return value.node
        case Type.NULL:
            return exp.cast(exp.Null(), "BOOLEAN")
        case Type.NUMBER | Type.WHOLE:
            return sql("(:x <> 0)", x=value.node)
    raise Refusal("a text or field stands where a condition is expected", span=span, code="RUN031")


def as_truth(value: Value, span: Span = NO_SPAN) -> exp.Expression:
    """The value as a condition where fields hold those: a text is true where it is `true`, NULL where it is neither
    that nor `false`; several are NULL."""
    if value.type not in {Type.TEXT, Type.AUTO, Type.SPELT, Type.MULTI, Type.JSON}:
        return as_condition(value, span)
    return sql("CASE WHEN :x = 'true' THEN TRUE WHEN :x = 'false' THEN FALSE END", x=as_text(value))


def each(value: Value, body: Callable[[exp.Expression], exp.Expression]) -> Value:
    """`body` applied to the text, or to each value of a multivalue; the result is of the same shape, as text."""
    if value.type is not Type.MULTI:
        return text_value(body(as_text(value)))
    name = parameter()
    return multi_value(sql("list_transform(:x, :f)", x=value.node, f=function_of(name, body(column(name)))))


def any_value(value: Value, body: Callable[[Value], exp.Expression]) -> exp.Expression:
    """A condition over the value, or over any value of a multivalue."""
    if value.type is not Type.MULTI:
        return body(value)
    name = parameter()
    condition = body(auto_value(column(name)))
    return sql("list_bool_or(list_transform(:x, :f))", x=value.node, f=function_of(name, condition))


def common_type(values: list[Value]) -> Type:
    """The type that can hold all of the values: what `if`, `case` and `coalesce` give."""
    types = {value.type for value in values} - {Type.NULL}
    if not types:
        return Type.NULL
    if len(types) == 1:
        return types.pop()
    if Type.MULTI in types:
        return Type.MULTI
    if types == NUMBERS:
        return Type.NUMBER
    return Type.SPELT if types <= {*NUMBERS, Type.SPELT} else Type.AUTO


def cast_to(value: Value, kind: Type) -> exp.Expression:
    """The value in the form of `kind`."""
    match kind:
        case Type.NUMBER:
            return as_number(value)
        case Type.WHOLE:
            return as_integer(value)
        case Type.MULTI:
            return as_multi(value)
        case Type.BOOL:
            return as_condition(value)
        case Type.JSON:
            return as_json(value)
        case Type.SPELT:
            return spelling(value)
        case Type.NULL:
            return value.node
    return as_text(value)


def choice(values: list[Value], build: Callable[[list[exp.Expression]], exp.Expression]) -> Value:
    """A value that is one of several, all brought to their common type first."""
    kind = common_type(values)
    mixed = kind is Type.AUTO and any(value.type in {*NUMBERS, Type.SPELT} or value.mixed for value in values)
    return Value(build([cast_to(value, kind) for value in values]), kind, mixed=mixed)


def storable(value: Value, span: Span = NO_SPAN) -> Value:
    """The value as a field can hold it. Splunk refuses to store a Boolean, and so do we."""
    if value.type is Type.BOOL:
        raise Refusal(
            "a field can't hold a Boolean", span=span, code="RUN032", hint='write if(condition, "true", "false")'
        )
    if value.type is Type.NULL:
        return replace(value, node=exp.cast(exp.Null(), "VARCHAR"), type=Type.AUTO)
    return value


def stored(value: Value) -> Value:
    """The value as it reads once it is in a field: text that looks like a number counts as one from there on."""
    kept = storable(value)
    return replace(kept, type=Type.AUTO) if kept.type is Type.TEXT else kept


def bind(value: Value, body: Callable[[Value], Value]) -> Value:
    """`body(value)`, its argument computed once however often the body uses it."""
    kinds: list[Value] = []

    def build(node: exp.Expression) -> exp.Expression:
        kinds.append(body(replace(value, node=node)))
        return kinds[-1].node

    node = bound(value.node, build)
    return replace(kinds[-1], node=node)
