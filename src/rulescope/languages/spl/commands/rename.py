"""rename: gives fields other names."""

from __future__ import annotations

import re

from rulescope.ir.expressions import MacroCall
from rulescope.ir.stages import Rename, Renaming
from rulescope.languages.spl.arguments import ArgumentReader
from rulescope.languages.spl.commands.syntax import CommandSyntax
from rulescope.languages.spl.printer import field_text

_ARROW = re.compile(r"(?:as|to)(?![\w.:=])|->", re.IGNORECASE)
"""The word between the two names. Only AS is documented; Splunk's own usage message lists the others (practice)."""


def _parse(arguments: ArgumentReader) -> Rename:
    renamings: list[Renaming] = []
    while True:
        arguments.skip_separators()
        if arguments.at_end():
            break
        if arguments.substituted():
            # A macro or a subsearch may stand for whole renamings, or for the old name of one.
            if arguments.match(_ARROW):
                call = arguments.macro_arguments.pop()[1]
                if isinstance(call, MacroCall):
                    target = arguments.field_name("the new name")
                    renamings.append(Renaming(f"`{call.text}`", target, call.span))
            continue
        start = arguments.position
        source = arguments.field_name()
        if not arguments.match(_ARROW):
            arguments.expected(f"AS after '{source}'", hint=f"write: rename {source} AS new_name")
        target = arguments.field_name("the new name")
        renamings.append(Renaming(source, target, arguments.span(start)))
    if not renamings and not arguments.macro_arguments:
        arguments.fail("SPL045", "rename needs a field", hint="for example: rename src_ip AS source")
    return Rename(tuple(renamings))


def _render(stage: Rename) -> str:
    pairs = ", ".join(f"{field_text(item.source)} AS {field_text(item.target)}" for item in stage.renamings)
    return f"rename {pairs}".rstrip()


COMMAND = CommandSyntax("rename", "Gives fields other names.", "rename <field> AS <name>, ...", _parse, _render)
