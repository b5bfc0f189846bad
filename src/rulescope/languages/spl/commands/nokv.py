"""nokv: turns field extraction off."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "nokv",
    "Turns the automatic extraction of fields off for the search.",
    "nokv",
)
