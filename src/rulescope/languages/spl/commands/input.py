"""input: adds or removes an input."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "input",
    "Adds a source to the inputs, or takes it away.",
    "input (add | remove) [sourcetype=<string>] [index=<string>] [<key>=<value>...]",
    clauses=("add", "remove"),
    positional="words",
    open_options=True,
)
