"""entitymerge: merges assets or identities (Enterprise Security)."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "entitymerge",
    "Merges rows that speak of the same asset or identity.",
    "entitymerge [<argument>...]",
    positional="any",
)
