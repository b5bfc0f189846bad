"""gauge: a value on a scale."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "gauge",
    "Turns a value and ranges into the rows that a gauge shows.",
    "gauge <value> [<range>...]",
    positional="words",
    minimum=1,
)
