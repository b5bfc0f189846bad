"""relevancy: how well events fit the search."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "relevancy",
    "Adds a score of how well each event fits the search.",
    "relevancy",
)
