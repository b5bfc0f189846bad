"""savedsearch: runs a saved search."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "savedsearch",
    "Runs a saved search; name=value fills in its tokens.",
    "savedsearch <name> [nosubstitution=<bool>] [<token>=<value>...]",
    options={"nosubstitution": "boolean"},
    positional="words",
    minimum=1,
    open_options=True,
)
