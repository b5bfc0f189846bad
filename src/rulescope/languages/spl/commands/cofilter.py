"""cofilter: how often values of two fields occur together."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "cofilter",
    "Counts how often each two values of a field occur with the same value of another.",
    "cofilter <field> <field>",
    positional="fields",
    minimum=2,
    maximum=2,
)
