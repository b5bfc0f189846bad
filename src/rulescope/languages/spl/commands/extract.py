"""extract: extracts key-value pairs by delimiters or by named extractions."""

from __future__ import annotations

from rulescope.ir.stages import Extract
from rulescope.languages.spl.arguments import ArgumentReader, boolean_option, integer_option, text_option
from rulescope.languages.spl.commands.option_lists import item_name, options_text, read_fields
from rulescope.languages.spl.commands.syntax import CommandSyntax
from rulescope.languages.spl.printer import field_text

_OPTIONS = {
    "pairdelim": text_option,
    "kvdelim": text_option,
    "clean_keys": boolean_option,
    "mv_add": boolean_option,
    "limit": integer_option,
    "maxchars": integer_option,
    "reload": boolean_option,
    "segment": boolean_option,
    "auto": boolean_option,
}


def _parse(arguments: ArgumentReader) -> Extract:
    found, names = read_fields(arguments, _OPTIONS)
    return Extract(
        found.get("pairdelim"),
        found.get("kvdelim"),
        found.get("clean_keys", True),
        found.get("mv_add", False),
        found.get("limit", 50),
        found.get("maxchars", 10240),
        found.get("reload", False),
        tuple(item_name(arguments, name) for name in names),
        found.get("auto", True),
    )


def _render(stage: Extract) -> str:
    names = "".join(f" {field_text(name)}" for name in stage.extractions)
    return f"extract{names}" + options_text(
        ("pairdelim", stage.pair_delimiters, None),
        ("kvdelim", stage.key_delimiters, None),
        ("clean_keys", stage.clean_keys, True),
        ("mv_add", stage.multivalue, False),
        ("limit", stage.limit, 50),
        ("maxchars", stage.max_length, 10240),
        ("reload", stage.reload, False),
        ("auto", stage.automatic, True),
    )


COMMAND = CommandSyntax(
    "extract",
    "Extracts key-value pairs by delimiters or by named extractions.",
    (
        "extract [pairdelim=<chars>] [kvdelim=<chars>] [limit=<n>] [maxchars=<n>] [mv_add=<bool>]"
        " [clean_keys=<bool>] [<extraction>...]"
    ),
    _parse,
    _render,
)
