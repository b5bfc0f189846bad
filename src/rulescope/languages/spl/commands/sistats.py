"""sistats: stats, for a summary index."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "sistats",
    "Does what stats does, in the form that a summary index keeps.",
    ("sistats [allnum=<bool>] [delim=<string>] [partitions=<int>] <function>(<field>) [AS <field>]... [BY <field>...]"),
    options={"allnum": "boolean", "delim": "text", "partitions": "integer", "dedup_splitvals": "boolean"},
    aggregates="required",
    clauses=("by",),
)
