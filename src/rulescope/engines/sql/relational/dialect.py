"""What a language over tables has: its stages and functions, and the kinds of value that its functions give."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import TypeVar

from rulescope import ir
from rulescope.engines.sql.functions.registry import Compiler, Function
from rulescope.engines.sql.stages.registry import StageCompiler

_Stage = TypeVar("_Stage", bound=StageCompiler)


@dataclass(slots=True)
class Dialect:
    """A language. `strings_never_null`: a text column without value holds the empty text. `whole_division`: whole
    numbers divided give a whole number. `kinds` are the kinds of value that functions give: `first` and `second` those
    of their first or second argument, `named` that of the type which the second one names."""

    name: str
    strings_never_null: bool = False
    whole_division: bool = False
    stages: dict[type[ir.Stage], StageCompiler] = field(default_factory=dict)
    commands: dict[str, StageCompiler] = field(default_factory=dict)
    functions: dict[str, Function] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)

    def function(
        self, *names: str, least: int = 1, most: int | None = -1, kind: str = "", lazy: bool = False
    ) -> Callable[[Compiler], Compiler]:
        """Declares a function: its least and most arguments (`most` defaults to `least`), the kind of its value."""

        def declare(compiler: Compiler) -> Compiler:
            for name in names:
                self.functions[name] = Function(name, least, least if most == -1 else most, compiler, lazy)
                self.kinds[name] = kind
            return compiler

        return declare


KUSTO = Dialect("kusto", strings_never_null=True, whole_division=True)
SNOWFLAKE = Dialect("snowflake")
DIALECTS = {"kusto": KUSTO, "snowflake": SNOWFLAKE}
"""Every dialect, by the name that its language has in `languages.registry`."""


def stage(*kinds: type[ir.Stage], dialects: tuple[Dialect, ...] = (KUSTO, SNOWFLAKE)) -> Callable[[_Stage], _Stage]:
    """Declares the compiler of stages of these classes, in these dialects."""

    def declare(compiler: _Stage) -> _Stage:
        for dialect in dialects:
            for kind in kinds:
                dialect.stages[kind] = compiler
        return compiler

    return declare


def command(*names: str, dialects: tuple[Dialect, ...] = (KUSTO, SNOWFLAKE)) -> Callable[[_Stage], _Stage]:
    """Declares the compiler of stages that are known by name only."""

    def declare(compiler: _Stage) -> _Stage:
        for dialect in dialects:
            for name in names:
                dialect.commands[name] = compiler
        return compiler

    return declare


_MODULES = ("table_rows", "rows", "groups", "joins", "lists", "common_functions", "kusto_functions", "kusto_terms",
            "kusto_times", "snowflake_functions", "snowflake_times", "windows", "subqueries", "refused")  # fmt: skip


@cache
def _loaded() -> bool:
    for name in _MODULES:
        import_module(f"{__package__}.{name}")
    return True


def dialect_of(language: str) -> Dialect | None:
    """The dialect of a language, or None where it is none over tables."""
    return DIALECTS.get(language) if _loaded() else None
