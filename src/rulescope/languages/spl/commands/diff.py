"""diff: the difference between two rows."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "diff",
    "Compares two rows line by line, as the tool diff does.",
    (
        "diff [position1=<int>] [position2=<int>] [attribute=<field>] [diffheader=<bool>]"
        " [context=<bool>] [maxlen=<int>]"
    ),
    options={
        "position1": "integer",
        "position2": "integer",
        "attribute": "text",
        "diffheader": "boolean",
        "context": "boolean",
        "maxlen": "integer",
    },
)
