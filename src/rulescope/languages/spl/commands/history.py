"""history: the searches that the user ran."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "history",
    "Lists the searches that the user ran before.",
    "history [events=<bool>]",
    options={"events": "boolean"},
)
