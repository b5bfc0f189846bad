"""xsdisplaycontext: shows a context (Extreme Search)."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "xsdisplaycontext",
    "Shows how a context is defined.",
    "xsDisplayContext <context> [IN <container>]",
    positional="any",
    clauses=("from", "in", "by", "is", "using", "scoped"),
    minimum=0,
)
