"""Functions that plans call and that SQL can't express, as Python over one row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class PythonFunction:
    """A function of the database: SQL types of its parameters and result, and the Python that computes one row.

    A NULL argument makes the result NULL without a call, except where `takes_null`.
    """

    name: str
    parameters: tuple[str, ...]
    returns: str
    compute: Callable[..., Any]
    takes_null: bool = False


class Bound(str):
    """What a function makes or takes at most, and what it gives beyond, as a sentence without its end."""

    __slots__ = ()


class GivenUp(Exception):
    """Raised by a function that gives less than was asked for: `instead` stands for the result.

    `pattern` is a regular expression whose match reached the bound on its steps, or another `Bound`.
    """

    def __init__(self, pattern: str, text: str, instead: Any) -> None:
        super().__init__(pattern)
        self.pattern = pattern
        self.text = text
        self.instead = instead


PYTHON_FUNCTIONS: dict[str, PythonFunction] = {}
"""All of them, by the name that plans use."""


def python_function(
    name: str, *parameters: str, returns: str, takes_null: bool = False
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declares a function."""

    def declare(compute: Callable[..., Any]) -> Callable[..., Any]:
        PYTHON_FUNCTIONS[name] = PythonFunction(name, parameters, returns, compute, takes_null)
        return compute

    return declare
