"""dbxlookup: looks values up in a database (DB Connect)."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "dbxlookup",
    "Adds fields from a database table to rows that agree with it.",
    (
        "dbxlookup (lookup=<string> | connection=<string> query=<string>) [<field> [AS <field>]..."
        " (OUTPUT | OUTPUTNEW) <field> [AS <field>]...]"
    ),
    options={"lookup": "text", "connection": "text", "query": "text"},
    positional="fields",
    clauses=("as", "output", "outputnew"),
)
