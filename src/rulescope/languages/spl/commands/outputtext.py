"""outputtext: the text of events, for scripts."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "outputtext",
    "Copies the text of each event into the field _xml, escaped for XML.",
    "outputtext [usexml=<bool>]",
    options={"usexml": "boolean"},
)
