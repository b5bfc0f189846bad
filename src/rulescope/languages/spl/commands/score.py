"""score: measures a model (Machine Learning Toolkit)."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "score",
    "Measures how well predictions agree with what was so.",
    "score <method> <field>... [against <field>...] [<option>=<value>...]",
    positional="any",
    minimum=1,
    clauses=("against",),
    open_options=True,
)
