"""snoweventstream: creates an event in ServiceNow for each row (Splunk Add-on for ServiceNow)."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "snoweventstream",
    "Creates an event in ServiceNow for each row.",
    "snoweventstream [--<argument> <value>]...",
    positional="any",
)
