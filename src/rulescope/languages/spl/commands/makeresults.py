"""makeresults: makes rows out of nothing, or out of inline CSV or JSON."""

from __future__ import annotations

from rulescope.ir.stages import MakeResults
from rulescope.languages.spl.arguments import ArgumentReader, boolean_option, integer_option, text_option
from rulescope.languages.spl.commands.option_lists import options_text, read_options
from rulescope.languages.spl.commands.syntax import CommandSyntax

_OPTIONS = {
    "count": integer_option,
    "annotate": boolean_option,
    "splunk_server": text_option,
    "splunk_server_group": text_option,
    "format": text_option,
    "data": text_option,
}


def _parse(arguments: ArgumentReader) -> MakeResults:
    found = read_options(arguments, _OPTIONS)
    plain = ("splunk_server", "splunk_server_group")
    return MakeResults(
        found.get("count", 1),
        found.get("annotate", False),
        found.get("format"),
        found.get("data"),
        tuple((name, found[name]) for name in plain if name in found),
    )


def _render(stage: MakeResults) -> str:
    return "makeresults" + options_text(
        ("count", stage.count, 1),
        ("annotate", stage.annotate, False),
        ("format", stage.format, None),
        ("data", stage.data, None),
        *((name, value, None) for name, value in stage.options),
    )


COMMAND = CommandSyntax(
    "makeresults",
    "Makes rows out of nothing, or out of inline CSV or JSON.",
    (
        "makeresults [count=<n>] [annotate=<bool>] [splunk_server=<text>] [splunk_server_group=<text>]"
        " [format=(csv | json) data=<text>]"
    ),
    _parse,
    _render,
)
