"""xslistcontexts: the contexts of a container (Extreme Search)."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "xslistcontexts",
    "Lists the contexts of a container.",
    "xsListContexts IN <container>",
    positional="any",
    clauses=("from", "in", "by", "is", "using", "scoped"),
    minimum=0,
)
