"""Subsearches: run first, then put in as a condition or a value where they stand.

Search Reference, "format" and "return"; Search Manual, "About subsearches": a row is the AND of its field=value pairs,
the rows are ORed; a field called `search` or `query` gives its value as search text; no rows select no events.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlglot import exp

from rulescope import ir
from rulescope.engines.sql.compiling import (
    compile_expression,
    compile_pipeline,
    compile_predicate,
    compiles_expression,
    compiles_predicate,
)
from rulescope.engines.sql.context import Context
from rulescope.engines.sql.frame import Frame
from rulescope.engines.sql.schema import is_internal
from rulescope.engines.sql.table_columns import note_missing_columns
from rulescope.engines.sql.values import NULL_VALUE, Type, Value, bool_value, constant_value, number_text
from rulescope.errors import Refusal
from rulescope.text import Span

_BARE = ("search", "query")
_TIME_MODIFIERS = frozenset({"earliest", "latest", "starttime", "endtime", "_index_earliest", "_index_latest"})
"""Names that a search reads as bounds of time, not as fields (Search Reference, "Time modifiers")."""
_NOTHING = ir.Or(())


def subsearch_rows(subsearch: ir.Subsearch, context: Context) -> list[dict[str, str | list[str]]]:
    """The rows of the subsearch as text, internal fields left out; more rows than the bound are cut, and reported."""
    if context.executor is None:
        raise Refusal("a subsearch can't be planned without data", span=subsearch.span, code="RUN012")
    note_missing_columns(subsearch.pipeline, context)
    frame = compile_pipeline(subsearch.pipeline, context)
    names = [name for name in frame.schema.names() if not is_internal(name)]
    limit = context.options.subsearch_rows
    found = context.rows_of(frame, names, limit + 1)
    if len(found) > limit:
        context.note("RUN102", f"the subsearch gave more than {limit:,} rows; the rest was left out", subsearch.span)
        found = found[:limit]
    return [_texts(names, row, frame) for row in found]


def _texts(names: Sequence[str], row: Sequence[Any], frame: Frame) -> dict[str, str | list[str]]:
    out: dict[str, str | list[str]] = {}
    for name, value in zip(names, row, strict=True):
        if value is None:
            continue
        if frame.schema.fields[name].type is Type.NUMBER:
            out[name] = number_text(value)
        elif isinstance(value, list):
            kept = [item for item in value if item is not None]
            out[name] = kept if len(kept) != 1 else kept[0]
        else:
            out[name] = value
    return out


@compiles_predicate(ir.Subsearch)
def compile_subsearch(subsearch: ir.Subsearch, frame: Frame, context: Context, positive: bool) -> exp.Expression:
    """The condition that the rows of the subsearch make; false where there are none."""
    found = rows_predicate(subsearch_rows(subsearch, context), subsearch.span, context, bounds=True)
    return exp.true() if found is None else compile_predicate(found, frame, context, positive=positive)


def rows_predicate(
    rows: Sequence[dict[str, str | list[str]]], span: Span, context: Context, *, bounds: bool = False
) -> ir.Predicate | None:
    """The condition that rows make. `bounds`: it stands in a search, where `earliest` and `latest` bound the time."""
    found: dict[ir.Predicate, None] = {}
    for row in rows:
        parts: list[ir.Predicate] = []
        for name, value in row.items():
            values = value if isinstance(value, list) else [value]
            if name in _BARE:
                read = [_read_search(text, span, context) for text in values]
                parts += [part for part in read if part is not None]
                continue
            if bounds and name.lower() in _TIME_MODIFIERS:
                parts += [ir.TimeBound(name, context.need_texts(span).time(text), span) for text in values]
                continue
            options: list[ir.Predicate] = [field_equals(name, text, span) for text in values]
            parts.append(options[0] if len(options) == 1 else ir.Or(tuple(options), span))
        if parts:
            found[parts[0] if len(parts) == 1 else ir.And(tuple(parts), span)] = None
    if not found:
        return _NOTHING
    conditions = tuple(found)
    return conditions[0] if len(conditions) == 1 else ir.Or(_merged(conditions, span), span)


def _merged(conditions: tuple[ir.Predicate, ...], span: Span) -> tuple[ir.Predicate, ...]:
    """Many plain values of one field become one `in`: thousands of them stay quick."""
    by_field: dict[str, list[str]] = {}
    rest: list[ir.Predicate] = []
    for condition in conditions:
        if isinstance(condition, ir.Compare) and condition.kind == "eq" and isinstance(condition.values[0], str):
            by_field.setdefault(condition.field, []).append(condition.values[0])
        else:
            rest.append(condition)
    for field, values in by_field.items():
        rest.append(ir.Compare(field, "in", tuple(values), ignore_case=True, numeric=True, span=span))
    return tuple(rest)


def field_equals(field: str, text: str, span: Span) -> ir.Compare:
    """`field="text"` as a search reads it."""
    if text == "*":
        return ir.Compare(field, "exists", span=span)
    if "*" not in text:
        return ir.Compare(field, "eq", (text,), ignore_case=True, numeric=True, span=span)
    pieces: list[str | ir.Any] = []
    for index, piece in enumerate(text.split("*")):
        if index:
            pieces.append(ir.Any.RUN)
        if piece:
            pieces.append(piece)
    return ir.Compare(field, "wildcard", (ir.Glob(tuple(pieces)),), ignore_case=True, span=span)


def _read_search(text: str, span: Span, context: Context) -> ir.Predicate | None:
    try:
        return context.need_texts(span).condition(text)
    except ValueError as error:
        raise Refusal(f"the subsearch's text is no search: {text[:80]}", span=span, code="RUN017") from error


@compiles_expression(ir.Subsearch)
def subsearch_value(subsearch: ir.Subsearch, frame: Frame, context: Context) -> Value:
    """The subsearch where an expression stands: its bare text read as an expression, else its rows as a condition."""
    rows = subsearch_rows(subsearch, context)
    bare = next((row[name] for row in rows[:1] for name in _BARE if name in row), None)
    if bare is None:
        if not rows:
            return NULL_VALUE
        predicate = rows_predicate(rows, subsearch.span, context)
        assert predicate is not None
        return bool_value(compile_predicate(predicate, frame, context, positive=False))
    text = bare if isinstance(bare, str) else bare[0]
    return _read_expression(text, frame, context, subsearch.span)


def _read_expression(text: str, frame: Frame, context: Context, span: Span) -> Value:
    expression = context.need_texts(span).expression(text)
    if expression is not None:
        value = compile_expression(expression, frame, context)
        if value.type is not Type.NULL:
            return value
    return constant_value(text)
