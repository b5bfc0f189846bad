"""findtypes: suggests event types."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "findtypes",
    "Suggests searches that would make good event types.",
    "findtypes max=<int> [notcovered] [useraw]",
    options={"max": "integer"},
    required=("max",),
    clauses=("notcovered", "useraw"),
)
