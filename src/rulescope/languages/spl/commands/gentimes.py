"""gentimes: makes intervals of time as rows."""

from __future__ import annotations

from rulescope.ir.stages import GenTimes
from rulescope.ir.times import WrittenTime
from rulescope.languages.spl.arguments import ArgumentReader, interval_option
from rulescope.languages.spl.commands.option_lists import options_text, read_options
from rulescope.languages.spl.commands.syntax import CommandSyntax
from rulescope.languages.spl.times import day_or_time


def _time(arguments: ArgumentReader) -> WrittenTime:
    return day_or_time(arguments.text_value())


_OPTIONS = {"start": _time, "end": _time, "increment": interval_option}


def _parse(arguments: ArgumentReader) -> GenTimes:
    found = read_options(arguments, _OPTIONS)
    if "start" not in found:
        arguments.fail("SPL045", "gentimes needs start=", hint="for example: gentimes start=-7 increment=1d")
    return GenTimes(found["start"], found.get("end"), found.get("increment"))


def _render(stage: GenTimes) -> str:
    return "gentimes" + options_text(
        ("start", stage.start, None), ("end", stage.end, None), ("increment", stage.increment, None)
    )


COMMAND = CommandSyntax(
    "gentimes",
    "Makes intervals of time as rows.",
    "gentimes start=<time> [end=<time>] [increment=<span>]",
    _parse,
    _render,
)
