"""rest: asks the REST interface."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "rest",
    "Gives what an end point of the REST interface answers.",
    (
        "rest <path> [count=<int>] [splunk_server=<wc-string>] [splunk_server_group=<wc-string>]"
        " [timeout=<int>] [strict=<bool>] [<argument>=<value>...]"
    ),
    options={
        "count": "integer",
        "splunk_server": "text",
        "splunk_server_group": "text",
        "timeout": "integer",
        "strict": "boolean",
    },
    positional="words",
    minimum=1,
    maximum=1,
    open_options=True,
)
