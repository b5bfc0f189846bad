"""What many commands read and write alike: options and fields in any order."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from rulescope.ir.expressions import MacroCall
from rulescope.ir.stages import FieldItem
from rulescope.languages.spl.arguments import ArgumentReader
from rulescope.languages.spl.printer import flag, number_text, word_text

Options = Mapping[str, Callable[[ArgumentReader], Any]]

SUBSEARCH_ROWS = 50_000
"""Rows that `append`, `appendcols`, `join` and `union` take from a subsearch, unless `maxout` says otherwise (Search
Reference, "append", "appendcols", "union": maxout; limits.conf, [join] subsearch_maxout)."""


def read_fields(
    arguments: ArgumentReader, options: Options, stop: tuple[str, ...] = ()
) -> tuple[dict[str, Any], tuple[FieldItem, ...]]:
    """Options and fields as they come, up to the end or one of the words in `stop`.

    An option that the command does not have is a diagnostic, and is passed over.
    """
    found: dict[str, Any] = {}
    fields: list[FieldItem] = []
    while True:
        arguments.skip_separators()
        if arguments.at_end() or any(arguments.at_keyword(word) for word in stop):
            return found, tuple(fields)
        if arguments.option(options, found) or arguments.unknown_option(options):
            continue
        if arguments.at_subsearch():
            arguments.substituted()
            continue
        fields.append(arguments.field_item())


def read_options(arguments: ArgumentReader, options: Options, *, strict: bool = True) -> dict[str, Any]:
    """The options that stand here, one after the other. Unless `strict`, one that is not known ends them."""
    found: dict[str, Any] = {}
    while True:
        arguments.skip_separators()
        if arguments.option(options, found) or (strict and arguments.unknown_option(options)):
            continue
        return found


def one_field(arguments: ArgumentReader, fields: tuple[FieldItem, ...]) -> str:
    """The single field that the command takes, by name; macros in its place or after it go to `macro_arguments`."""
    if len(fields) > 1 and all(isinstance(item, MacroCall) for item in fields[1:]):
        arguments.macro_arguments += [("", item) for item in fields[1:] if isinstance(item, MacroCall)]
    elif len(fields) != 1:
        arguments.fail(
            "SPL045",
            f"{arguments.command} takes one field, found {len(fields) or 'none'}",
            arguments.start,
            arguments.end,
        )
    return item_name(arguments, fields[0])


def at_most(arguments: ArgumentReader, items: tuple[FieldItem, ...], most: int) -> None:
    """Give up where more words stand than the command takes; macros, which may stand for options, are kept."""
    for item in items[most:]:
        if isinstance(item, MacroCall):
            arguments.macro_arguments.append(("", item))
            continue
        span = item.span
        arguments.fail("SPL024", f"{arguments.command} can't take '{item.name[:40]}' here", span.start, span.end)


def item_name(arguments: ArgumentReader, item: FieldItem) -> str:
    """A field item's name; a macro in its place goes to `macro_arguments` and gives an empty name."""
    name = getattr(item, "name", "")
    if hasattr(item, "arguments"):
        arguments.macro_arguments.append(("", item))  # type: ignore[arg-type]
        return ""
    return str(name)


def glued_text(arguments: ArgumentReader, unless: re.Pattern[str] | None = None) -> str:
    """What stands right after a quoted regular expression's closing quote, up to the end of the stage.

    A quote inside the expression that is not escaped ends it too early. What follows can only be the rest of it, so it
    is read as that, with an error that says so. A blank, a macro, or an option (`unless`) ends the expression properly.
    """
    at = arguments.position
    if at >= arguments.end or arguments.text[at].isspace() or arguments.text[at] == "`":
        return ""
    if unless is not None and unless.match(arguments.text, at, arguments.end):
        return ""
    arguments.note(
        "SPL048",
        "the regular expression goes on after its closing quote; it is read up to the end of the stage",
        at,
        arguments.end,
        hint='put one pair of quotes around the whole expression, and write \\" for a quote inside it',
        severity="error",
    )
    return arguments.rest()


def options_text(*options: tuple[str, object, object]) -> str:
    """` name=value` for each (name, value, default) whose value is not the default."""
    parts = []
    for name, value, default in options:
        if value == default or value is None:
            continue
        if isinstance(value, bool):
            text = flag(value)
        elif isinstance(value, (int, float)):
            text = number_text(value)
        else:
            text = word_text(str(getattr(value, "text", value)))
        parts.append(f" {name}={text}")
    return "".join(parts)
