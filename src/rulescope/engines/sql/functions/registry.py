"""How a function of `eval` is declared, found, and checked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from rulescope import ir
from rulescope.engines.sql.compiling import compile_expression, compiles_expression
from rulescope.engines.sql.context import Context
from rulescope.engines.sql.dialect import ELASTIC, EVERY, SPL, Function
from rulescope.engines.sql.frame import Frame
from rulescope.engines.sql.values import Type, Value, as_integer, whole_value
from rulescope.errors import Refusal
from rulescope.text import Span, nearest_name


@dataclass(frozen=True, slots=True)
class Arguments:
    """The arguments of one call: as written (`expressions`), and compiled (`values`)."""

    call: ir.Call | ir.Operation
    frame: Frame
    context: Context
    values: tuple[Value, ...]

    @property
    def name(self) -> str:
        """The function, or the operation, that is called."""
        return self.call.function if isinstance(self.call, ir.Call) else self.call.name

    @property
    def expressions(self) -> tuple[ir.Expression, ...]:
        """The arguments as written."""
        return self.call.arguments

    @property
    def span(self) -> Span:
        """Where the call stands."""
        return self.call.span

    def constant_text(self, index: int) -> str | None:
        """Argument `index` where it is the same text for every row."""
        constant = self.values[index].constant
        return constant if isinstance(constant, str) else None

    def tell_useless(self, why: str) -> None:
        """Say of an argument which the rule itself writes that the call makes nothing of it."""
        self.context.note("RUN137", f"{_spelling(self.call)}: {why}", self.span)

    def refuse(self, message: str) -> Refusal:
        """A refusal that names this call and its place."""
        return Refusal(f"{_spelling(self.call)}: {message}", span=self.span, code="RUN037")


def _spelling(call: ir.Call | ir.Operation) -> str:
    """What is called, as the rule has it."""
    return call.written or call.function if isinstance(call, ir.Call) else call.name


Compiler = Callable[[Arguments], Value]

function = SPL.function
"""Declares a function of `eval`."""
elastic_function = ELASTIC.function
"""Declares a function that only Elastic's languages have."""
elastic_operation = ELASTIC.operation
"""Declares what an operation comes to in Elastic's languages."""
operation = EVERY.operation
"""Declares an operation that means the same in every language."""

_SPL2 = "it belongs to SPL2, which has lambda expressions and objects; SPL searches don't know it"
SPL.refused.update(
    {
        "lookup": "use the lookup command, which runs",
        "cluster": "clustering texts is not supported",
        **dict.fromkeys(("all", "any", "filter", "getfields", "map", "reduce", "trunc"), _SPL2),
    }
)


@compiles_expression(ir.Call)
def compile_call(call: ir.Call, frame: Frame, context: Context) -> Value:
    """The call as a value; a refusal for a function that is not known here or has the wrong number of arguments."""
    name = call.function.lower()
    found = context.dialect.function_of(name)
    if found is None:
        raise _unknown(call, name, context)
    _check_count(call, found)
    return _apply(found, call, frame, context)


@compiles_expression(ir.Operation)
def compile_operation(operation: ir.Operation, frame: Frame, context: Context) -> Value:
    """An operation of the tree, as the language has it."""
    found = context.dialect.operation_of(operation.name)
    if found is None:
        reason = context.dialect.refusal_of(operation.name) or f"it has no plan in {context.dialect.name}"
        raise Refusal(f"'{operation.name}' is not supported: {reason}", span=operation.span, code="RUN011")
    return _apply(found, operation, frame, context)


def _apply(found: Function, call: ir.Call | ir.Operation, frame: Frame, context: Context) -> Value:
    values = () if found.lazy else tuple(compile_expression(part, frame, context) for part in call.arguments)
    value = found.compile(Arguments(call, frame, context, values))
    if found.kind == "first" and context.dialect.wholes and any(one.mixed for one in values):
        return replace(value, mixed=True)
    if found.kind == "long" and context.dialect.wholes and value.type is Type.NUMBER:
        return whole_value(as_integer(value))
    return value


def _unknown(call: ir.Call, name: str, context: Context) -> Refusal:
    message = f"the function '{_spelling(call)}' is not supported"
    reason = context.dialect.refusal_of(name)
    if reason is not None:
        return Refusal(f"{message}: {reason}", span=call.span, code="RUN011")
    # EQL's names for comparisons without case end in `~`; nobody misspells them.
    names = {one for one in context.dialect.function_names() if not one.endswith("~")}
    meant = context.meant(name) if context.meant is not None else None
    near = meant if meant in names else nearest_name(call.function, names)
    hint = f"did you mean '{near}'?" if near else None
    return Refusal(message, span=call.span, code="RUN011", hint=hint)


def _check_count(call: ir.Call, found: Function) -> None:
    given = len(call.arguments)
    if given >= found.least and (found.most is None or given <= found.most):
        return
    expected = str(found.least) if found.most == found.least else f"{found.least} to {found.most}"
    if found.most is None:
        expected = f"at least {found.least}"
    plural = "" if expected in ("1", "at least 1") else "s"
    raise Refusal(f"{_spelling(call)} takes {expected} argument{plural}, not {given}", span=call.span, code="RUN038")
