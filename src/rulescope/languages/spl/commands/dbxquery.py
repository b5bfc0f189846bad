"""dbxquery: reads rows from a database (DB Connect)."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "dbxquery",
    "Runs an SQL query or a procedure on a database and gives its rows.",
    (
        "dbxquery connection=<string> (query=<string> | procedure=<string>) [params=<string>]"
        " [fetchsize=<int>] [maxrows=<int>] [timeout=<int>] [shortnames=<bool>]"
    ),
    options={
        "connection": "text",
        "query": "text",
        "procedure": "text",
        "params": "text",
        "fetchsize": "integer",
        "maxrows": "integer",
        "timeout": "integer",
        "shortnames": "boolean",
        "output": "text",
        "wrap": "boolean",
    },
    positional="words",
)
