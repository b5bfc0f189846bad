"""mcollect: writes rows to a metrics index."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "mcollect",
    "Turns the rows into metric data points and writes them to a metrics index.",
    (
        "mcollect index=<string> [split=(true | false | allnums)] [spool=<bool>]"
        " [prefix_field=<field>] [file=<string>] [host=<string>] [source=<string>]"
        " [sourcetype=<string>] [marker=<string>] [<field>...]"
    ),
    options={
        "index": "text",
        "split": ("true", "false", "t", "f", "1", "0", "allnums"),
        "spool": "boolean",
        "prefix_field": "text",
        "file": "text",
        "host": "text",
        "source": "text",
        "sourcetype": "text",
        "marker": "text",
    },
    positional="fields",
    required=("index",),
)
