"""runshellscript: runs the script of an alert (internal)."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "runshellscript",
    "Runs the script of an alert.",
    "runshellscript <script> [<argument>...]",
    positional="words",
    minimum=1,
)
