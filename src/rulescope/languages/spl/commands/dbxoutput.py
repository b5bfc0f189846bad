"""dbxoutput: writes rows to a database (DB Connect)."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "dbxoutput",
    "Writes the rows to a database, by an output that was set up.",
    "dbxoutput output=<string>",
    options={"output": "text"},
    required=("output",),
)
