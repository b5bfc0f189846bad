"""xscreateddcontext: makes a context from data (Extreme Search)."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "xscreateddcontext",
    "Makes a context, the meaning of words such as high and low, from data.",
    "xsCreateDDContext name=<string> [<option>=<value>...]",
    positional="any",
    clauses=("from", "in", "by", "is", "using", "scoped"),
    minimum=0,
)
