"""xslistconcepts: the words of a context (Extreme Search)."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "xslistconcepts",
    "Lists the words of a context.",
    "xsListConcepts FROM <context> [IN <container>]",
    positional="any",
    clauses=("from", "in", "by", "is", "using", "scoped"),
    minimum=0,
)
