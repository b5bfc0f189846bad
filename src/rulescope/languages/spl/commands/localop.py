"""localop: runs what follows on the search head."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "localop",
    "Runs the commands that follow on the search head only.",
    "localop",
)
