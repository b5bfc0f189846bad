"""makemv: splits a field into a multivalue one."""

from __future__ import annotations

import re

from rulescope.ir.stages import MakeMv
from rulescope.languages.spl.arguments import ArgumentReader, boolean_option, text_option
from rulescope.languages.spl.commands.option_lists import one_field, options_text, read_fields
from rulescope.languages.spl.commands.syntax import CommandSyntax
from rulescope.languages.spl.printer import field_text, quote

_UNQUOTED = re.compile(r"[^\s\"]+")


def _pattern(arguments: ArgumentReader) -> str:
    """A regular expression, in quotes or, where it holds no blank, without."""
    bare = arguments.match(_UNQUOTED)
    return bare.group() if bare else arguments.text_value()


_OPTIONS = {
    "delim": text_option,
    "tokenizer": _pattern,
    "allowempty": boolean_option,
    "setsv": boolean_option,
}


def _parse(arguments: ArgumentReader) -> MakeMv:
    found, fields = read_fields(arguments, _OPTIONS)
    return MakeMv(
        one_field(arguments, fields),
        found.get("delim", " "),
        found.get("tokenizer"),
        found.get("allowempty", False),
        found.get("setsv", False),
    )


def _render(stage: MakeMv) -> str:
    return (
        "makemv"
        + ("" if stage.delimiter == " " else f" delim={quote(stage.delimiter)}")
        + ("" if stage.tokenizer is None else f" tokenizer={quote(stage.tokenizer)}")
        + options_text(("allowempty", stage.allow_empty, False), ("setsv", stage.set_sv, False))
        + (f" {field_text(stage.field)}" if stage.field else "")
    )


COMMAND = CommandSyntax(
    "makemv",
    "Splits a field into a multivalue one.",
    "makemv [delim=<text> | tokenizer=<regex>] [allowempty=<bool>] [setsv=<bool>] <field>",
    _parse,
    _render,
)
