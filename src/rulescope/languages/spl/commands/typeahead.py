"""typeahead: what a beginning of a word may become."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "typeahead",
    "Lists the terms that begin with a text, as the search bar does.",
    (
        "typeahead prefix=<string> count=<int> [collapse=<bool>] [index=<string>] [max_servers=<int>]"
        " [max_time=<int>] [use_cache=<bool>] [starttimeu=<int>] [endtimeu=<int>]"
        " [banned_segments=<string>]"
    ),
    options={
        "prefix": "text",
        "count": "integer",
        "collapse": "boolean",
        "index": "text",
        "max_servers": "integer",
        "max_time": "integer",
        "use_cache": "boolean",
        "starttimeu": "integer",
        "endtimeu": "integer",
        "banned_segments": "text",
    },
    required=("prefix", "count"),
)
