"""delete: hides events for good."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "delete",
    "Marks the events as deleted, so that no search finds them again.",
    "delete",
)
