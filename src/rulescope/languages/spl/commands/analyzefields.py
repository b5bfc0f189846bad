"""analyzefields: how well numeric fields predict a class."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "analyzefields",
    "Rates how well each numeric field predicts the values of a field.",
    "analyzefields classfield=<field>",
    options={"classfield": "text"},
    required=("classfield",),
)
