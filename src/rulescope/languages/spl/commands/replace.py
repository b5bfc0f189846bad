"""replace: replaces whole values; * stands for any run of characters."""

from __future__ import annotations

from rulescope.ir.stages import FieldItem, Replace, Replacement
from rulescope.languages.spl.arguments import ArgumentReader
from rulescope.languages.spl.commands.syntax import CommandSyntax
from rulescope.languages.spl.printer import fields_text, quote


def _parse(arguments: ArgumentReader) -> Replace:
    replacements: list[Replacement] = []
    fields: tuple[FieldItem, ...] = ()
    while True:
        arguments.skip_separators()
        if arguments.at_end():
            break
        if replacements and arguments.keyword("in"):
            fields = arguments.field_list()
            break
        pattern = arguments.text_value("a value to replace")
        if not arguments.keyword("with"):
            arguments.expected("WITH", hint='write: replace "old" WITH "new" IN field')
        replacements.append(Replacement(pattern, arguments.text_value("the new value")))
    if not replacements:
        arguments.fail("SPL024", "replace needs a value and WITH", hint='write: replace "old" WITH "new" IN field')
    return Replace(tuple(replacements), fields)


def _render(stage: Replace) -> str:
    pairs = ", ".join(f"{quote(item.pattern)} WITH {quote(item.value)}" for item in stage.replacements)
    return f"replace {pairs}" + (f" IN {fields_text(stage.fields)}" if stage.fields else "")


COMMAND = CommandSyntax(
    "replace",
    "Replaces whole values; * stands for any run of characters.",
    "replace (<text> WITH <text>), ... [IN <field>...]",
    _parse,
    _render,
)
