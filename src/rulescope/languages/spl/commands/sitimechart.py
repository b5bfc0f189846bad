"""sitimechart: timechart, for a summary index."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "sitimechart",
    "Does what timechart does, in the form that a summary index keeps.",
    (
        "sitimechart [<timechart-options>] <function>(<field>) [AS <field>]... [BY <field>] [WHERE"
        " <function>(<field>) <filter>]"
    ),
    options={
        "sep": "text",
        "format": "text",
        "partial": "boolean",
        "cont": "boolean",
        "fixedrange": "boolean",
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
    clauses=("by", "where"),
)
