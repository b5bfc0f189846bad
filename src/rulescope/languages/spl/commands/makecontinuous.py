"""makecontinuous: adds rows so that a field's intervals have no gap."""

from __future__ import annotations

from rulescope.ir.stages import MakeContinuous
from rulescope.languages.spl.arguments import (
    ArgumentReader,
    integer_option,
    interval_option,
    number_option,
    text_option,
)
from rulescope.languages.spl.commands.option_lists import at_most, item_name, options_text, read_fields
from rulescope.languages.spl.commands.syntax import CommandSyntax
from rulescope.languages.spl.printer import field_text

_OPTIONS = {
    "span": interval_option,
    "bins": integer_option,
    "minspan": interval_option,
    "start": number_option,
    "end": number_option,
    "aligntime": text_option,
}


def _parse(arguments: ArgumentReader) -> MakeContinuous:
    found, fields = read_fields(arguments, _OPTIONS)
    at_most(arguments, fields, 1)
    field = item_name(arguments, fields[0]) if fields else "_time"
    return MakeContinuous(field, found.get("span"), found.get("bins"), found.get("start"), found.get("end"))


def _render(stage: MakeContinuous) -> str:
    return (
        "makecontinuous"
        + (f" {field_text(stage.field)}" if stage.field else "")
        + options_text(
            ("span", stage.interval, None),
            ("bins", stage.bins, None),
            ("start", stage.start, None),
            ("end", stage.end, None),
        )
    )


COMMAND = CommandSyntax(
    "makecontinuous",
    "Adds rows so that a field's intervals have no gap.",
    "makecontinuous [<field>] [span=<span>] [bins=<n>] [start=<n>] [end=<n>]",
    _parse,
    _render,
)
