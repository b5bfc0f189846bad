"""sichart: chart, for a summary index."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "sichart",
    "Does what chart does, in the form that a summary index keeps.",
    (
        "sichart [<chart-options>] <function>(<field>) [AS <field>]... [OVER <field>] [BY <field>"
        " [<field>]] [WHERE <function>(<field>) <filter>]"
    ),
    options={
        "sep": "text",
        "format": "text",
        "cont": "boolean",
        "dedup_splitvals": "boolean",
        "limit": "text",
        "agg": "text",
        "useother": "boolean",
        "usenull": "boolean",
        "nullstr": "text",
        "otherstr": "text",
        "span": "interval",
        "bins": "integer",
        "minspan": "interval",
        "start": "number",
        "end": "number",
        "aligntime": "text",
    },
    aggregates="required",
    where="series",
    clauses=("over", "by", "where"),
)
