"""What becomes of errors: two lines on stderr, with `--json` also one document on stdout, and the exit status."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from itertools import pairwise
from typing import Any

import typer

from rulescope.cli.arguments import SOMETHING_MISSING, form_of, takes_query, word_of
from rulescope.errors import RulescopeError, UsageError
from rulescope.text import misspelt_name, nearest_name

CommandLineError: type[Exception] = typer.BadParameter.__mro__[2]
"""What typer raises for every command line that can't be read (the click within it has no public name)."""

UNKNOWN_VERB = "RSC180"
UNKNOWN_OPTION = "RSC181"
WRONG_VALUE = "RSC182"
OTHER_USAGE = "RSC185"

MEANT = {
    "check": "explain",
    "convert": "sql",
    "find": "search",
    "grep": "search",
    "hunt": "run",
    "index": "build",
    "list": "stats",
    "parse": "explain",
    "query": "search",
    "scan": "run",
    "translate": "sql",
    "validate": "explain",
    "view": "show",
}
"""Verbs of other tools, and ours for the same."""


def report(error: RulescopeError, arguments: Sequence[str]) -> int:
    """Prints the error as the command line asked for it, and gives the exit status."""
    from rulescope.cli.terminal import printable

    sys.stderr.write(f"error[{error.code}]: {printable(error.message)}\n")
    if error.hint:
        sys.stderr.write(f"  hint: {printable(error.hint)}\n")
    if asks_json(arguments):
        from rulescope.cli.terminal import write_json

        write_json({"error": {"code": error.code, "message": error.message, "hint": error.hint}})
    return 2 if isinstance(error, UsageError) else 1


def asks_json(arguments: Sequence[str]) -> bool:
    """Whether the command line, readable or not, asks for JSON on stdout."""
    options = arguments[: arguments.index("--")] if "--" in arguments else arguments
    if "--json" in options or "--format=json" in options:
        return True
    return any(pair == ("--format", "json") for pair in pairwise(options))


def unknown_verb(name: str, verbs: Mapping[str, object]) -> UsageError:
    """There is no such verb; the hint has the one that was probably meant."""
    near = nearest_name(name, verbs) or misspelt_name(name, verbs) or MEANT.get(name.lower())
    if near:
        hint = f"did you mean '{near}'?"
    elif name.lower() in ("help", "version"):
        hint = f"did you mean --{name.lower()}?"
    elif not name.isidentifier():
        hint = "a verb comes first: rulescope explain RULE, rulescope search QUERY LOGS..., rulescope run RULES..."
    else:
        hint = f"verbs: {', '.join(verbs)}"
    return UsageError(f"there is no verb '{name}'", code=UNKNOWN_VERB, hint=hint)


def usage_error(error: Any, arguments: Sequence[str], verbs: Mapping[str, tuple[str, str]]) -> UsageError:
    """A command line that typer could not read, in our words."""
    verb = next((one for one in arguments if not one.startswith("-")), None)
    help_line = f"rulescope {verb} --help" if verb in verbs else "rulescope --help"
    kind = type(error).__name__
    if kind == "NoSuchOption":
        return _no_such_option(error, verb if verb in verbs else None, verbs, help_line)
    if kind == "MissingParameter":
        hint = f"as in: {form_of(error.ctx)}; more with: {help_line}"
        return UsageError(f"{_named(error.param)} is missing", code=SOMETHING_MISSING, hint=hint)
    hint = f"more with: {help_line}"
    if kind == "BadOptionUsage":
        needs = "takes no value" if "does not take" in error.message else "needs a value"
        return UsageError(f"the option '{error.option_name}' {needs}", code=SOMETHING_MISSING, hint=hint)
    if isinstance(error, typer.BadParameter):
        return _wrong_value(error, hint)
    return UsageError(_sentence(error.message), code=OTHER_USAGE, hint=hint)


def _named(param: Any) -> str:
    return word_of(param) if param.param_type_name == "argument" else f"the option '{param.opts[0]}'"


def _no_such_option(error: Any, verb: str | None, verbs: Mapping[str, tuple[str, str]], help_line: str) -> UsageError:
    name = error.option_name
    command = error.ctx.command
    known = [option.removeprefix("--") for one in command.params for option in one.opts if option.startswith("--")]
    bare = name.lstrip("-")
    near = nearest_name(bare, known) or next((one for one in known if name != bare and one.startswith(bare)), None)
    meant = getattr(import_module(verbs[verb][0]), "MEANT_OPTIONS", {}).get(name) if verb is not None else None
    if meant:
        hint = meant
    elif near:
        hint = f"did you mean '--{near}'?"
    elif not name.startswith("--") and takes_query(command):
        hint = f"a query that begins with '-' stands after '--'; options: {help_line}"
    else:
        hint = f"options: {help_line}"
    of = f" of {verb}" if verb else ""
    return UsageError(f"there is no option '{name}'{of}", code=UNKNOWN_OPTION, hint=hint)


def _wrong_value(error: typer.BadParameter, otherwise: str) -> UsageError:
    where = error.param_hint or (_named(error.param) if error.param is not None else "an argument")
    reason = _sentence(error.message.removeprefix("Value error, "))
    if reason.startswith("input should be "):
        reason = f"it {reason.partition(',')[0].removeprefix('input ')}"
    named = re.findall(r"'([^']+)'", reason)
    near = nearest_name(named[0], named[1:]) if " is not one of " in reason else None
    hint = f"did you mean '{near}'?" if near else otherwise
    return UsageError(f"the value of {where} can't be used: {reason}", code=WRONG_VALUE, hint=hint)


def _sentence(text: str) -> str:
    """A message of typer's as ours begin and end."""
    return text[:1].lower() + text[1:].strip().removesuffix(".")


def shows_help(error: Any) -> bool:
    """Whether typer answers with its help, because no argument was given."""
    return type(error).__name__ == "NoArgsIsHelpError"
