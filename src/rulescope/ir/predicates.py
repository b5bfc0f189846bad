"""Predicates: what keeps or drops a row, with the Boolean structure as its author wrote it."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from enum import Enum
from typing import Literal

from rulescope.ir.expressions import Expression, MacroCall, Subsearch
from rulescope.ir.times import WrittenTime
from rulescope.text import NO_SPAN, Span

ComparisonKind = Literal[
    "eq", "contains", "starts_with", "ends_with", "wildcard", "match", "has",
    "in", "cidr", "gt", "ge", "lt", "le", "exists", "missing",
]  # fmt: skip
Directive = Literal["TERM", "CASE"]
Missing = Literal["false", "true", "unknown"]
Quantifier = Literal["any", "all", "one"]


class Any(Enum):
    """The parts of a `Glob` that stand for characters that are not said."""

    RUN = "*"
    ONE = "?"


@dataclass(frozen=True, slots=True)
class Glob:
    """A pattern of literal pieces and wildcards, in order; the pieces hold no escapes."""

    pieces: tuple[str | Any, ...]

    def __str__(self) -> str:
        return "".join(piece if isinstance(piece, str) else piece.value for piece in self.pieces)


Value = str | int | float | bool | Glob


@dataclass(frozen=True, slots=True)
class And:
    """True where every operand is."""

    operands: tuple[Predicate, ...]
    span: Span = dataclasses.field(default=NO_SPAN, compare=False)


@dataclass(frozen=True, slots=True)
class Or:
    """True where at least one operand is."""

    operands: tuple[Predicate, ...]
    span: Span = dataclasses.field(default=NO_SPAN, compare=False)


@dataclass(frozen=True, slots=True)
class Not:
    """True where the operand is false; unknown stays unknown."""

    operand: Predicate
    span: Span = dataclasses.field(default=NO_SPAN, compare=False)


@dataclass(frozen=True, slots=True)
class Compare:
    """A field against constants. All of its meaning is here; an engine needs no word of the language it came from.

    kind        `eq` whole value; `contains`, `starts_with`, `ends_with` text; `wildcard` whole value against a `Glob`;
                `match` a PCRE found anywhere; `has` whole terms: the text, with no further letter or digit at an
                end of it that is one; `in` equal to (or matching, where it is a `Glob`) one of the values;
                `cidr` an address in a range; `gt ge lt le`; `exists` and `missing` have no values.
    values      one for every kind but `in` (one or more), `exists` and `missing` (none).
    ignore_case whether letters are compared without regard to case.
    missing     what a row that lacks the field gives: `false`, `true`, or `unknown` (NULL, which NOT does not turn).
    numeric     a value and a field that both read as numbers compare as numbers.
    numbers_only  of `gt ge lt le`: text that reads as no number is as a missing value; else it is ordered as text.
    named       of `exists` and `missing`: a field that the event names without a value (JSON's null) is there, too.
    as_text     it was written of the field's text, or as what takes values of any kind; no part of what it means.
    quantifier  over a multivalue field: `any` value, or `all` of them; `one`: several values give NULL.
    """

    field: str
    kind: ComparisonKind
    values: tuple[Value, ...] = ()
    ignore_case: bool = False
    missing: Missing = "false"
    numeric: bool = False
    quantifier: Quantifier = "any"
    span: Span = dataclasses.field(default=NO_SPAN, compare=False)
    value_spans: tuple[Span, ...] = dataclasses.field(default=(), compare=False)
    numbers_only: bool = False
    named: bool = False
    as_text: bool = dataclasses.field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Term:
    """Text looked for in the raw event, by whole tokens. Which characters break an event into these says the language
    (`engines.sql.dialect.Breakers`, for those that run).

    Without directive: regardless of case, between any breakers; `TERM`: one token between major breakers;
    `CASE`: with case. `text` is without quotes and escapes; `*` in it matches any run of characters.
    `quoted` says that it was written as a phrase. The term `*` alone matches every event.
    """

    text: str
    directive: Directive | None = None
    quoted: bool = False
    span: Span = dataclasses.field(default=NO_SPAN, compare=False)


@dataclass(frozen=True, slots=True)
class TimeBound:
    """A bound on `_time` inside a search: `name` is the modifier as written (`earliest`, `latest`,
    `_index_earliest`, …), `at` the time that it gives."""

    name: str
    at: WrittenTime
    span: Span = dataclasses.field(default=NO_SPAN, compare=False)


@dataclass(frozen=True, slots=True)
class Test:
    """A condition that is not a plain comparison of a field with constants: any expression, true where its value is."""

    expression: Expression
    span: Span = dataclasses.field(default=NO_SPAN, compare=False)


Predicate = And | Or | Not | Compare | Term | TimeBound | Test | MacroCall | Subsearch
