"""collapse: puts result files together (internal)."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "collapse",
    "Puts the files of a result together into as few as the size allows.",
    "collapse [chunksize=<num>] [force=<bool>]",
    options={"chunksize": "integer", "force": "boolean"},
)
