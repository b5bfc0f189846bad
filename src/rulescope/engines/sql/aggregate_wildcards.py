"""The aggregates of a stage with wildcards put in: one for each field whose name fits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rulescope import ir
from rulescope.engines.sql.compiling import undefined_macro
from rulescope.engines.sql.frame import Frame
from rulescope.engines.sql.schema import name_pattern, public
from rulescope.errors import Refusal
from rulescope.ir.stages import Aggregate


def expand_aggregates(
    aggregates: Sequence[Aggregate | ir.MacroCall], by: Sequence[str], frame: Frame
) -> list[Aggregate]:
    """The aggregates with wildcards put in (`values(*) AS *`) and macros refused."""
    out: list[Aggregate] = []
    for aggregate in aggregates:
        if isinstance(aggregate, ir.MacroCall):
            raise undefined_macro(aggregate.name, aggregate.span)
        if aggregate.function == "sparkline":
            raise Refusal(
                "sparkline is not supported: it draws a chart in a cell, and has no value",
                span=aggregate.span,
                code="RUN011",
            )
        argument = aggregate.argument
        if not isinstance(argument, ir.FieldReference) or "*" not in argument.name or aggregate.computed:
            out.append(aggregate)
            continue
        if argument.name == "*" and aggregate.function == "count" and aggregate.alias is None:
            out.append(replace(aggregate, argument=None))
            continue
        pattern = name_pattern(argument.name)
        for name in public(frame.schema.names()):
            found = pattern.fullmatch(name)
            if name in by or not found:
                continue
            alias = aggregate.alias
            if alias is not None and "*" in alias:
                for part in found.groups():
                    alias = alias.replace("*", part, 1)
            elif alias is None:
                # A bare `avg` is `avg(*)`.
                written = aggregate.written if "*" in aggregate.written else f"{aggregate.written}(*)"
                alias = written.replace(argument.name, name, 1)
            out.append(replace(aggregate, argument=ir.FieldReference(name, argument.span), alias=alias))
    return out
