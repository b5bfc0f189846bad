"""searchtxn: finds transactions of a known type."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "searchtxn",
    "Finds the transactions of a configured type that a condition holds for.",
    ("searchtxn <transaction-type> [max_terms=<int>] [use_disjunct=<bool>] [eventsonly=<bool>] <condition>"),
    options={"max_terms": "integer", "use_disjunct": "boolean", "eventsonly": "boolean"},
    positional="words",
    minimum=1,
    condition=True,
)
