"""noop: nothing but settings for the search."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "noop",
    "Does nothing to the rows; sets how the search is run and logged.",
    "noop [<setting>=<value>...]",
    open_options=True,
)
