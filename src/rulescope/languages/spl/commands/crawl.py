"""crawl: looks for new sources of data."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "crawl",
    "Looks through folders or the network for data that could be indexed.",
    "crawl [files | network] [<option>=<value>...]",
    positional="words",
    open_options=True,
)
