"""deletemodel: deletes a model (Machine Learning Toolkit)."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "deletemodel",
    "Deletes a model that fit made.",
    "deletemodel <model>",
    positional="words",
    minimum=1,
    maximum=1,
)
