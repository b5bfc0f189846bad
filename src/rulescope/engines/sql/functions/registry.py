"""How a function of `eval` is declared, found, and checked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from rulescope import ir
from rulescope.engines.sql.context import Context
from rulescope.engines.sql.expressions import compile_expression
from rulescope.engines.sql.frame import Frame
from rulescope.engines.sql.values import Value
from rulescope.errors import Refusal
from rulescope.languages.spl.functions import nearest_function
from rulescope.text import nearest_name


@dataclass(frozen=True, slots=True)
class Arguments:
    """The arguments of one call: as written (`expressions`), and compiled (`values`)."""

    call: ir.Call
    frame: Frame
    context: Context
    values: tuple[Value, ...]

    @property
    def expressions(self) -> tuple[ir.Expression, ...]:
        """The arguments as written."""
        return self.call.arguments

    def constant_text(self, index: int) -> str | None:
        """Argument `index` where it is the same text for every row."""
        constant = self.values[index].constant
        return constant if isinstance(constant, str) else None

    def refuse(self, message: str) -> Refusal:
        """A refusal that names this call and its place."""
        return Refusal(f"{self.call.function}: {message}", span=self.call.span, code="RUN037")


Compiler = Callable[[Arguments], Value]


@dataclass(frozen=True, slots=True)
class Function:
    """A function: how many arguments it takes (`most` None: any number), and what it becomes.

    `lazy` functions get their arguments as written only, because they bind names in them. `family` is `spl`,
    `elastic` for those that only EQL and ES|QL have, or `sigma`.
    """

    name: str
    least: int
    most: int | None
    compile: Compiler
    lazy: bool = False
    family: str = "spl"


FUNCTIONS: dict[str, Function] = {}
"""Every function that runs, by lower-case name."""

_SPL2 = "it belongs to SPL2, which has lambda expressions and objects; SPL searches don't know it"
REFUSED: dict[str, str] = {
    "lookup": "use the lookup command, which runs",
    "cluster": "clustering texts is not supported",
    **dict.fromkeys(("all", "any", "filter", "getfields", "map", "reduce", "trunc"), _SPL2),
}
"""Functions of Splunk that don't run, and why."""

REFUSED_OF_ELASTIC: dict[str, str] = {}
"""Functions of Elastic's languages that don't run, and why."""


def function(
    *names: str, least: int = 1, most: int | None = -1, lazy: bool = False, family: str = "spl"
) -> Callable[[Compiler], Compiler]:
    """Declares a compiler for functions of these names; `most` defaults to `least`."""

    def declare(compiler: Compiler) -> Compiler:
        for name in names:
            FUNCTIONS[name] = Function(name, least, least if most == -1 else most, compiler, lazy, family)
        return compiler

    return declare


elastic_function = partial(function, family="elastic")
"""As `function`, for those that only EQL and ES|QL have."""


def compile_call(call: ir.Call, frame: Frame, context: Context) -> Value:
    """The call as a value; a refusal for a function that is not known here or has the wrong number of arguments."""
    known = FUNCTIONS if context.dialect is None else context.dialect.functions
    found = known.get(call.function.lower())
    if found is not None and found.family == "elastic" and not context.elastic:
        found = None
    refused = REFUSED if context.dialect is None else {}
    if context.dialect is None and context.elastic:
        refused = {**REFUSED_OF_ELASTIC, **refused}
    if found is None and call.function.lower() in refused:
        reason = refused[call.function.lower()]
        raise Refusal(f"the function '{call.function}' is not supported: {reason}", span=call.span, code="RUN011")
    if found is None:
        names = [name for name, one in known.items() if context.elastic or one.family != "elastic"]
        names = [name for name in names if not name.endswith("~")]
        # SPL's parser has said the same already, as a warning.
        near = nearest_function(call.function.lower()) if context.dialect is None and not context.elastic else None
        near = near if near in names else nearest_name(call.function, names)
        raise Refusal(
            f"the function '{call.function}' is not supported",
            span=call.span,
            code="RUN011",
            hint=f"did you mean '{near}'?" if near else None,
        )
    given = len(call.arguments)
    if given < found.least or (found.most is not None and given > found.most):
        expected = str(found.least) if found.most == found.least else f"{found.least} to {found.most}"
        if found.most is None:
            expected = f"at least {found.least}"
        one = "1" in (expected, expected.removeprefix("at least "))
        raise Refusal(
            f"{call.function} takes {expected} argument{'' if one else 's'}, not {given}", span=call.span, code="RUN038"
        )
    values = () if found.lazy else tuple(compile_expression(part, frame, context) for part in call.arguments)
    return found.compile(Arguments(call, frame, context, values))
