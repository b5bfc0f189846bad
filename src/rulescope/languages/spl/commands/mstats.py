"""mstats: statistics over metrics."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "mstats",
    "Computes statistics over metrics.",
    (
        "mstats [chart=<bool>] [<chart-options>] [prestats=<bool>] [append=<bool>] [backfill=<bool>]"
        " [update_period=<int>] [fillnull_value=<string>] [chunk_size=<int>] <function>(<metric>) [AS"
        " <field>]... WHERE <condition> [(BY | GROUPBY) <field>...] [span=<span>]"
    ),
    options={
        "chart": "boolean",
        "prestats": "boolean",
        "append": "boolean",
        "backfill": "boolean",
        "update_period": "integer",
        "fillnull_value": "text",
        "chunk_size": "integer",
        "span": "interval",
        "limit": "text",
        "agg": "text",
        "useother": "boolean",
        "usenull": "boolean",
        "nullstr": "text",
        "otherstr": "text",
    },
    aggregates="required",
    where="search",
    clauses=("where", "by", "groupby"),
)
