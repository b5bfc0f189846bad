"""localize: time ranges in which events lie."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "localize",
    "Gives the time ranges in which the events lie close together.",
    "localize [maxpause=<span>] [timeafter=<span>] [timebefore=<span>]",
    options={"maxpause": "interval", "timeafter": "interval", "timebefore": "interval"},
)
