"""The parts of values that are lists or objects."""

from __future__ import annotations

from sqlglot import exp

from rulescope.engines.sql.build import integer, sql
from rulescope.engines.sql.dialect import Dialect
from rulescope.engines.sql.values import Type, Value, as_multi, as_text, auto_value, json_value

MEMBER = "json_extract(:x, '$.\"' || replace(k, '\"', '\\\"') || '\"')"
"""What an object `:x` holds under a key `k`."""


def element(value: Value, step: str | int, dialect: Dialect) -> Value:
    """The part of a value under a key, or at a position from 0; NULL where there is none. A negative position counts
    from the end, or leads nowhere."""
    if isinstance(step, int) and step < 0 and not dialect.counts_from_end:
        return json_value(exp.cast(exp.Null(), "JSON"))
    if value.type is Type.MULTI:
        if isinstance(step, str):
            return json_value(exp.cast(exp.Null(), "JSON"))
        return auto_value(sql("list_extract(:x, :n)", x=value.node, n=integer(step + 1 if step >= 0 else step)))
    place = f"#{step}" if isinstance(step, int) and step < 0 else str(step)
    path = f"$[{place}]" if isinstance(step, int) else '$."' + step.replace('"', '\\"') + '"'
    return found_json(sql("json_extract(:x, :p)", x=opened(value, dialect), p=path), dialect)


def found_json(node: exp.Expression, dialect: Dialect) -> Value:
    """What was found in JSON as a value; JSON's null is NULL where the language has no other."""
    return json_value(sql("NULLIF(:x, CAST('null' AS JSON))", x=node) if dialect.json_null_is_null else node)


def opened(value: Value, dialect: Dialect) -> exp.Expression:
    """The value as JSON to look into. A text in it that is JSON itself is opened, too, in a language whose reader
    takes a path through such texts for one path."""
    if value.type is not Type.JSON:
        return sql("TRY_CAST(:x AS JSON)", x=as_text(value))
    if not dialect.json_null_is_null:
        return value.node
    if not isinstance(value.node, exp.Column):
        return sql("TRY_CAST(:x AS JSON)", x=as_text(value))
    return sql("CASE WHEN starts_with(:x, '\"') THEN TRY_CAST(:t AS JSON) ELSE :x END", x=value.node, t=as_text(value))


def elements(value: Value) -> exp.Expression:
    """The elements of a list as a list of text; NULL where it is none."""
    if value.type is Type.MULTI:
        return as_multi(value)
    node = _json(value)
    return sql("CASE WHEN json_type(:x) = 'ARRAY' THEN json_extract_string(:x, '$[*]') END", x=node)


def json_elements(value: Value) -> exp.Expression:
    """The elements of a list as a list of JSON values; NULL where it is none."""
    if value.type is Type.MULTI:
        return sql("list_transform(:x, lambda v: to_json(v))", x=as_multi(value))
    return sql("CASE WHEN json_type(:x) = 'ARRAY' THEN json_extract(:x, '$[*]') END", x=_json(value))


def _json(value: Value) -> exp.Expression:
    return value.node if value.type is Type.JSON else sql("TRY_CAST(:x AS JSON)", x=as_text(value))
