"""inputintelligence: reads a threat list (Enterprise Security)."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "inputintelligence",
    "Gives the rows of a threat intelligence source.",
    "inputintelligence <name>",
    positional="words",
    minimum=1,
    maximum=1,
)
