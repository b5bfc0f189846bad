"""abstract: shortens each event to the lines that matter."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "abstract",
    "Replaces the text of each event by a short summary of it.",
    "abstract [maxterms=<int>] [maxlines=<int>]",
    options={"maxterms": "integer", "maxlines": "integer"},
)
