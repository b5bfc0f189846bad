"""fields: keeps or removes fields."""

from __future__ import annotations

import re

from rulescope.ir.stages import Fields
from rulescope.languages.spl.arguments import ArgumentReader
from rulescope.languages.spl.commands.syntax import CommandSyntax
from rulescope.languages.spl.printer import fields_text

_SIGN = re.compile(r"([+-])(?=[\s\w*\"'`,{])\s*")


def _parse(arguments: ArgumentReader) -> Fields:
    sign = arguments.match(_SIGN)
    fields = arguments.field_list()
    if not fields or (len(fields) == 1 and getattr(fields[0], "name", "") in ("-", "+")):
        arguments.fail("SPL045", "fields needs a field", hint="for example: fields host, user")
    return Fields(fields, not (sign and sign.group(1) == "-"))


def _render(stage: Fields) -> str:
    return f"fields {'' if stage.keep else '- '}{fields_text(stage.fields)}"


COMMAND = CommandSyntax("fields", "Keeps fields, or with - removes them.", "fields [+|-] <field>...", _parse, _render)
