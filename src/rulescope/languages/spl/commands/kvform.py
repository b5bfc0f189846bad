"""kvform: extracts fields by a form file."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "kvform",
    "Extracts fields by the template of a form file.",
    "kvform [form=<string>] [field=<field>]",
    options={"form": "text", "field": "text"},
)
