"""fit: learns a model (Machine Learning Toolkit)."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "fit",
    "Learns a model from the rows and applies it to them.",
    ("fit <algorithm> <field>... [from <field>...] [by <field>...] [into <model>] [as <field>] [<option>=<value>...]"),
    positional="any",
    minimum=1,
    clauses=("from", "into", "by", "as"),
    open_options=True,
)
