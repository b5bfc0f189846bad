"""xmlunescape: turns XML entities back into characters."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "xmlunescape",
    "Turns the entities of XML in the events back into characters.",
    "xmlunescape [maxinputs=<int>]",
    options={"maxinputs": "integer"},
)
