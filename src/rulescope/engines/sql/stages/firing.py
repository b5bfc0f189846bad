"""What makes a rule of Elastic fire: a number of events (threshold), or values that were not there before (new terms).

Facts: Elastic, "Create a detection rule": threshold rules and new terms rules. The logs given are taken as one run of
the rule: all events are within its window.
"""

from __future__ import annotations

import re

from sqlglot import exp

from rulescope import ir
from rulescope.engines.sql.build import all_of, call, column, integer, sql
from rulescope.engines.sql.context import Context
from rulescope.engines.sql.frame import Frame, ordered
from rulescope.engines.sql.schema import ROW
from rulescope.engines.sql.stages.binning import SECONDS
from rulescope.engines.sql.stages.grouping import group
from rulescope.engines.sql.stages.registry import compiles
from rulescope.engines.sql.values import Type, as_number, as_text
from rulescope.errors import Refusal
from rulescope.ir import stages as kinds

_WINDOW = re.compile(r"now-(\d+)([smhdw])")
_WEEK = 7 * 86400


@compiles(kinds.Threshold)
def compile_threshold(stage: kinds.Threshold, frame: Frame, context: Context) -> Frame:
    """One row a combination of the fields that has enough events, and enough different values of others."""
    aggregates = [kinds.Aggregate("count", alias="count", written="count")]
    bounds = [("count", stage.count)]
    for name, number in stage.cardinality:
        alias = f"dc({name})"
        aggregates.append(kinds.Aggregate("dc", ir.FieldReference(name), alias, written=alias))
        bounds.append((alias, number))
    grouped = group(frame, aggregates, stage.fields, context)
    conditions = []
    for name, number in bounds:
        value = grouped.value(name)
        if value is None:
            return grouped.filter(exp.false())
        conditions.append(sql("(:v >= :n)", v=as_number(value), n=float(number)))
    return grouped.filter(*conditions)


@compiles(kinds.NewTerms)
def compile_new_terms(stage: kinds.NewTerms, frame: Frame, context: Context) -> Frame:
    """The events whose combination of values was not there in the window before; those that lack one are left out."""
    time = frame.value("_time")
    values = [frame.value(name) for name in stage.fields]
    if time is None or not values or any(value is None for value in values):
        return frame.filter(exp.false())
    window = _window(stage)
    if any(value is not None and value.type is Type.MULTI for value in values):
        raise Refusal("new terms of a field with several values can't be told", span=stage.span, code="RUN043")
    keys = [as_text(value) for value in values if value is not None]
    present = all_of([sql("(:k IS NOT NULL)", k=key.copy()) for key in keys])
    clock = as_number(time)
    kept = frame.filter(present, sql("(:t IS NOT NULL)", t=clock.copy())).reorder([ordered(clock.copy())])
    before = exp.Window(
        this=call("lag", clock.copy(), integer(1)),
        partition_by=[key.copy() for key in keys],
        order=exp.Order(expressions=[exp.Ordered(this=column(ROW))]),
    )
    if window is None:
        return kept.qualify(sql("(:b IS NULL)", b=before))
    return kept.qualify(sql("(:b IS NULL OR :t - :b > :w)", b=before, t=clock, w=window))


def _window(stage: kinds.NewTerms) -> float | None:
    """The seconds that the rule looks back; None: all of the logs given."""
    if stage.window is None:
        return None
    found = _WINDOW.fullmatch(stage.window)
    if found is None:
        raise Refusal(f"'{stage.window}' is no window like now-7d", span=stage.span, code="RUN039")
    return float(found[1]) * (_WEEK if found[2] == "w" else SECONDS[found[2]])
