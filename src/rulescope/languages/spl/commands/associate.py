"""associate: how fields depend on one another."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "associate",
    "Finds pairs of fields whose values depend on one another, by their entropy.",
    "associate [supcnt=<num>] [supfreq=<num>] [improv=<num>] [<field>...]",
    options={"supcnt": "number", "supfreq": "number", "improv": "number"},
    positional="fields",
)
