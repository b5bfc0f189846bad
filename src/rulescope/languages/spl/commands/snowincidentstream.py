"""snowincidentstream: creates an incident in ServiceNow for each row (Splunk Add-on for ServiceNow)."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "snowincidentstream",
    "Creates an incident in ServiceNow for each row.",
    "snowincidentstream [--<argument> <value>]...",
    positional="any",
)
