"""fromjson: makes fields of a JSON object."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "fromjson",
    "Makes fields of the keys of the JSON object in a field.",
    "fromjson <field> [prefix=<string>]",
    options={"prefix": "text"},
    positional="fields",
    minimum=1,
    maximum=1,
)
