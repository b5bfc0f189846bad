"""apply: predicts with a model that was learnt (Machine Learning Toolkit)."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "apply",
    "Applies a model that fit made to the rows.",
    "apply <model> [as <field>] [<option>=<value>...]",
    positional="words",
    minimum=1,
    clauses=("as",),
    open_options=True,
)
