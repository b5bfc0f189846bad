"""concurrency: counts how many events overlap at each one's start."""

from __future__ import annotations

from rulescope.ir.stages import Concurrency
from rulescope.languages.spl.arguments import ArgumentReader, field_option
from rulescope.languages.spl.commands.option_lists import at_most, options_text, read_fields
from rulescope.languages.spl.commands.syntax import CommandSyntax
from rulescope.languages.spl.printer import field_text

_OPTIONS = {"duration": field_option, "start": field_option, "output": field_option}


def _parse(arguments: ArgumentReader) -> Concurrency:
    found, rest = read_fields(arguments, _OPTIONS)
    at_most(arguments, rest, 0)
    if "duration" not in found:
        arguments.fail(
            "SPL045", "concurrency needs duration=<field>", hint="for example: concurrency duration=duration"
        )
    return Concurrency(found["duration"], found.get("start", "_time"), found.get("output", "concurrency"))


def _render(stage: Concurrency) -> str:
    return f"concurrency duration={field_text(stage.duration)}" + options_text(
        ("start", stage.start, "_time"), ("output", stage.output, "concurrency")
    )


COMMAND = CommandSyntax(
    "concurrency",
    "Counts how many events overlap at each one's start.",
    "concurrency duration=<field> [start=<field>] [output=<field>]",
    _parse,
    _render,
)
