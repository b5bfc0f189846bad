"""script: runs a script over the rows."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "script",
    "Hands the rows to a script and takes what it gives back.",
    "script (perl | python) <script> [<argument>...] [maxinputs=<int>]",
    options={"maxinputs": "integer"},
    positional="words",
    minimum=1,
    open_options=True,
)
