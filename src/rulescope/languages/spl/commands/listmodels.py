"""listmodels: the models that were learnt (Machine Learning Toolkit)."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "listmodels",
    "Lists the models that fit made.",
    "listmodels",
)
