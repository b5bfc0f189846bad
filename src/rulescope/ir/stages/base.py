"""What all stages share, and the small parts they are made of."""

from __future__ import annotations

import dataclasses
from collections.abc import Container
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rulescope.ir.expressions import Expression, FieldReference, MacroCall, Subsearch
from rulescope.ir.times import Snap
from rulescope.text import NO_SPAN, Span

if TYPE_CHECKING:
    from rulescope.ir.rule import Pipeline

FieldItem = FieldReference | MacroCall
"""An entry of a field list: a name, which may hold `*`, or a macro that stands for one or more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One step of a pipeline. `kind` is the shared word for what it does; `text` is verbatim, without the pipe.

    `macro_arguments` are macros without a body, and subsearches whose result is put in as text, that stand where the
    stage's own parts can't hold one: (option that it is the value of, or "" for a place of its own, the call).
    """

    kind: ClassVar[str] = ""

    text: str = dataclasses.field(default="", compare=False)
    span: Span = dataclasses.field(default=NO_SPAN, compare=False)
    macro_arguments: tuple[tuple[str, MacroCall | Subsearch], ...] = ()


@dataclass(frozen=True, slots=True)
class SortKey:
    """A field to sort by; `comparison` is how values compare: `auto`, `num`, `str` or `ip`. Rows that lack the field
    come last, or before all others (`nulls_first`)."""

    field: str
    descending: bool = False
    comparison: str = "auto"
    nulls_first: bool = False
    span: Span = dataclasses.field(default=NO_SPAN, compare=False)


@dataclass(frozen=True, slots=True)
class Interval:
    """A width: `5m`, `1d`, `10`, `2log10`. `unit` is empty for plain numbers, else a Splunk time unit in its shortest
    form (`us ms cs ds s m h d w mon q y`) or `log`. `snap` is what a width of time begins at (`1w@w1`: Monday).
    `text` is what was written, for display."""

    text: str
    amount: float
    unit: str = ""
    base: float | None = None
    snap: Snap | None = None
    span: Span = dataclasses.field(default=NO_SPAN, compare=False)


@dataclass(frozen=True, slots=True)
class Aggregate:
    """`function(argument) AS alias`.

    `function` is the canonical lower-case name (`count dc estdc values list first last earliest latest earliest_time
    latest_time min max sum sumsq avg median mode range stdev stdevp var varp perc exactperc upperperc rate
    rate_avg rate_sum per_second per_minute per_hour per_day sparkline`); `parameter` is the percentile of `perc`,
    `exactperc`, `upperperc`. `argument` is a field (its name may hold `*`), any expression for `f(eval(…))`
    (`computed` is True then), or None for a bare `count`. `inner` is the function inside `sparkline(…)` and
    `interval` its width.
    `written` is the function's name and argument as the author wrote them: the name of the result where there is no
    alias.
    """

    function: str
    argument: Expression | None = None
    alias: str | None = None
    parameter: float | None = None
    computed: bool = False
    inner: Aggregate | None = None
    interval: Interval | None = None
    written: str = dataclasses.field(default="", compare=False)
    span: Span = dataclasses.field(default=NO_SPAN, compare=False)

    @property
    def result_name(self) -> str:
        """The field that the result goes into."""
        return self.alias if self.alias is not None else self.written


@dataclass(frozen=True, slots=True)
class Assignment:
    """`target = expression`. A target `{f}` stands for the name that field f holds."""

    target: str
    expression: Expression
    span: Span = dataclasses.field(default=NO_SPAN, compare=False)


@dataclass(frozen=True, slots=True)
class Renaming:
    """`source AS target`; both may hold `*`."""

    source: str
    target: str
    span: Span = dataclasses.field(default=NO_SPAN, compare=False)


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument of a `Command`: an option (`name` given) or a positional value."""

    value: str | int | float | bool | FieldReference | MacroCall | Expression | Aggregate | Interval | Pipeline
    name: str | None = None
    span: Span = dataclasses.field(default=NO_SPAN, compare=False)


def free_column(name: str, taken: Container[str], numbers: dict[str, int] | None = None) -> str:
    """The name that an operator gives a column whose own is taken: a number stands behind it.

    `numbers` holds the last one that each name was given, so that of many of one name none is tried again.
    """
    found, number = name, numbers.get(name, 0) if numbers is not None else 0
    if number:
        found = f"{name}{number}"
    while found in taken:
        number += 1
        found = f"{name}{number}"
    if numbers is not None:
        numbers[name] = number
    return found
