"""iconify: an icon for each kind of event."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "iconify",
    "Shows an icon beside each event, one for each combination of values.",
    "iconify <field>...",
    positional="fields",
    minimum=1,
)
