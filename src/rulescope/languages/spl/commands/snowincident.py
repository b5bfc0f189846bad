"""snowincident: creates an incident in ServiceNow (Splunk Add-on for ServiceNow)."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "snowincident",
    "Creates an incident in ServiceNow.",
    "snowincident [--<argument> <value>]...",
    positional="any",
)
