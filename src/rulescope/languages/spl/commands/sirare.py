"""sirare: rare, for a summary index."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "sirare",
    "Does what rare does, in the form that a summary index keeps.",
    "sirare [<n>] [<rare-options>] <field>... [BY <field>...]",
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
