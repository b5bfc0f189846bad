"""snowevent: creates an event in ServiceNow (Splunk Add-on for ServiceNow)."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "snowevent",
    "Creates an event in ServiceNow.",
    "snowevent [--<argument> <value>]...",
    positional="any",
)
