"""dbinspect: the buckets of an index."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "dbinspect",
    "Lists the buckets of indexes, with their state, size and time range.",
    "dbinspect [index=<wc-string>]... [<span> | <timeformat>] [corruptonly=<bool>] [cached=<bool>]",
    options={
        "index": "text",
        "span": "interval",
        "timeformat": "text",
        "corruptonly": "boolean",
        "cached": "boolean",
        "datatype": "text",
    },
)
