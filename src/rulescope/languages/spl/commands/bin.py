"""bin: puts numbers or times into intervals, each value to the start of its own; with no field, _time."""

from __future__ import annotations

from rulescope.ir.expressions import FieldReference, MacroCall
from rulescope.ir.stages import Bucket
from rulescope.languages.spl.arguments import ArgumentReader, integer_option, interval_option, number_option
from rulescope.languages.spl.commands.option_lists import options_text, read_fields
from rulescope.languages.spl.commands.syntax import CommandSyntax
from rulescope.languages.spl.printer import field_text
from rulescope.languages.spl.times import aligned_time_option

_OPTIONS = {
    "span": interval_option,
    "bins": integer_option,
    "minspan": interval_option,
    "start": number_option,
    "end": number_option,
    "aligntime": aligned_time_option,
}


def _parse(arguments: ArgumentReader) -> Bucket:
    found, fields = read_fields(arguments, _OPTIONS, ("as",))
    alias = None
    if arguments.keyword("as"):
        alias = arguments.field_name("a name after AS")
        later, more = read_fields(arguments, _OPTIONS)
        found.update(later)
        fields += more
    named = tuple(item for item in fields if isinstance(item, FieldReference))
    if len(named) > 1:
        arguments.fail("SPL024", "bin takes one field", arguments.start, arguments.end)
    arguments.macro_arguments += [("", item) for item in fields if isinstance(item, MacroCall)]
    field = named[0].name if named else "" if fields else "_time"
    return Bucket(
        field,
        found.get("span"),
        found.get("bins"),
        found.get("minspan"),
        found.get("start"),
        found.get("end"),
        found.get("aligntime"),
        alias,
    )


def _render(stage: Bucket) -> str:
    text = (
        "bin"
        + (f" {field_text(stage.field)}" if stage.field else "")
        + options_text(
            ("span", stage.interval, None),
            ("bins", stage.bins, None),
            ("minspan", stage.minimum_interval, None),
            ("start", stage.start, None),
            ("end", stage.end, None),
            ("aligntime", stage.align_time, None),
        )
    )
    return text if stage.alias is None else f"{text} AS {field_text(stage.alias)}"


COMMAND = CommandSyntax(
    "bin",
    "Puts numbers or times into intervals, each value to the start of its own; with no field, _time.",
    "bin [<field>] [span=<span>] [bins=<n>] [minspan=<span>] [start=<n>] [end=<n>] [aligntime=<time>] [AS <field>]",
    _parse,
    _render,
)
