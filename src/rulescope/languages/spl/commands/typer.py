"""typer: says which event types fit."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "typer",
    "Adds the field eventtype: the event types that fit each event.",
    "typer [eventtypes=<string>] [maxlen=<int>]",
    options={"eventtypes": "text", "maxlen": "integer"},
)
