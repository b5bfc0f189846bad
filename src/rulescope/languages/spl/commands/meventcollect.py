"""meventcollect: writes events to a metrics index, on the indexers."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "meventcollect",
    "Turns events into metric data points and writes them to a metrics index, where they lie.",
    (
        "meventcollect index=<string> [split=<bool>] [spool=<bool>] [prefix_field=<field>]"
        " [file=<string>] [host=<string>] [source=<string>] [sourcetype=<string>] [<field>...]"
    ),
    options={
        "index": "text",
        "split": "boolean",
        "spool": "boolean",
        "prefix_field": "text",
        "file": "text",
        "host": "text",
        "source": "text",
        "sourcetype": "text",
    },
    positional="fields",
    required=("index",),
)
