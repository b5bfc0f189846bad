"""Groups of rows: `summarize`, `distinct`, `count`, GROUP BY. A row without value in a key has a group as well."""

from __future__ import annotations

from sqlglot import exp

from rulescope import ir
from rulescope.engines.sql.build import call, column, sql
from rulescope.engines.sql.compiling import undefined_macro
from rulescope.engines.sql.context import Context
from rulescope.engines.sql.dialect import TABLES, compiles
from rulescope.engines.sql.evidence import by_keys
from rulescope.engines.sql.frame import Frame, row_number
from rulescope.engines.sql.relational.group_functions import Aggregator, is_recorded
from rulescope.engines.sql.relational.scope import Scope
from rulescope.engines.sql.relational.table_rows import TypedColumn
from rulescope.engines.sql.schema import ROW, Column, Schema, free_name
from rulescope.engines.sql.values import (
    Type,
    as_text,
)
from rulescope.ir import stages
from rulescope.ir.stages import free_column
from rulescope.text import Span


@compiles(stages.Stats, dialects=TABLES)
def compile_stats(stage: stages.Stats, frame: Frame, context: Context) -> Frame:
    """One row a combination of the keys' values; the columns are the keys and the results."""
    names = _keys(stage, frame)
    scope = Scope(frame, context, deciding=True)
    used = {ROW}
    columns: dict[str, exp.Expression | None] = {}
    fields: dict[str, Column] = {}
    keys: list[exp.Expression] = []
    numbers: dict[str, int] = {}
    for name, span in names:
        kind = scope.name(name, span)
        value = scope.frame.value(name)
        assert value is not None
        node = as_text(value) if value.type is Type.MULTI else value.node
        physical = free_name(name, used)
        columns[physical] = node
        fields[name] = TypedColumn(physical, Type.TEXT if value.type is Type.MULTI else value.type, False, kind)
        keys.append(node.copy())
    for aggregate in stage.aggregates:
        if isinstance(aggregate, ir.MacroCall):
            raise undefined_macro(aggregate.name, aggregate.span)
        for name, value, kind, recorded in Aggregator(frame, context).results(aggregate, {one for one, _ in names}):
            if name != aggregate.alias:
                name = free_column(name, fields, numbers)
            physical = fields[name].physical if name in fields else free_name(name, used)
            columns[physical] = value.node
            fields[name] = TypedColumn(physical, value.type, False, kind, recorded)
    told, hidden = by_keys(frame, keys, used)
    body = frame.source()
    if keys:
        body = body.group_by(*keys)
    else:
        # One row even where every result is a constant or read by nobody: the clause makes it a query over groups.
        body = body.having(sql("(COUNT(*) >= 0)"))
    row: exp.Expression = call("min", column(ROW)) if keys else exp.cast(exp.Literal.number(0), "BIGINT")
    grouped = frame.then({ROW: row, **columns, **told}, Schema(fields, hidden), body, events=False)
    # Groups stand in the order of their first rows, so that results don't change from run to run.
    return grouped.then({**grouped.passed(), ROW: row_number([])}) if keys else grouped


def _keys(stage: stages.Stats, frame: Frame) -> list[tuple[str, Span]]:
    found: dict[str, Span] = {}
    for item in stage.by:
        if isinstance(item, ir.MacroCall):
            raise undefined_macro(item.name, item.span)
        if item.name == "*":
            found.update(dict.fromkeys(frame.schema.fields, item.span))
        else:
            found[item.name] = item.span
    recorded = {
        name: span
        for name, span in found.items()
        if not (any(getattr(item, "name", "") == "*" for item in stage.by) and not is_recorded(frame, name))
    }
    return list(recorded.items())
