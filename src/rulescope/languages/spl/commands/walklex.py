"""walklex: the terms of an index."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "walklex",
    "Lists the terms that the index files hold.",
    (
        "walklex [type=(all | field | fieldvalue | term)] [prefix=<string> | pattern=<wc-string>]"
        " index=<string>... [splunk_server=<wc-string>] [splunk_server_group=<wc-string>]"
    ),
    options={
        "index": "text",
        "type": ("all", "field", "fieldvalue", "term"),
        "prefix": "text",
        "pattern": "text",
        "splunk_server": "text",
        "splunk_server_group": "text",
    },
    required=("index",),
)
