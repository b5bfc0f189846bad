"""correlate: how often fields occur together."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "correlate",
    "Shows for each two fields how often they occur in the same events.",
    "correlate",
)
