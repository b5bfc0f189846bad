"""require: fails where there are no rows."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "require",
    "Makes the search fail where there are no rows.",
    "require",
)
