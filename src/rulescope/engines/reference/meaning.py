"""What a language's stages, functions and operations are read as: one `Meaning` a language.

A meaning may be based on another one. Readers declare themselves here, by what they read; what none is declared for is
refused by its name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import Any, TypeVar

from rulescope import ir
from rulescope.engines.reference.table import RowTable
from rulescope.ir import stages

StageReader = Callable[[Any, RowTable, Any], RowTable]
"""(stage, rows before, `interpreter.Reading`) → rows after."""
FunctionReader = Callable[[Any], Any]
"""A call over one row (`interpreter.RowCall`) → its value."""
_Stage = TypeVar("_Stage", bound=StageReader)
_Function = TypeVar("_Function", bound=FunctionReader)


@dataclass(slots=True, eq=False)
class Meaning:
    """A language: the readers of its stages, functions and operations.

    typed              rows come from tables whose columns have kinds; a name that is no column is an error.
    empty_text         a text without value is the empty text (Kusto: "Null values").
    null_equals_nothing  a null equals no value, and is unequal to each (Kusto: "Null values").
    exact_wholes       values that are whole numbers compare by all of their digits.
    wholes             whole numbers are a type of their own; beyond 64 bits there is none (ES|QL: "Data types").
    conditions_are_values  fields hold truth values, spelt `true` and `false` (ES|QL's type boolean).
    single_operands    operators are NULL on several values (ES|QL: "Operators").
    whole_groups       functions see all values of a field that rows are grouped by (ES|QL: "STATS").
    newest_first       events come newest first unless the options say otherwise (SPL: "dedup").
    whole_division     whole numbers divided give a whole number (Kusto: "Numerical operators").
    assigned_at_once   columns are computed from the rows as they were (Kusto: "extend operator"; Snowflake: "SELECT",
                       where a column has its name before an alias), else in order.
    wraps              whole numbers beyond 64 bits begin again at the other end (Kusto: "The long data type").
    positive_remainders  `%` gives 0 or more, whatever the signs (Kusto: "Numerical operators").
    texts_convert      a text is read as a value of the kind that it stands beside (Snowflake: "Data type conversion").
    texts_have_extremes  `min` and `max` are over texts, too (Snowflake: "MIN").
    counts_values      `count(x)` counts the rows in which x has a value (Snowflake: "COUNT"), else all.
    empty_sum          the sum of no numbers (Kusto: "sum()"; NULL in SQL).
    null_keys_picked   the row with the greatest key of rows without any is one of them (Kusto: "arg_max()"), else none.
    times_as_printed   lists hold times as they are printed, with seven digits of a second (Kusto: "datetime").
    numbered_columns   a joined column whose name is taken has a number behind it (Kusto: "join operator"), else its
                       table before it.
    qualified_names    a column may be named with its table before it, and is shown without (Snowflake: "SELECT").
    union_by_place     the columns of a union go by their places, not their names (Snowflake: "Set operators").
    single_row_values  a query that stands as a value has one row at most (Snowflake: "Working with subqueries").
    """

    name: str
    base: Meaning | None = None
    typed: bool = False
    empty_text: bool = False
    null_equals_nothing: bool = False
    conditions_are_values: bool = False
    single_operands: bool = False
    whole_groups: bool = False
    whole_division: bool = False
    exact_wholes: bool = False
    newest_first: bool = False
    assigned_at_once: bool = False
    wholes: bool = False
    wraps: bool = False
    positive_remainders: bool = False
    texts_convert: bool = False
    texts_have_extremes: bool = False
    counts_values: bool = False
    empty_sum: int | None = None
    null_keys_picked: bool = False
    times_as_printed: bool = False
    numbered_columns: bool = False
    qualified_names: bool = False
    union_by_place: bool = False
    single_row_values: bool = False
    stages: dict[type[ir.Stage], StageReader] = field(default_factory=dict, repr=False)
    commands: dict[str, StageReader] = field(default_factory=dict, repr=False)
    functions: dict[str, FunctionReader] = field(default_factory=dict, repr=False)
    operations: dict[str, FunctionReader] = field(default_factory=dict, repr=False)

    def lineage(self) -> Iterator[Meaning]:
        """This language, and what it is based on."""
        found: Meaning | None = self
        while found is not None:
            yield found
            found = found.base

    def stage_reader(self, stage: ir.Stage) -> StageReader | None:
        """What reads a stage, or None."""
        if isinstance(stage, stages.Command):
            found = (one.commands.get(stage.name) for one in self.lineage())
        else:
            found = (one.stages.get(type(stage)) for one in self.lineage())
        return next((one for one in found if one is not None), None)

    def function_reader(self, name: str) -> FunctionReader | None:
        """What reads a function, or None."""
        return next((one.functions[name] for one in self.lineage() if name in one.functions), None)

    def operation_reader(self, name: str) -> FunctionReader | None:
        """What reads an operation of the tree, or None."""
        return next((one.operations[name] for one in self.lineage() if name in one.operations), None)

    def stage(self, *kinds: type[ir.Stage]) -> Callable[[_Stage], _Stage]:
        """Declares what reads stages of these classes."""

        def declare(reader: _Stage) -> _Stage:
            self.stages.update(dict.fromkeys(kinds, reader))
            return reader

        return declare

    def command(self, *names: str) -> Callable[[_Stage], _Stage]:
        """Declares what reads commands that have no class of their own."""

        def declare(reader: _Stage) -> _Stage:
            self.commands.update(dict.fromkeys(names, reader))
            return reader

        return declare

    def function(self, *names: str) -> Callable[[_Function], _Function]:
        """Declares what reads functions of these names."""

        def declare(reader: _Function) -> _Function:
            self.functions.update(dict.fromkeys(names, reader))
            return reader

        return declare

    def operation(self, *names: str) -> Callable[[_Function], _Function]:
        """Declares what reads operations of the tree."""

        def declare(reader: _Function) -> _Function:
            self.operations.update(dict.fromkeys(names, reader))
            return reader

        return declare


COMMON = Meaning("every language")
"""What all languages share: filters, and the stages that keep or order rows."""
SPL = Meaning("spl", COMMON, exact_wholes=True, newest_first=True)
SIGMA = Meaning("sigma", SPL, exact_wholes=True)
ELASTIC = Meaning("elastic", COMMON, conditions_are_values=True, exact_wholes=True, wholes=True)
ESQL = Meaning(
    "esql",
    ELASTIC,
    conditions_are_values=True,
    single_operands=True,
    whole_groups=True,
    exact_wholes=True,
    wholes=True,
)
TABLES = Meaning("tables", COMMON, typed=True)
KUSTO = Meaning(
    "kusto",
    TABLES,
    typed=True,
    empty_text=True,
    null_equals_nothing=True,
    whole_division=True,
    assigned_at_once=True,
    exact_wholes=True,
    wraps=True,
    positive_remainders=True,
    empty_sum=0,
    null_keys_picked=True,
    times_as_printed=True,
    numbered_columns=True,
)
SNOWFLAKE = Meaning(
    "snowflake",
    TABLES,
    typed=True,
    assigned_at_once=True,
    exact_wholes=True,
    texts_convert=True,
    texts_have_extremes=True,
    counts_values=True,
    qualified_names=True,
    union_by_place=True,
    single_row_values=True,
)
MEANINGS = {one.name: one for one in (SPL, SIGMA, ELASTIC, ESQL, KUSTO, SNOWFLAKE)}
"""Every language, or family of them, by the name of its dialect."""

_READERS = ("common", "spl", "sigma", "elastic", "tables")
"""The packages in which readers are declared."""


@cache
def _loaded() -> bool:
    for name in _READERS:
        import_module(f"{__package__}.{name}")
    return True


def meaning_of(name: str) -> Meaning:
    """The meaning of that name, with all its readers. Raises KeyError where there is none."""
    _loaded()
    return MEANINGS[name]
