"""timewrap: lays periods over one another."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "timewrap",
    "Lays the periods of a timechart over one another, to compare them.",
    ("timewrap [<span>] [align=(now | end)] [series=(relative | exact | short)] [time_format=<string>]"),
    options={"align": ("now", "end"), "series": ("relative", "exact", "short"), "time_format": "text"},
    positional="words",
    maximum=1,
)
