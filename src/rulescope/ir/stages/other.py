"""Stages known by name and arguments only, macros that stand for stages, and what can't be read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from rulescope.ir.expressions import MacroCall
from rulescope.ir.stages.base import Argument, Stage


@dataclass(frozen=True, slots=True)
class Command(Stage):
    """A command whose arguments are read by its signature; `name` is its canonical name and its kind."""

    kind: ClassVar[str] = "command"
    name: str
    arguments: tuple[Argument, ...] = ()

    def option(self, name: str) -> object:
        """The value of the option `name`, or None."""
        return next((argument.value for argument in self.arguments if argument.name == name), None)


@dataclass(frozen=True, slots=True)
class MacroStage(Stage):
    """A macro that stands for one or more stages and has no body here."""

    kind: ClassVar[str] = "macro"
    macro: MacroCall


@dataclass(frozen=True, slots=True)
class Opaque(Stage):
    """A stage that could not be read, kept with its text and the reason. `name` is the command's, where there is one.

    `unknown_command` tells a command that the language does not have (an app's own) from one whose syntax failed.
    """

    kind: ClassVar[str] = "opaque"
    name: str | None = None
    reason: str = ""
    unknown_command: bool = field(default=False)


def stage_kind(stage: Stage) -> str:
    """The word a stage is shown under: its kind, or for a `Command` the command's name."""
    if isinstance(stage, Command):
        return stage.name
    return stage.kind
