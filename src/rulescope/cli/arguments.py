"""How the arguments of a verb are read, before and after typer reads them: what it would take silently is an error."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from types import ModuleType
from typing import Any

import typer

from rulescope.errors import UsageError

SOMETHING_MISSING = "RSC183"
TOO_MUCH = "RSC184"

_STRICT = "--strict"
_STRICT_FORMS = ("all", "errors")


def read_arguments(
    parse: Callable[[typer.Context, list[str]], list[str]], verb: ModuleType, ctx: typer.Context, arguments: list[str]
) -> list[str]:
    """Reads a verb's arguments. Its module may say in `MANY_VALUES` which options take all values up to the next one
    (`--logs a b`), and in `ALONE` what is to be said where it is given arguments and takes none.

    Raises `UsageError` where there are more arguments than it takes, one is empty, or an option lacks its value.
    """
    if "" in arguments:
        hint = "a variable of the shell that is not set gives one"
        raise UsageError("an argument is empty", code=SOMETHING_MISSING, hint=hint)
    parse(ctx, list(_spread(ctx, arguments, getattr(verb, "MANY_VALUES", ()))))
    if ctx.args:
        hint = _what_is_taken(ctx, ctx.args[0], getattr(verb, "ALONE", None))
        raise UsageError(f"'{ctx.args[0]}' is one argument too many", code=TOO_MUCH, hint=hint)
    return []


def form_of(ctx: Any) -> str:
    """A verb with its arguments and required options, as a person writes them."""
    parts = [f"rulescope {ctx.info_name}"]
    for one in ctx.command.params:
        if one.param_type_name == "argument":
            parts.append(word_of(one))
        elif one.required:
            parts.append(f"{one.opts[0]} {word_of(one)}")
    return " ".join(parts)


def word_of(param: Any) -> str:
    """What stands for an argument or the value of an option; of several forms (`QUERY|-`) the first."""
    return str(param.metavar or param.name).partition("|")[0]


def takes_query(command: Any) -> bool:
    """Whether the verb's argument may be a query, which may begin with any sign."""
    return any("|-" in str(one.metavar) for one in command.params if one.param_type_name == "argument")


def _spread(ctx: Any, arguments: Sequence[str], many: Sequence[str]) -> Iterator[str]:
    """The arguments with an option of several values named before each, and `--strict` alone as what it stands for."""
    options = {name: one for one in ctx.command.params if one.param_type_name == "option" for name in one.opts}
    rest = list(arguments)
    while rest:
        argument = rest.pop(0)
        if argument == "--":
            yield from (argument, *rest)
            return
        if argument == _STRICT:
            if rest and rest[0] in _STRICT_FORMS and not os.path.exists(rest[0]):  # noqa: PTH110 - never raises
                hint = f"as in: {_STRICT}={rest[0]}"
                raise UsageError(f"the value of '{_STRICT}' stands behind a '='", code=SOMETHING_MISSING, hint=hint)
            yield f"{_STRICT}=errors"
        elif argument in many:
            values = list(_values(rest))
            if not values:
                raise _lacks_value(ctx, argument)
            del rest[: len(values)]
            for value in values:
                yield from (argument, value)
        else:
            yield argument
            if argument in options and not options[argument].is_flag and rest:
                # `-o --json` would make a file called `--json`.
                if rest[0] in options:
                    raise _lacks_value(ctx, argument)
                yield rest.pop(0)


def _values(rest: Sequence[str]) -> Iterator[str]:
    for argument in rest:
        if argument.startswith("-") and argument != "-":
            return
        yield argument


def _lacks_value(ctx: Any, option: str) -> UsageError:
    hint = f"more with: rulescope {ctx.info_name} --help"
    return UsageError(f"the option '{option}' needs a value", code=SOMETHING_MISSING, hint=hint)


def _what_is_taken(ctx: Any, extra: str, alone: str | None) -> str:
    form = form_of(ctx)
    if alone is not None:
        return alone
    with_logs = any("--logs" in one.opts for one in ctx.command.params)
    if with_logs and os.path.exists(extra):  # noqa: PTH110 - never raises
        return f"logs are given with --logs: {form} --logs {extra}"
    return f"as in: {form}; what has blanks in it stands in quotes"
