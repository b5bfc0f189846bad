"""from: the rows of a data set."""

from __future__ import annotations

import re

from rulescope.ir.stages import From
from rulescope.languages.spl.arguments import ArgumentReader
from rulescope.languages.spl.commands.syntax import CommandSyntax
from rulescope.languages.spl.printer import quote

_KIND = re.compile(
    r"(datamodel|inputlookup|lookup|savedsearch|dataset|federated|index|sourcetype)\s*[:=]?\s*", re.IGNORECASE
)
_QUOTED_KIND = re.compile(r"\"(\w+)\s*:\s*([^\"]+)\"")


def _parse(arguments: ArgumentReader) -> From:
    whole = arguments.match(_QUOTED_KIND)
    if whole:
        return From(whole.group(1).lower(), whole.group(2))
    kind = arguments.match(_KIND)
    if kind is None:
        arguments.expected(
            "datamodel:, lookup: or savedsearch:", hint='for example: from datamodel:"Endpoint.Processes"'
        )
    if arguments.at_macro():
        arguments.macro_arguments.append(("", arguments.macro()))
        return From(kind.group(1).lower(), "")
    name = arguments.text_value("the name of a data set")
    while arguments.text.startswith('."', arguments.position, arguments.end):
        # from datamodel:"Model"."Node" (Search Reference, "from")
        arguments.position += 1
        name = f"{name}.{arguments.quoted()}"
    return From(kind.group(1).lower(), name)


def _render(stage: From) -> str:
    return f"from {stage.dataset_kind}:" + (quote(stage.name) if stage.name else "")


COMMAND = CommandSyntax(
    "from",
    "Takes the rows of a data model, lookup or saved search.",
    "from (datamodel | lookup | savedsearch):<name>",
    _parse,
    _render,
)
