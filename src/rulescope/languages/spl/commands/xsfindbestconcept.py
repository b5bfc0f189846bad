"""xsfindbestconcept: the word that fits a value best (Extreme Search)."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "xsfindbestconcept",
    "Adds the word of a context that fits a value best.",
    "xsFindBestConcept <field> FROM <context> [BY <field>...]",
    positional="any",
    clauses=("from", "in", "by", "is", "using", "scoped"),
    minimum=0,
)
