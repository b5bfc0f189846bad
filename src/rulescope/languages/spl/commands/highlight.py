"""highlight: marks words for the reader."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "highlight",
    "Marks words in the events that are shown.",
    "highlight <string>...",
    positional="words",
    minimum=1,
)
