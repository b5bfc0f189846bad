"""iplocation: adds the places of IP addresses."""

from __future__ import annotations

from rulescope.ir.stages import IpLocation
from rulescope.languages.spl.arguments import ArgumentReader, boolean_option, text_option
from rulescope.languages.spl.commands.option_lists import one_field, options_text, read_fields
from rulescope.languages.spl.commands.syntax import CommandSyntax
from rulescope.languages.spl.printer import field_text

_OPTIONS = {"prefix": text_option, "allfields": boolean_option, "lang": text_option}


def _parse(arguments: ArgumentReader) -> IpLocation:
    found, fields = read_fields(arguments, _OPTIONS)
    return IpLocation(
        one_field(arguments, fields), found.get("prefix", ""), found.get("allfields", False), found.get("lang")
    )


def _render(stage: IpLocation) -> str:
    return (
        "iplocation"
        + options_text(
            ("prefix", stage.prefix, ""), ("allfields", stage.all_fields, False), ("lang", stage.language, None)
        )
        + (f" {field_text(stage.field)}" if stage.field else "")
    )


COMMAND = CommandSyntax(
    "iplocation",
    "Adds the places of IP addresses.",
    "iplocation [prefix=<text>] [allfields=<bool>] [lang=<text>] <field>",
    _parse,
    _render,
)
