"""mpreview: metric data points as they are stored."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "mpreview",
    "Shows metric data points as they are stored.",
    (
        "mpreview [filter=<string>] [index=<string>]... [splunk_server=<wc-string>]"
        " [splunk_server_group=<wc-string>] [earliest=<time>] [latest=<time>] [chunk_size=<int>]"
        " [target_per_timeseries=<int>]"
    ),
    options={
        "filter": "text",
        "index": "text",
        "splunk_server": "text",
        "splunk_server_group": "text",
        "earliest": "text",
        "latest": "text",
        "chunk_size": "integer",
        "target_per_timeseries": "integer",
    },
)
