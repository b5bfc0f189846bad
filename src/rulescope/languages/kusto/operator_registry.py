"""Operators by name, and what all of them share."""

from __future__ import annotations

from collections.abc import Callable

from rulescope.ir.stages import Argument, Command, Stage
from rulescope.languages.kusto.scope import QueryReader

Read = Callable[[QueryReader], list[Stage]]
"""Reads what stands behind an operator's name, and gives its stages."""

OPERATORS: dict[str, Read] = {}
"""Every operator that may follow a pipe, by its lower-case name."""


LEADING: dict[str, Read] = {}
"""Operators that may stand first in a query too, and are read otherwise there."""


def leading(name: str) -> Callable[[Read], Read]:
    """Registers a function as the reader of an operator that a query begins with."""

    def register(read: Read) -> Read:
        LEADING[name] = read
        return read

    return register


def operator(*names: str) -> Callable[[Read], Read]:
    """Registers a function as the reader of an operator."""

    def register(read: Read) -> Read:
        for name in names:
            OPERATORS[name] = read
        return read

    return register


def kept(reader: QueryReader, name: str, *arguments: Argument) -> list[Stage]:
    """The operator by name and text: what is left of it is read as balanced brackets only."""
    depth = 0
    opened = reader.peek()
    while reader.peek().kind != "end":
        if reader.at("(", "[", "{"):
            opened = opened if depth else reader.peek()
            depth += 1
        elif reader.at(")", "]", "}"):
            if depth == 0:
                break
            depth -= 1
        elif depth == 0 and reader.at("|", ";"):
            break
        reader.take()
    if depth:
        # The bracket would take in all operators that follow.
        reader.fail("a bracket that is closed", token=opened)
    return [Command(name=name, arguments=arguments)]
