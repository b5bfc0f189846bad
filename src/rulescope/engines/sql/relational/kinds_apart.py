"""Values of kinds that a language does not compare, and columns that it takes for no condition.

It refuses such a query, and what it would find can't be said.
"""

from __future__ import annotations

from rulescope.engines.sql.context import Context
from rulescope.text import Diagnostic, Span

_APART = ({"string", "long"}, {"string", "real"}, {"string", "bool"})
_CODE = "RUN135"


def tell_apart(left: str, right: str, span: Span, context: Context) -> None:
    """Warn where a text is compared with a number or truth value; here they are unequal.

    Source: Kusto's errors, SEM0064 ("Cannot compare values of types").
    """
    if context.dialect.kinds_apart and {left, right} in _APART:
        message = f"a {left} is compared with a {right}, which Kusto refuses"
        hint = "convert one of them, with tostring() or tolong()"
        context.diagnostics.append(Diagnostic(_CODE, message, span, "warning", hint))


def tell_no_condition(kind: str, span: Span, context: Context) -> None:
    """Warn where a column without truth values stands for a condition ("where operator": a boolean expression)."""
    if context.dialect.kinds_apart and kind in ("string", "datetime"):
        message = f"a column of the type {kind} is no condition, which Kusto refuses"
        context.diagnostics.append(Diagnostic(_CODE, message, span, "warning"))
