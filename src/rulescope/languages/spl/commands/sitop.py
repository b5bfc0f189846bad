"""sitop: top, for a summary index."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "sitop",
    "Does what top does, in the form that a summary index keeps.",
    "sitop [<n>] [<top-options>] <field>... [BY <field>...]",
    options={
        "limit": "integer",
        "countfield": "text",
        "percentfield": "text",
        "showcount": "boolean",
        "showperc": "boolean",
        "otherstr": "text",
        "useother": "boolean",
    },
    positional="fields",
    minimum=1,
    clauses=("by",),
)
