"""summary: what a model holds (Machine Learning Toolkit)."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "summary",
    "Shows what a model that fit made has learnt.",
    "summary <model>",
    positional="words",
    minimum=1,
    maximum=1,
)
