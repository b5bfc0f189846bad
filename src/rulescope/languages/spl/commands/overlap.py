"""overlap: gaps and doubles in a summary index."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "overlap",
    "Finds gaps and doubles in a summary index.",
    "overlap",
)
