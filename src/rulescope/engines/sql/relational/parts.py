"""The parts of values that are lists or objects."""

from __future__ import annotations

from sqlglot import exp

from rulescope.engines.sql.build import integer, sql
from rulescope.engines.sql.values import Type, Value, as_multi, as_text, auto_value


def element(value: Value, step: str | int, from_end: bool = True) -> Value:
    """The part of a value under a key, or at a position from 0; text without quotes, NULL where there is none. A
    negative position counts `from_end`, or leads nowhere."""
    if isinstance(step, int) and step < 0 and not from_end:
        return Value(exp.cast(exp.Null(), "VARCHAR"), Type.AUTO)
    if value.type is Type.MULTI:
        if isinstance(step, str):
            return Value(exp.cast(exp.Null(), "VARCHAR"), Type.AUTO)
        return auto_value(sql("list_extract(:x, :n)", x=value.node, n=integer(step + 1 if step >= 0 else step)))
    place = f"#{step}" if isinstance(step, int) and step < 0 else str(step)
    path = f"$[{place}]" if isinstance(step, int) else '$."' + step.replace('"', '\\"') + '"'
    return auto_value(sql("json_extract_string(TRY_CAST(:x AS JSON), :p)", x=as_text(value), p=path))


def elements(value: Value) -> exp.Expression:
    """The elements of a list, or of a JSON array inside a text, as a list of text; NULL where it is none."""
    if value.type is Type.MULTI:
        return as_multi(value)
    return sql(
        "CASE WHEN json_type(TRY_CAST(:x AS JSON)) = 'ARRAY'"
        " THEN json_extract_string(TRY_CAST(:x AS JSON), '$[*]') END",
        x=as_text(value),
    )
