"""Expressions: what computes a value out of a row."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from rulescope.ir.operations import OperationName
from rulescope.text import NO_SPAN, Span

if TYPE_CHECKING:
    from rulescope.ir.predicates import Predicate
    from rulescope.ir.rule import Pipeline

BinaryOperator = Literal[
    "+", "-", "*", "/", "%", ".",
    "=", "!=", "<", "<=", ">", ">=", "like",
    "and", "or", "xor",
]  # fmt: skip
UnaryOperator = Literal["not", "-", "+"]


@dataclass(frozen=True, slots=True)
class FieldReference:
    """The value of a field of the row; NULL where the row lacks it. `name` is without quotes."""

    name: str
    span: Span = field(default=NO_SPAN, compare=False)


@dataclass(frozen=True, slots=True)
class Hole(FieldReference):
    """A name in a template that holds tokens (`<<FIELD>>`) and stands without quotes: it is read as an expression once
    these are put in. Where nothing is put in, it is the field of that name."""


@dataclass(frozen=True, slots=True)
class Constant:
    """A constant: text, a number, true or false, or NULL (None). `written` is a number of SPL
    as it stands there, with its zeros and without its sign."""

    value: str | int | float | bool | None
    span: Span = field(default=NO_SPAN, compare=False)
    written: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Call:
    """A function applied to arguments: one of `ir.functions`, or else one of the pipeline's language (or a word of it
    that stands between its operands, as Kusto's `has_any`), by its lower-case name. `written` is the language's own
    spelling where that differs."""

    function: str
    arguments: tuple[Expression, ...]
    span: Span = field(default=NO_SPAN, compare=False)
    written: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Operation:
    """What no language spells as a function, applied to arguments; `ir.operations` says what each means."""

    name: OperationName
    arguments: tuple[Expression, ...]
    span: Span = field(default=NO_SPAN, compare=False)


@dataclass(frozen=True, slots=True)
class Binary:
    """`left operator right`. `.` joins text; `+` adds numbers or joins two texts. Comparisons with NULL are NULL."""

    operator: BinaryOperator
    left: Expression
    right: Expression
    span: Span = field(default=NO_SPAN, compare=False)


@dataclass(frozen=True, slots=True)
class Unary:
    """`not x`, `-x` or `+x`."""

    operator: UnaryOperator
    operand: Expression
    span: Span = field(default=NO_SPAN, compare=False)


@dataclass(frozen=True, slots=True)
class InList:
    """Whether the value equals one of the options (case-sensitive, no wildcards)."""

    value: Expression
    options: tuple[Expression, ...]
    span: Span = field(default=NO_SPAN, compare=False)


@dataclass(frozen=True, slots=True)
class PredicateExpression:
    """A search predicate used as a value: `searchmatch("…")`, or `eval(…)` given in search syntax."""

    predicate: Predicate
    span: Span = field(default=NO_SPAN, compare=False)


@dataclass(frozen=True, slots=True)
class MacroCall:
    """A macro by name where its body is not put in; stands as an expression, a predicate, or an argument.

    `text` is the call as written between its backticks.
    """

    name: str
    arguments: tuple[str, ...]
    text: str = ""
    span: Span = field(default=NO_SPAN, compare=False)


@dataclass(frozen=True, slots=True)
class Subsearch:
    """A pipeline whose rows become a condition or a value where it stands.

    `outer` are the names in it that are known to be columns of the row around it.
    """

    pipeline: Pipeline
    span: Span = field(default=NO_SPAN, compare=False)
    outer: tuple[str, ...] = ()


Expression = (
    FieldReference | Constant | Call | Operation | Binary | Unary | InList | PredicateExpression | MacroCall | Subsearch
)
