"""What a language means by its stages, functions, and values: one `Dialect` a language, or family of languages.

A dialect may be based on another one: a stage, function, operation or refusal that it does not declare itself is as
there; what its values mean, each says itself. Kusto and SQL are based on none, so that a stage or function which they
have no compiler for is refused by name, even where SPL has one of that name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar

from rulescope import ir
from rulescope.ir import stages

if TYPE_CHECKING:
    from rulescope.engines.sql.frame import Frame
    from rulescope.engines.sql.values import Value

StageCompiler = Callable[[Any, "Frame", Any], "Frame"]
"""(stage, rows before, context) → rows after."""
FunctionCompiler = Callable[[Any], "Value"]
"""Arguments of a call → its value."""
_Stage = TypeVar("_Stage", bound=StageCompiler)


@dataclass(frozen=True, slots=True)
class Breakers:
    """The characters that end a term of a raw event: major ones, which part it into tokens, and minor ones within
    these."""

    major: str
    minor: str


@dataclass(frozen=True, slots=True)
class Function:
    """A function: how many arguments it takes (`most` None: any number), and what it becomes.

    `lazy` functions get their arguments as written only, because they bind names in them. `kind` is the kind of value
    that it gives, in languages with typed columns: `first` and `second` that of its first or second argument, `named`
    that of the type which the second one names.
    """

    name: str
    least: int
    most: int | None
    compile: FunctionCompiler
    lazy: bool = False
    kind: str = ""


@dataclass(slots=True, eq=False)
class Dialect:
    """A language: the compilers of its stages and functions, why others are `refused`, and what its values mean.

    server_fields       event types and tags are what a server makes of definitions, not fields like others.
    empty_text          a text column without value holds the empty text: there is no NULL among texts.
    null_equals_nothing  equal is false where a value is NULL and unequal true, and NULL in a list counts for nothing;
                        else both are NULL.
    folded_parts        operators that look for a part of a text regard no case, but for those that end in `_cs`.
    conditions_are_values  a field can hold a condition, as true or false; else only what is computed of it.
    single_operands     operators are NULL where an operand is several values; else one of these that fits is enough.
    whole_groups        functions see all values of a field that rows are grouped by, though the group is one of them.
    results_first       the columns of groups are the results, then what rows are grouped by.
    null_spreads        the greatest or least of values is NULL where one of them is.
    null_keys_picked    the row with the greatest key of rows without any is one of them; else there is none.
    kinds_apart         a text and a number are not compared: the language refuses it.
    days_added          a whole number added to a time counts days.
    counts_from_end     a negative position in a list counts from its end; else nothing is there.
    columns_by_kind     a union has a column for each kind of values of a name; else one, as text.
    assigned_at_once    what one stage sets is computed from the columns before it; only a name that is none of them
                        may be another one that it sets.
    json_null_is_null   null inside JSON is NULL; else it is a value.
    counts_conditions   `count(condition)` counts the rows for which it is true, of anything else all rows.
    zero_of_nothing     aggregates that are 0 over no values, where all others are NULL.
    whole_division      whole numbers divided give a whole number.
    infinite_quotients  a number divided by zero is infinite, where others make it NULL.
    stepped_quantiles   a percentile is one of the values, not between two of them.
    breakers            what ends a term that is looked for in the raw event (`ir.Term`); None: it has compilers of its
                        own for terms.
    wholes              whole numbers are a type of their own, and this becomes of those beyond 64 bits: `wrap` around,
                        `null`, or `wide`, kept as far as 38 digits. Empty: all numbers are doubles.
    exact_wholes        values that are whole numbers compare by all of their digits, where a DOUBLE would lose some.
    newest_first        events come newest first, unless the options say otherwise; else in the order of the input.
    qualified_names     a column may be named with its table's name or alias before it.
    removes_known       what a stage removes has to be there.
    """

    name: str
    base: Dialect | None = None
    server_fields: bool = False
    empty_text: bool = False
    null_equals_nothing: bool = False
    folded_parts: bool = False
    conditions_are_values: bool = False
    single_operands: bool = False
    whole_groups: bool = False
    results_first: bool = False
    null_spreads: bool = False
    null_keys_picked: bool = False
    counts_from_end: bool = False
    columns_by_kind: bool = False
    assigned_at_once: bool = False
    json_null_is_null: bool = False
    kinds_apart: bool = False
    days_added: bool = False
    counts_conditions: bool = False
    lists_opened: bool = False
    slices_to_last: bool = False
    zero_of_nothing: frozenset[str] = frozenset()
    whole_division: bool = False
    infinite_quotients: bool = False
    stepped_quantiles: bool = False
    wholes: str = ""
    exact_wholes: bool = False
    newest_first: bool = False
    qualified_names: bool = False
    removes_known: bool = False
    breakers: Breakers | None = None
    stages: dict[type[ir.Stage], StageCompiler] = field(default_factory=dict, repr=False)
    commands: dict[str, StageCompiler] = field(default_factory=dict, repr=False)
    functions: dict[str, Function] = field(default_factory=dict, repr=False)
    operations: dict[str, Function] = field(default_factory=dict, repr=False)
    refused: dict[str, str] = field(default_factory=dict, repr=False)

    def lineage(self) -> Iterator[Dialect]:
        """This dialect, and those that it is based on."""
        found: Dialect | None = self
        while found is not None:
            yield found
            found = found.base

    def compiler(self, stage: ir.Stage) -> StageCompiler | None:
        """The compiler of a stage, or None where it can't be run."""
        if isinstance(stage, stages.Command):
            found = (one.commands.get(stage.name) for one in self.lineage())
        else:
            found = (one.stages.get(type(stage)) for one in self.lineage())
        return next((one for one in found if one is not None), None)

    def function_of(self, name: str) -> Function | None:
        """The function of that lower-case name, or None where the language has none that runs."""
        return next((one.functions[name] for one in self.lineage() if name in one.functions), None)

    def operation_of(self, name: str) -> Function | None:
        """What an operation of the tree comes to in this language."""
        return next((one.operations[name] for one in (*self.lineage(), EVERY) if name in one.operations), None)

    def refusal_of(self, name: str) -> str | None:
        """Why a function of the language does not run, where that is known."""
        return next((one.refused[name] for one in self.lineage() if name in one.refused), None)

    def function_names(self) -> Iterator[str]:
        """The names of all functions that run."""
        for one in self.lineage():
            yield from one.functions

    def function(
        self, *names: str, least: int = 1, most: int | None = -1, kind: str = "", lazy: bool = False
    ) -> Callable[[_Function], _Function]:
        """Declares a function: its least and most arguments (`most` defaults to `least`), the kind of its value."""
        return _declare(self.functions, names, least, most, kind, lazy)

    def operation(
        self, *names: str, least: int = 1, most: int | None = -1, kind: str = "", lazy: bool = False
    ) -> Callable[[_Function], _Function]:
        """Declares what operations of the tree (`ir.Operation`) come to; as `function` otherwise."""
        return _declare(self.operations, names, least, most, kind, lazy)


_Function = TypeVar("_Function", bound=FunctionCompiler)


def _declare(
    table: dict[str, Function], names: tuple[str, ...], least: int, most: int | None, kind: str, lazy: bool
) -> Callable[[_Function], _Function]:
    def declare(compiler: _Function) -> _Function:
        for name in names:
            table[name] = Function(name, least, least if most == -1 else most, compiler, lazy, kind)
        return compiler

    return declare


EVERY = Dialect("every language")
"""Operations that mean the same in all languages."""

SPLUNK_BREAKERS = Breakers(major="[]<>(){}|!;,'\"*&?+ \t\r\n\f\v", minor="/:=@.-$#%\\_")
"""Splunk, segmenters.conf: the default MAJOR and MINOR lists, single characters only."""

SPL = Dialect("spl", server_fields=True, exact_wholes=True, newest_first=True, breakers=SPLUNK_BREAKERS)
SIGMA = Dialect("sigma", SPL, exact_wholes=True, breakers=SPLUNK_BREAKERS)
# Elasticsearch parts text by a field's analyzer. A raw event has none: that of Splunk stands in for it.
ELASTIC = Dialect(
    "elastic",
    SPL,
    conditions_are_values=True,
    wholes="null",
    exact_wholes=True,
    breakers=SPLUNK_BREAKERS,
)
ESQL = Dialect(
    "esql",
    ELASTIC,
    conditions_are_values=True,
    single_operands=True,
    whole_groups=True,
    results_first=True,
    removes_known=True,
    wholes="null",
    exact_wholes=True,
    breakers=SPLUNK_BREAKERS,
)
# Terms of Kusto are runs of letters and digits: they become comparisons of the kind `has`.
KUSTO = Dialect(
    "kusto",
    empty_text=True,
    null_equals_nothing=True,
    folded_parts=True,
    null_keys_picked=True,
    counts_from_end=True,
    columns_by_kind=True,
    assigned_at_once=True,
    json_null_is_null=True,
    counts_conditions=True,
    lists_opened=True,
    slices_to_last=True,
    kinds_apart=True,
    zero_of_nothing=frozenset({"sum", "var", "variance", "stdev"}),
    whole_division=True,
    infinite_quotients=True,
    stepped_quantiles=True,
    wholes="wrap",
    exact_wholes=True,
)
SNOWFLAKE = Dialect(
    "snowflake",
    null_spreads=True,
    days_added=True,
    assigned_at_once=True,
    qualified_names=True,
    wholes="wide",
    exact_wholes=True,
)
DIALECTS = {one.name: one for one in (SPL, SIGMA, ELASTIC, ESQL, KUSTO, SNOWFLAKE)}
"""Every dialect, by its name."""

TABLES = (KUSTO, SNOWFLAKE)
"""The languages over tables with typed columns."""


def compiles(*kinds: type[ir.Stage], dialects: tuple[Dialect, ...] = (SPL,)) -> Callable[[_Stage], _Stage]:
    """Declares the compiler of stages of these classes, in these dialects and those that are based on them."""

    def declare(compiler: _Stage) -> _Stage:
        for dialect in dialects:
            dialect.stages.update(dict.fromkeys(kinds, compiler))
        return compiler

    return declare


def compiles_command(*names: str, dialects: tuple[Dialect, ...] = (SPL,)) -> Callable[[_Stage], _Stage]:
    """Declares the compiler of commands that have no stage class of their own."""

    def declare(compiler: _Stage) -> _Stage:
        for dialect in dialects:
            dialect.commands.update(dict.fromkeys(names, compiler))
        return compiler

    return declare


_COMPILERS = ("expressions", "predicates", "subsearch", "functions", "stages", "relational")
"""The modules and packages in which compilers are declared."""


@cache
def _loaded() -> bool:
    for name in _COMPILERS:
        import_module(f"{__package__}.{name}")
    return True


def dialect_of(name: str) -> Dialect:
    """The dialect of that name, with all its compilers. Raises KeyError where there is none."""
    _loaded()
    return DIALECTS[name]
