"""audit: reads the audit trail."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "audit",
    "Checks and unpacks the events of the audit trail.",
    "audit",
)
