"""anomalydetection: finds improbable events."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "anomalydetection",
    "Finds the events that are improbable, judged by all of their fields.",
    (
        "anomalydetection [method=(histogram | zscore | iqr)] [action=(filter | annotate | summary |"
        " remove | transform)] [pthresh=<num>] [cutoff=<bool>] [<field>...]"
    ),
    options={
        "method": ("histogram", "zscore", "iqr"),
        "action": ("filter", "annotate", "summary", "remove", "rm", "transform", "tf"),
        "pthresh": "number",
        "cutoff": "boolean",
    },
    positional="fields",
)
