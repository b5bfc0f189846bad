"""typelearner: suggests event types (deprecated)."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "typelearner",
    "Suggests searches for event types by the punctuation of the events.",
    "typelearner [<field>] [maxlen=<int>]",
    options={"maxlen": "integer"},
    positional="fields",
    maximum=1,
)
