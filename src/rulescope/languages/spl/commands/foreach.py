"""foreach: runs a pipeline once for every field that matches, or every item of one."""

from __future__ import annotations

from typing import Any

from rulescope.ir.stages import FieldItem, Foreach
from rulescope.languages.spl.arguments import Arguments, text_option
from rulescope.languages.spl.commands.reading import options_text
from rulescope.languages.spl.commands.syntax import CommandSyntax
from rulescope.languages.spl.printer import field_text

_OPTIONS = {
    "mode": text_option,
    "fieldstr": text_option,
    "matchstr": text_option,
    "matchseg1": text_option,
    "matchseg2": text_option,
    "matchseg3": text_option,
    "itemstr": text_option,
    "iterstr": text_option,
}


def _parse(arguments: Arguments) -> Foreach:
    found: dict[str, Any] = {}
    fields: list[FieldItem] = []
    template: str | None = None
    pipeline = None
    while True:
        arguments.skip_separators()
        if arguments.at_end():
            break
        if arguments.at_subsearch():
            start = arguments.position
            closing = arguments.parser.scan.closing[start]
            template = arguments.parser.written[start + 1 : closing].strip()
            pipeline = arguments.subsearch()
            continue
        if arguments.option(_OPTIONS, found):
            continue
        fields.append(arguments.field_item())
    if template is None:
        arguments.fail(
            "SPL050",
            "foreach needs a pipeline in [ ]",
            hint="for example: foreach user* [eval <<FIELD>>=lower('<<FIELD>>')]",
        )
    mode = found.get("mode", "multifield")
    if not fields and mode != "auto_collections":
        arguments.fail("SPL045", "foreach needs a field")
    return Foreach(
        tuple(fields),
        template,
        pipeline,
        mode,
        found.get("fieldstr"),
        found.get("matchstr"),
        (found.get("matchseg1"), found.get("matchseg2"), found.get("matchseg3")),
        found.get("itemstr"),
        found.get("iterstr"),
    )


def _render(stage: Foreach) -> str:
    fields = " ".join(field_text(field) for field in stage.fields)
    options = options_text(
        ("mode", stage.mode, "multifield"),
        ("fieldstr", stage.field_token, None),
        ("matchstr", stage.match_string, None),
        ("matchseg1", stage.match_segments[0], None),
        ("matchseg2", stage.match_segments[1], None),
        ("matchseg3", stage.match_segments[2], None),
        ("itemstr", stage.item_token, None),
        ("iterstr", stage.number_token, None),
    )
    return f"foreach {fields}{options} [{stage.template}]"


COMMAND = CommandSyntax(
    "foreach",
    "Runs a pipeline once for every field that matches, <<FIELD>> and its kin standing for its name.",
    (
        "foreach <field>... [mode=<mode>] [fieldstr=<text>] [matchstr=<text>] [matchseg1=<text>]"
        " [itemstr=<text>] <subsearch>"
    ),
    _parse,
    _render,
)
