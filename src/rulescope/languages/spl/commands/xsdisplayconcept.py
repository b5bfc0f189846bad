"""xsdisplayconcept: shows a word of a context (Extreme Search)."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "xsdisplayconcept",
    "Shows how a word of a context is defined.",
    "xsDisplayConcept <concept> FROM <context> [IN <container>]",
    positional="any",
    clauses=("from", "in", "by", "is", "using", "scoped"),
    minimum=0,
)
