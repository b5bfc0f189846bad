"""mcatalog: names of metrics and dimensions."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "mcatalog",
    "Lists the names of metrics, and the values of their dimensions.",
    (
        "mcatalog [prestats=<bool>] [append=<bool>] values(<field>) [AS <field>]... [WHERE"
        " <condition>] [(BY | GROUPBY) <field>...]"
    ),
    options={"prestats": "boolean", "append": "boolean"},
    aggregates="required",
    where="search",
    clauses=("where", "by", "groupby"),
)
