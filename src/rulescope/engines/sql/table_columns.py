"""Columns that a subsearch over a lookup table asks for, and the table lacks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rulescope import ir
from rulescope.engines.sql.context import Context
from rulescope.ir import stages
from rulescope.text import Span, nearest_name


def note_missing_columns(pipeline: ir.Pipeline, context: Context) -> None:
    """Says which columns a search over a table alone keeps or renames that the table has not: without them it gives no
    condition, and a NOT before it takes every event."""
    first = pipeline.stages[0] if pipeline.stages else None
    if not isinstance(first, stages.InputLookup | stages.InputCsv) or first.macro_arguments or context.lookups is None:
        return
    table = context.lookups.table(first.name)
    if table is None:
        return
    known = set(table.columns)
    for name, span in _asked(pipeline.stages[1:], known):
        near = nearest_name(name, table.columns)
        hint = f"did you mean '{near}'?" if near else f"it has {', '.join(table.columns[:20])}"
        context.note("RUN125", f"the lookup table '{first.name}' has no column '{name}'", span, hint=hint)


def _asked(following: Iterable[ir.Stage], known: set[str]) -> Iterator[tuple[str, Span]]:
    """The names that stages ask for and that are not known, up to the first stage that makes columns otherwise."""
    for stage in following:
        match stage:
            case stages.Rename():
                for one in stage.renamings:
                    if "*" in one.source:
                        return
                    if one.source not in known:
                        yield one.source, one.span
                    known.add(one.target)
            case stages.Fields(keep=True) | stages.Table() | stages.Dedup():
                for item in stage.fields:
                    if isinstance(item, ir.FieldReference) and "*" not in item.name and item.name not in known:
                        yield item.name, item.span
            case stages.Fields() | stages.Head() | stages.Sort():
                continue
            case _:
                return
