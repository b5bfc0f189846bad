"""The operation of event types that are known: whether an event, as exported rows do, carries one by itself."""

from __future__ import annotations

from sqlglot import exp

from rulescope import ir
from rulescope.engines.sql.compiling import compile_predicate
from rulescope.engines.sql.functions.registry import Arguments, operation
from rulescope.engines.sql.values import Value, bool_value


@operation("carries_event_type", least=1)
def compile_carried(given: Arguments) -> Value:
    """Whether the event's own field `eventtype` has the value; false where the events have no such field."""
    name = given.expressions[0]
    assert isinstance(name, ir.Constant)
    if given.frame.value("eventtype") is None:
        return bool_value(exp.false())
    leaf = ir.Compare("eventtype", "eq", (str(name.value),), True, "false", span=given.span)
    return bool_value(compile_predicate(leaf, given.frame, given.context, positive=False))
