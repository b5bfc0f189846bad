"""prjob: runs a search on several indexers at once (internal)."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "prjob",
    "Runs a search, with its grouping spread over several indexers.",
    "prjob [num_of_reducers=<int>] [<subsearch>]",
    options={"num_of_reducers": "integer"},
    positional="subsearches",
    minimum=1,
)
