"""xsupdateddcontext: updates a context from data (Extreme Search)."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "xsupdateddcontext",
    "Updates a context, the meaning of words such as high and low, from data.",
    "xsUpdateDDContext name=<string> [<option>=<value>...]",
    positional="any",
    clauses=("from", "in", "by", "is", "using", "scoped"),
    minimum=0,
)
