"""strcat: joins fields and texts into one field."""

from __future__ import annotations

from rulescope.ir.stages import StrCat
from rulescope.languages.spl.arguments import ArgumentReader, boolean_option
from rulescope.languages.spl.commands.option_lists import options_text, read_options
from rulescope.languages.spl.commands.syntax import CommandSyntax
from rulescope.languages.spl.printer import field_text, quote


def _parse(arguments: ArgumentReader) -> StrCat:
    found = read_options(arguments, {"allrequired": boolean_option})
    parts: list[tuple[str, bool]] = []
    while True:
        arguments.skip_separators()
        if arguments.at_end():
            break
        text = arguments.quoted()
        parts.append((text, True) if text is not None else (arguments.field_name(), False))
    if len(parts) < 2:
        arguments.fail(
            "SPL045", "strcat needs at least one part and a target", hint='for example: strcat host ":" port address'
        )
    target = parts.pop()[0]
    return StrCat(tuple(parts), target, found.get("allrequired", False))


def _render(stage: StrCat) -> str:
    parts = " ".join(quote(text) if quoted else text for text, quoted in stage.parts)
    return "strcat" + options_text(("allrequired", stage.all_required, False)) + f" {parts} {field_text(stage.target)}"


COMMAND = CommandSyntax(
    "strcat",
    "Joins fields and texts into one field.",
    "strcat [allrequired=<bool>] <field or text>... <target>",
    _parse,
    _render,
)
