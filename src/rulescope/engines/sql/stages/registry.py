"""How the compiler of a stage is declared and found."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from rulescope import ir
from rulescope.engines.sql.context import Context
from rulescope.engines.sql.frame import Frame

StageCompiler = Callable[[Any, Frame, Context], Frame]
_Compiler = TypeVar("_Compiler", bound=StageCompiler)

STAGES: dict[type[ir.Stage], StageCompiler] = {}
"""Every stage that runs, by its class."""

COMMANDS: dict[str, StageCompiler] = {}
"""Compilers of `ir.stages.Command`, by the command's name."""


def compiles(*kinds: type[ir.Stage]) -> Callable[[_Compiler], _Compiler]:
    """Declares the compiler of stages of these classes: (stage, rows before, context) → rows after."""

    def declare(compiler: _Compiler) -> _Compiler:
        for kind in kinds:
            STAGES[kind] = compiler
        return compiler

    return declare


def compiles_command(*names: str) -> Callable[[_Compiler], _Compiler]:
    """Declares the compiler of commands that have no stage class of their own."""

    def declare(compiler: _Compiler) -> _Compiler:
        for name in names:
            COMMANDS[name] = compiler
        return compiler

    return declare
