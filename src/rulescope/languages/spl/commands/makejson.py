"""makejson: puts fields into a JSON object (internal)."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "makejson",
    "Puts fields into a JSON object in a new field.",
    "makejson [<wc-field>...] output=<field>",
    options={"output": "text"},
    required=("output",),
    positional="fields",
)
