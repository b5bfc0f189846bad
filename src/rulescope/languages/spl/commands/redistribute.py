"""redistribute: spreads the work over indexers."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "redistribute",
    "Spreads the rows over several indexers, so that they group them at once.",
    "redistribute [num_of_reducers=<int>] [by <field>...]",
    options={"num_of_reducers": "integer"},
    clauses=("by",),
)
