"""What a command is to the parser and the printer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from rulescope.ir.stages import Stage
from rulescope.languages.spl.arguments import ArgumentReader
from rulescope.languages.spl.commands.signature import Aggregates, OptionKind, Positional, Signature, Where

Parse = Callable[[ArgumentReader], Stage]
Render = Callable[[Any], str]


@dataclass(frozen=True, slots=True)
class CommandSyntax:
    """One command: its name, what it does in a sentence, its syntax in Splunk's notation, its reader and its writer."""

    name: str
    summary: str
    syntax: str
    parse: Parse
    render: Render


def signature(
    name: str,
    summary: str,
    syntax: str,
    *,
    options: Mapping[str, OptionKind] | None = None,
    required: tuple[str, ...] = (),
    positional: Positional = "none",
    minimum: int = 0,
    maximum: int | None = None,
    clauses: tuple[str, ...] = (),
    open_options: bool = False,
    aggregates: Aggregates = "no",
    where: Where = "no",
    condition: bool = False,
) -> CommandSyntax:
    """A command whose stage is an `ir.Command`: see `Signature` for what the parts mean."""
    form = Signature(
        name,
        {option.lower(): kind for option, kind in (options or {}).items()},
        required,
        positional,
        minimum,
        maximum,
        tuple(clause.lower() for clause in clauses),
        open_options,
        aggregates,
        where,
        condition,
    )
    return CommandSyntax(name, summary, syntax, form.parse, form.render)
