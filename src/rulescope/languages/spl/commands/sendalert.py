"""sendalert: runs an alert action."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "sendalert",
    "Runs an alert action on the rows.",
    "sendalert <action> [results_link=<url>] [results_path=<path>] [param.<name>=<value>...]",
    options={"results_link": "text", "results_path": "text"},
    positional="words",
    minimum=1,
    maximum=1,
    open_options=True,
)
